import { expect, test } from "bun:test";
import fc from "fast-check";
import { OrderType, TimeInForce } from "../../src/core/command.ts";
import { createCore } from "../../src/core/create.ts";
import { EndReason, OrderStatus } from "../../src/core/event.ts";
import { OrderState } from "../../src/protocol/order-state.ts";
import { OrderHistory } from "../../src/records/order-history.ts";
import {
  buy,
  type Command,
  cancel,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  setSymbolState,
} from "../core/command-builder.ts";
import { TickRun } from "../execution/tick-run.ts";
import { pages } from "./state-run.ts";

const core = createCore(8);

/** A new exchange; `tick` applies commands and gives the number of each one's order. */
function open(ordersMax?: number) {
  core.reset();
  const history = new OrderHistory(core.view, ordersMax);
  const run = new TickRun(core, [history]);
  const tick = (...commands: Command[]): number[] => {
    run.tick(commands);
    return commands.map((command) => run.numberOf(command));
  };
  tick(
    listSymbol({ symbol: 3 }),
    openAccount({ account: 1 }),
    openAccount({ account: 2 }),
    depositCash({ account: 1, amount: 1e9 }),
    depositShares({ account: 2, symbol: 3, amount: 1e6 }),
  );
  return { history, tick };
}

/** The done order of a number with the account that it was of, null when it is not there. */
function find(history: OrderHistory, number: number): (OrderState & { account: number }) | null {
  const target = new OrderState();
  const account = history.find(target, number, []);
  return account < 0 ? null : { account, ...target };
}

const mine = { account: 1, symbol: 3 };
const theirs = { account: 2, symbol: 3 };

test("keeps every way in which an order ends", () => {
  const { history, tick } = open();
  const resting = buy({ ...mine, price: 9, quantity: 5 });
  const [first, second, last] = tick(
    buy({ ...mine, price: 20, quantity: 5, clientId: "first" }),
    buy({ ...mine, price: 10, quantity: 5, clientId: "second" }),
    resting,
  );
  expect([first, second, last].map((number) => find(history, number))).toEqual([null, null, null]);
  const [taker, expired] = tick(
    sell({ ...theirs, price: 10, quantity: 7 }),
    sell({ ...theirs, price: 10, quantity: 9, timeInForce: "IOC", clientId: "expired" }),
  );
  expect(find(history, last)).toBeNull();
  tick(cancel({ account: 1, of: resting }));

  const done = { ...new OrderState(), symbol: 3, createdAt: 1002, timestamp: 1003, tick: 3 };
  expect(find(history, first)).toEqual({
    ...done,
    orderNumber: first,
    account: 1,
    price: 20,
    quantity: 5,
    filled: 5,
    status: OrderStatus.FILLED,
    notional: 100,
    clientOrderId: "first",
  });
  expect(find(history, second)).toEqual({
    ...done,
    orderNumber: second,
    account: 1,
    price: 10,
    quantity: 5,
    filled: 5,
    status: OrderStatus.FILLED,
    notional: 50,
    clientOrderId: "second",
  });
  expect(find(history, taker)).toEqual({
    ...done,
    orderNumber: taker,
    account: 2,
    side: 1,
    price: 10,
    quantity: 7,
    filled: 7,
    createdAt: 1003,
    status: OrderStatus.FILLED,
    notional: 120,
  });
  expect(find(history, expired)).toEqual({
    ...done,
    orderNumber: expired,
    account: 2,
    side: 1,
    timeInForce: TimeInForce.IOC,
    price: 10,
    quantity: 9,
    filled: 3,
    createdAt: 1003,
    status: OrderStatus.EXPIRED,
    reason: EndReason.TIME_IN_FORCE,
    notional: 30,
    clientOrderId: "expired",
  });
  expect(find(history, last)).toEqual({
    ...done,
    orderNumber: last,
    account: 1,
    price: 9,
    quantity: 5,
    status: OrderStatus.CANCELLED,
    reason: EndReason.USER,
    timestamp: 1004,
    tick: 4,
  });
});

test("keeps stop price, expiry and all other fields of an order", () => {
  const { history, tick } = open();
  const stop = buy({
    ...mine,
    type: "STOP_LIMIT",
    price: 30,
    stopPrice: 25,
    quantity: 5,
    timeInForce: "GTD",
    expireAt: 9_000,
    clientId: "stop",
  });
  const maker = buy({ ...mine, price: 9, quantity: 5, postOnly: true });
  const [first, second] = tick(stop, maker);
  tick(cancel({ account: 1, of: stop }), cancel({ account: 1, of: maker }));
  const done = {
    ...new OrderState(),
    symbol: 3,
    account: 1,
    quantity: 5,
    status: OrderStatus.CANCELLED,
    reason: EndReason.USER,
    createdAt: 1002,
    timestamp: 1003,
    tick: 3,
  };
  expect(find(history, first)).toEqual({
    ...done,
    orderNumber: first,
    type: OrderType.STOP_LIMIT,
    timeInForce: TimeInForce.GTD,
    price: 30,
    stopPrice: 25,
    expireAt: 9_000,
    clientOrderId: "stop",
  });
  expect(find(history, second)).toEqual({
    ...done,
    orderNumber: second,
    postOnly: true,
    price: 9,
  });
});

test("an order is known by its client order id too, after the ring has forgotten it", () => {
  const { history, tick } = open(2);
  const ioc = { ...mine, price: 1, quantity: 1, timeInForce: "IOC" } as const;
  const [named] = tick(buy({ ...ioc, clientId: "a" }));
  const before = find(history, named);
  tick(buy(ioc), buy(ioc));
  expect(find(history, named)).toBeNull();
  const known = core.view.findClientOrderId(1, "a");
  expect(known).toEqual({ order: named, clientId: expect.any(Number) });
  const target = new OrderState();
  history.readByClientId(target, known?.clientId ?? 0, "a");
  expect({ account: 1, ...target }).toEqual(before as OrderState & { account: number });
});

test("open, refused and repeated orders are not in it", () => {
  const { history, tick } = open();
  const bid = buy({ ...mine, price: 10, quantity: 5, clientId: "a" });
  const [resting, repeated, refused] = tick(bid, bid, sell({ ...mine, price: 10, quantity: 5 }));
  expect(repeated).toBe(resting);
  expect([resting, refused, 0, 2 ** 53 - 1].map((number) => find(history, number))).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test("a repeat of a done order leaves that order in its place", () => {
  const { history, tick } = open(2);
  const bid = buy({ ...mine, price: 10, quantity: 5, timeInForce: "IOC", clientId: "a" });
  const [number] = tick(bid);
  const before = find(history, number);
  tick(bid, bid, bid);
  expect(find(history, number)).toEqual(before as OrderState & { account: number });
});

test("pages of an account's own, last done first, of all symbols and of one", () => {
  const { history, tick } = open(8);
  tick(listSymbol({ symbol: 4 }));
  const ioc = { price: 1, quantity: 1, timeInForce: "IOC" } as const;
  const other = tick(buy({ ...mine, ...ioc, symbol: 4 }));
  const done = tick(...Array.from({ length: 4 }, () => buy({ ...mine, ...ioc })));
  tick(sell({ ...theirs, ...ioc }), buy({ ...mine, price: 1, quantity: 1 }));
  const target = new OrderState();
  const listed = (symbol: number, limit: number): number[] =>
    pages((before) => history.page(1, symbol, before, limit, target, () => target.orderNumber));
  for (const limit of [1, 2, 3, 5, 50]) {
    expect(listed(-1, limit)).toEqual([...[...done].reverse(), ...other]);
    expect(listed(3, limit)).toEqual([...done].reverse());
    expect(listed(4, limit)).toEqual(other);
  }
  tick(...Array.from({ length: 6 }, () => sell({ ...theirs, ...ioc, price: 2 })));
  expect(listed(-1, 50)).toEqual([...[...done].reverse(), ...other]);
});

test("an account's last 128 orders stay, however many others come after them", () => {
  const { history, tick } = open(8);
  const ioc = { price: 1, quantity: 1, timeInForce: "IOC" } as const;
  const done: number[] = [];
  for (let i = 0; i < 160; i++) {
    done.push(...tick(buy({ ...mine, ...ioc, clientId: `mine ${i}` })));
    if (i % 3 === 0) tick(sell({ ...theirs, ...ioc, price: 2 }));
  }
  const foreign = Array.from({ length: 200 }, () => tick(sell({ ...theirs, ...ioc, price: 2 }))[0]);
  const target = new OrderState();
  const listed = (account: number, limit: number): [number, string][] =>
    pages((before) =>
      history.page(account, -1, before, limit, target, (): [number, string] => [
        target.orderNumber,
        target.clientOrderId,
      ]),
    );
  const kept = done.slice(-128).reverse();
  for (const limit of [1, 3, 128, 500]) {
    expect(listed(1, limit)).toEqual(kept.map((number, i) => [number, `mine ${159 - i}`]));
    expect(listed(2, limit).map(([number]) => number)).toEqual(foreign.slice(-128).reverse());
  }
  expect(kept.map((number) => history.find(target, number, [2, 1]))).toEqual(kept.map(() => 1));
  expect(kept.map((number) => history.find(target, number, [2]))).toEqual(kept.map(() => -1));
  expect(history.find(target, done[31] ?? 0, [1])).toBe(-1);
  // What comes next goes before them, and takes the places of the oldest.
  const [next] = tick(buy({ ...mine, ...ioc, clientId: "next" }));
  expect(listed(1, 500).map(([number]) => number)).toEqual([next, ...kept.slice(0, 127)]);
});

test("the oldest order makes room, and every other one is found", () => {
  const size = fc.constantFrom(1, 2, 4, 8, 16);
  // How many orders stay open before each that ends: they spread the numbers over the index.
  const orders = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 120 });
  fc.assert(
    fc.property(size, orders, (ordersMax, steps) => {
      const { history, tick } = open(ordersMax);
      const done: number[] = [];
      for (const stillOpen of steps) {
        const bids = Array.from({ length: stillOpen }, () =>
          buy({ ...mine, price: 1, quantity: 1 }),
        );
        tick(...bids);
        const ended = buy({ ...mine, price: 1, quantity: 1, timeInForce: "IOC" });
        done.push(...tick(ended));
        const found = done.map((number) => find(history, number)?.orderNumber ?? null);
        expect(found).toEqual(
          done.map((number, i) => (i < done.length - ordersMax ? null : number)),
        );
      }
    }),
    { numRuns: 30 },
  );
});

test("both orders that an auction fills are known, the one that came later too", () => {
  const { history, tick } = open();
  tick(setSymbolState({ symbol: 3, state: "AUCTION" }));
  const [bid, ask] = tick(
    buy({ ...mine, price: 11, quantity: 5, clientId: "earlier" }),
    sell({ ...theirs, price: 10, quantity: 5, clientId: "later" }),
  );
  tick(setSymbolState({ symbol: 3, state: "TRADING" }));
  const filled = {
    ...new OrderState(),
    symbol: 3,
    quantity: 5,
    filled: 5,
    status: OrderStatus.FILLED,
    notional: 50,
    createdAt: 1003,
    timestamp: 1004,
    tick: 4,
  };
  const earlier = { ...filled, orderNumber: bid, price: 11, clientOrderId: "earlier" };
  const later = { ...filled, orderNumber: ask, side: 1, price: 10, clientOrderId: "later" };
  expect(find(history, bid)).toEqual({ ...earlier, account: 1 });
  expect(find(history, ask)).toEqual({ ...later, account: 2 });
  const target = new OrderState();
  const listed = (account: number) =>
    pages((before) => history.page(account, 3, before, 50, target, () => ({ ...target })));
  expect([listed(1), listed(2)]).toEqual([[earlier], [later]]);
  const known = core.view.findClientOrderId(2, "later");
  history.readByClientId(target, known?.clientId ?? 0, "later");
  expect({ ...target }).toEqual(later);
});
