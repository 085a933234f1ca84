/** What holds for every book and every order, whatever they are. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { type RestingOrder, replyOf, type TradeEvent } from "../reference/exchange-event.ts";
import {
  amend,
  type Command,
  cancel,
  cancelAll,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  type PlaceOptions,
  place,
  setAccount,
  setFees,
  setRules,
  setSymbolState,
} from "./command-builder.ts";
import { CoreRun } from "./run.ts";
import { createTestCore } from "./test-core.ts";

const core = createTestCore(1);
const ACCOUNTS = [1, 2, 3];
const CASH = 1_000_000;
const SHARES = 10_000;

const anAccount = fc.constantFrom(...ACCOUNTS);
const aSide = fc.constantFrom("BUY", "SELL");
const aPrice = fc.integer({ min: 90, max: 110 });
const aQuantity = fc.integer({ min: 1, max: 20 });
const aMode = fc.constantFrom("CANCEL_NEWEST", "CANCEL_OLDEST", "CANCEL_BOTH", "DECREMENT", "NONE");
const someFees = fc.record({
  maker: fc.integer({ min: -500, max: 500 }),
  taker: fc.integer({ min: 0, max: 500 }),
});
const anOrder: fc.Arbitrary<PlaceOptions> = fc.record({
  account: anAccount,
  side: aSide,
  price: aPrice,
  quantity: aQuantity,
  selfTrade: aMode,
});
const aStop: fc.Arbitrary<PlaceOptions> = fc.record({
  account: anAccount,
  side: aSide,
  type: fc.constantFrom("STOP", "STOP_LIMIT"),
  stopPrice: aPrice,
  price: aPrice,
  quantity: aQuantity,
  selfTrade: aMode,
});
/** What came before, of which some rests. */
const aBook = fc.array(anOrder, { maxLength: 30 });

/** A market in which these orders were placed, each with a client order id; under the rules of version 0, or the latest. */
function marketOf(
  book: readonly PlaceOptions[],
  fees = { maker: 0, taker: 0 },
  isLatest = false,
): CoreRun {
  core.reset();
  const run = new CoreRun(core);
  if (isLatest) run.setUp(setRules({}));
  const maker = isLatest ? Math.max(fees.maker, -fees.taker) : fees.maker;
  run.setUp(listSymbol({ symbol: 0 }), setFees({ ...fees, maker }));
  for (const account of ACCOUNTS) {
    run.setUp(openAccount({ account }), depositCash({ account, amount: CASH }));
    run.setUp(depositShares({ account, amount: SHARES }));
  }
  book.forEach((options, i) => {
    run.apply(place({ ...options, clientId: `id-${i}` }));
  });
  return run;
}

const opposite = (run: CoreRun, side: string): RestingOrder[] =>
  run.resting(0, side === "BUY" ? "SELL" : "BUY");

const crosses = ({ side, price = 0 }: PlaceOptions, resting: number): boolean =>
  side === "BUY" ? resting <= price : resting >= price;

const tradesOf = (run: CoreRun, command: Command): TradeEvent[] =>
  run.apply(command).filter((event) => event.event === "TRADE");

test("price-time priority: trades take the best price first, and at one price the oldest order", () => {
  fc.assert(
    fc.property(aBook, anOrder, (book, options) => {
      const run = marketOf(book);
      const queue = opposite(run, options.side);
      const expected: [order: number, price: number, quantity: number][] = [];
      let left = options.quantity;
      for (const { order, price, remaining } of queue) {
        if (left === 0 || !crosses(options, price)) break;
        expected.push([order, price, Math.min(left, remaining)]);
        left -= Math.min(left, remaining);
      }
      const trades = tradesOf(run, place({ ...options, selfTrade: "NONE" }));
      expect(trades.map(({ maker, price, quantity }) => [maker.order, price, quantity])).toEqual(
        expected,
      );
    }),
  );
});

test("no orders that could trade are left in the book", () => {
  fc.assert(
    fc.property(aBook, (book) => {
      const run = marketOf(book);
      const [bid] = run.resting(0, "BUY");
      const [ask] = run.resting(0, "SELL");
      expect(bid === undefined || ask === undefined || bid.price < ask.price).toBe(true);
    }),
  );
});

test("a post-only order never takes: it rests completely, or is refused if it would cross", () => {
  fc.assert(
    fc.property(aBook, anOrder, (book, options) => {
      const run = marketOf(book);
      const [best] = opposite(run, options.side);
      const events = run.apply(place({ ...options, postOnly: true }));
      const [reply, ...others] = events.filter(({ event }) => event !== "LEVEL");
      expect(others).toEqual([]);
      if (best !== undefined && crosses(options, best.price)) {
        expect(reply).toMatchObject({ event: "REJECT", code: "POST_ONLY_WOULD_CROSS" });
      } else {
        expect(reply).toMatchObject({ status: "ACCEPTED", remaining: options.quantity });
      }
    }),
  );
});

test("fill-or-kill fills completely or changes nothing", () => {
  fc.assert(
    fc.property(aBook, anOrder, (book, options) => {
      const run = marketOf(book);
      const before = run.view();
      const events = run.apply(place({ ...options, timeInForce: "FOK" }));
      const reply = events.at(-1);
      if (reply?.event === "REJECT") {
        expect(events).toHaveLength(1);
        expect(run.view()).toEqual(before);
      } else {
        const trades = events.filter((event) => event.event === "TRADE");
        const filled = trades.reduce((sum, { quantity }) => sum + quantity, 0);
        expect([reply, filled]).toMatchObject([{ status: "FILLED" }, options.quantity]);
      }
    }),
  );
});

test("immediate-or-cancel never rests", () => {
  fc.assert(
    fc.property(aBook, anOrder, (book, options) => {
      const run = marketOf(book);
      const before = run.resting(0, options.side);
      run.apply(place({ ...options, timeInForce: "IOC" }));
      expect(run.resting(0, options.side)).toEqual(before);
    }),
  );
});

test("a market order never rests, and trades whenever another user's order is first", () => {
  fc.assert(
    fc.property(aBook, anOrder, (book, { account, side, quantity, selfTrade = "NONE" }) => {
      const run = marketOf(book);
      const before = run.resting(0, side);
      const [best] = opposite(run, side);
      const trades = tradesOf(run, place({ account, side, quantity, selfTrade, type: "MARKET" }));
      expect(run.resting(0, side)).toEqual(before);
      if (best !== undefined && best.account !== account) expect(trades).not.toEqual([]);
    }),
  );
});

test("reducing an order keeps every order's place", () => {
  fc.assert(
    fc.property(aBook, aSide, fc.nat(), fc.nat(), (book, side, which, less) => {
      const run = marketOf(book);
      const queue = run.resting(0, side).filter(({ remaining }) => remaining > 1);
      const order = queue[which % queue.length];
      if (order === undefined) return;
      const { account, clientId } = order;
      const quantity = order.quantity - 1 - (less % (order.remaining - 1));
      const expected = run.resting(0, side).map((each) => {
        const isIt = each.order === order.order;
        return [each.order, isIt ? each.remaining - each.quantity + quantity : each.remaining];
      });
      run.apply(amend({ account, clientId, quantity }));
      const places = run.resting(0, side).map((each) => [each.order, each.remaining]);
      expect(places).toEqual(expected);
    }),
  );
});

test("a cancel releases exactly what the order had reserved, however much of it was filled", () => {
  fc.assert(
    fc.property(aBook, anOrder, someFees, (book, options, fees) => {
      const run = marketOf(book, fees);
      const { account } = options;
      const order = place(options);
      const reply = replyOf(run.apply(order));
      if (reply.event !== "ORDER" || !reply.open) return;
      const [cash, shares] = [run.cash(account), run.shares(account)];
      const rest = run.apply(cancel({ account, of: order })).at(-1);
      expect(rest).toMatchObject({ status: "CANCELLED", remaining: reply.remaining });
      const isBuy = options.side === "BUY";
      const notional = isBuy ? reply.price * reply.remaining : 0;
      const fee = Math.max(fees.maker, fees.taker, 0);
      const freed = notional + Math.floor((notional * fee) / 10_000);
      const freedShares = isBuy ? 0 : reply.remaining;
      expect([run.cash(account), run.shares(account)]).toEqual([
        { available: cash.available + freed, reserved: cash.reserved - freed },
        {
          available: shares.available + freedShares,
          reserved: shares.reserved - freedShares,
        },
      ]);
    }),
  );
});

test("orders that gathered in an auction trade at one price, and afterwards no orders that could trade are left", () => {
  fc.assert(
    fc.property(aBook, someFees, (book, fees) => {
      const run = marketOf([], fees);
      run.apply(setSymbolState({ state: "AUCTION" }));
      for (const options of book) expect(tradesOf(run, place(options))).toEqual([]);
      const trades = tradesOf(run, setSymbolState({ state: "TRADING" }));
      const prices = new Set(trades.map(({ price }) => price));
      expect(prices.size).toBeLessThanOrEqual(1);
      for (const { taker, maker } of trades) {
        const [bid, ask] = taker.side === "BUY" ? [taker, maker] : [maker, taker];
        expect([...prices].every((price) => price <= bid.price && price >= ask.price)).toBe(true);
      }
      const [bid] = run.resting(0, "BUY");
      const [ask] = run.resting(0, "SELL");
      expect(bid === undefined || ask === undefined || bid.price < ask.price).toBe(true);
    }),
  );
});

test("a stop triggers when a trade reaches it and not before; no reached stop keeps waiting", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(anOrder, aStop), { maxLength: 40 }), (orders) => {
      const run = marketOf([]);
      for (const options of orders) run.apply(place(options));
      const { last, stops } = run.view().symbols[0] ?? { last: null, stops: [] };
      const reached = stops.filter(({ side, stopPrice }) => {
        if (last === null) return false;
        return side === "BUY" ? last.price >= stopPrice : last.price <= stopPrice;
      });
      expect(reached).toEqual([]);
    }),
  );
});

test("a waiting stop never changes a level, from its arrival to its cancellation", () => {
  fc.assert(
    fc.property(aBook, aStop, aPrice, aQuantity, (book, options, stopPrice, quantity) => {
      const run = marketOf(book);
      // Nothing has traded at such a price: it waits whatever its stop price is.
      const far = (price: number): number => (options.side === "BUY" ? price + 100 : price - 80);
      const stop = place({ ...options, stopPrice: far(options.stopPrice ?? 0) });
      const { account } = options;
      const events = [
        stop,
        amend({ account, of: stop, quantity }),
        amend({ account, of: stop, stopPrice: far(stopPrice) }),
        cancel({ account, of: stop }),
      ].flatMap((command) => run.apply(command));
      expect(events.map(({ event }) => event)).toEqual(["ORDER", "ORDER", "ORDER", "ORDER"]);
    }),
  );
});

test("after everything is cancelled nothing is reserved, including for waiting stops", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(anOrder, aStop), { maxLength: 40 }), someFees, (orders, fees) => {
      const run = marketOf([], fees);
      for (const options of orders) run.apply(place(options));
      for (const account of ACCOUNTS) run.apply(cancelAll({ account }));
      for (const { cash, shares, orders: left } of run.view().accounts) {
        expect(left).toEqual([]);
        for (const { reserved } of [cash, ...shares]) expect(reserved).toBe(0);
      }
    }),
  );
});

test.each([
  ["under the latest rules, the operator too", true],
  ["under those before version 1, save the operator, who may owe rebates", false],
])("cash and shares are conserved, and nobody has less than nothing: %s", (_, isLatest) => {
  const aChange = fc.record({
    account: anAccount,
    which: fc.nat({ max: 29 }),
    price: fc.option(aPrice, { nil: 0 }),
    quantity: fc.option(aQuantity, { nil: 0 }),
  });
  fc.assert(
    fc.property(aBook, fc.array(aChange), someFees, someFees, (book, changes, fees, own) => {
      const run = marketOf([], fees, isLatest);
      run.apply(setAccount({ account: 1, fees: own }));
      book.forEach((options, i) => {
        run.apply(place({ ...options, clientId: `id-${i}` }));
      });
      for (const { account, which, price, quantity } of changes) {
        const target = { account, clientId: `id-${which}` };
        run.apply(price + quantity === 0 ? cancel(target) : amend({ ...target, price, quantity }));
      }
      const { accounts } = run.view();
      const cash = accounts.map((account) => account.cash);
      const shares = accounts.flatMap((account) => account.shares);
      const total = (holdings: readonly { available: number; reserved: number }[]): number =>
        holdings.reduce((sum, { available, reserved }) => sum + available + reserved, 0);
      expect([total(cash), total(shares)]).toEqual([3 * CASH, 3 * SHARES]);
      const least = [...cash.slice(isLatest ? 0 : 1), ...shares].flatMap(
        ({ available, reserved }) => [available, reserved],
      );
      expect(Math.min(...least)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("an order pays for all of its fills together what a single fill would cost", () => {
  const oneShare = fc.record({ price: aPrice, maker: fc.constantFrom(2, 3) });
  const someShares = fc.array(oneShare, { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(someShares, fc.integer({ min: 0, max: 500 }), (offers, taker) => {
      const run = marketOf([], { maker: 0, taker }, true);
      for (const { price, maker } of offers) {
        run.apply(place({ account: maker, side: "SELL", price, quantity: 1 }));
      }
      const quantity = offers.length;
      const trades = tradesOf(run, place({ account: 1, side: "BUY", price: 110, quantity }));
      const notional = offers.reduce((sum, { price }) => sum + price, 0);
      const fees = trades.reduce((sum, { takerFee }) => sum + takerFee, 0);
      expect(fees).toBe(Math.floor((notional * taker) / 10_000));
    }),
  );
});
