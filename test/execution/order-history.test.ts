import { expect, test } from "bun:test";
import fc from "fast-check";
import { orderNumber } from "../../src/core/command.ts";
import { E_GENERATION, E_SLOT, OrderStatus } from "../../src/core/event.ts";
import type { DoneOrder } from "../../src/execution/done-orders.ts";
import { OrderHistory } from "../../src/execution/order-history.ts";
import { NO_STATE_CHECK } from "../../src/persistence/backend.ts";
import {
  buy,
  type Command,
  cancel,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
} from "../core/command-builder.ts";
import { CoreRun } from "../core/run.ts";

const run = new CoreRun();

/** A new exchange; `tick` applies commands and gives the number of each one's order. */
function open(ordersMax?: number) {
  const { core } = run;
  core.reset();
  const history = new OrderHistory(core, ordersMax);
  let ticks = 0;
  const tick = (...commands: Command[]): number[] => {
    ticks++;
    run.beginTick();
    const numbers = commands.map((command) => {
      run.apply(command);
      const E = core.events.ints;
      const reply = core.events.end() - 16;
      return orderNumber(E[reply + E_SLOT], E[reply + E_GENERATION]);
    });
    history.tick({
      tick: ticks,
      timestamp: 1000 + ticks,
      firstSequence: 1,
      count: commands.length,
      ...NO_STATE_CHECK,
    });
    return numbers;
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

const mine = { account: 1, symbol: 3 };
const theirs = { account: 2, symbol: 3 };

test("keeps every way in which an order ends, as it ended", () => {
  const { history, tick } = open();
  const resting = buy({ ...mine, price: 9, quantity: 5 });
  const [first, second, last] = tick(
    buy({ ...mine, price: 20, quantity: 5, clientId: "first" }),
    buy({ ...mine, price: 10, quantity: 5, clientId: "second" }),
    resting,
  );
  expect([first, second, last].map((number) => history.find(number))).toEqual([null, null, null]);
  const [taker, expired] = tick(
    sell({ ...theirs, price: 10, quantity: 7 }),
    sell({ ...theirs, price: 10, quantity: 9, timeInForce: "IOC", clientId: "expired" }),
  );
  expect(history.find(last)).toBeNull();
  tick(cancel({ account: 1, of: resting }));

  const done = { book: 6, remaining: 0, stopPrice: 0, timestamp: 1003, tick: 3 };
  expect(history.find(first)).toEqual({
    ...done,
    number: first,
    account: 1,
    price: 20,
    quantity: 5,
    orderFlags: 0,
    status: OrderStatus.FILLED,
    notional: 100,
    clientOrderId: "first",
  });
  expect(history.find(second)).toEqual({
    ...done,
    number: second,
    account: 1,
    price: 10,
    quantity: 5,
    orderFlags: 0,
    status: OrderStatus.FILLED,
    notional: 50,
    clientOrderId: "second",
  });
  expect(history.find(taker)).toEqual({
    ...done,
    number: taker,
    account: 2,
    book: 7,
    price: 10,
    quantity: 7,
    orderFlags: 0,
    status: OrderStatus.FILLED,
    notional: 120,
    clientOrderId: "",
  });
  expect(history.find(expired)).toEqual({
    ...done,
    number: expired,
    account: 2,
    book: 7,
    price: 10,
    quantity: 9,
    remaining: 6,
    orderFlags: 1 << 4,
    status: OrderStatus.EXPIRED,
    notional: 30,
    clientOrderId: "expired",
  });
  expect(history.find(last)).toEqual({
    ...done,
    number: last,
    account: 1,
    price: 9,
    quantity: 5,
    remaining: 5,
    orderFlags: 0,
    status: OrderStatus.CANCELLED,
    notional: 0,
    clientOrderId: "",
    timestamp: 1004,
    tick: 4,
  });
});

test("what is open, refused or repeated is not in it", () => {
  const { history, tick } = open();
  const bid = buy({ ...mine, price: 10, quantity: 5, clientId: "a" });
  const [resting, repeated, refused] = tick(bid, bid, sell({ ...mine, price: 10, quantity: 5 }));
  expect(repeated).toBe(resting);
  expect([resting, refused, 0, 2 ** 53 - 1].map((number) => history.find(number))).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

test("a repeat of an order that is done leaves it in its place", () => {
  const { history, tick } = open(2);
  const bid = buy({ ...mine, price: 10, quantity: 5, timeInForce: "IOC", clientId: "a" });
  const [number] = tick(bid);
  const before = history.find(number);
  tick(bid, bid, bid);
  expect(history.find(number)).toEqual(before as DoneOrder);
});

test("pages of an account's own, last done first, of all symbols and of one", () => {
  const { history, tick } = open(8);
  tick(listSymbol({ symbol: 4 }));
  const ioc = { price: 1, quantity: 1, timeInForce: "IOC" } as const;
  const other = tick(buy({ ...mine, ...ioc, symbol: 4 }));
  const done = tick(...Array.from({ length: 4 }, () => buy({ ...mine, ...ioc })));
  tick(sell({ ...theirs, ...ioc }), buy({ ...mine, price: 1, quantity: 1 }));
  const listed = (symbol: number, limit: number): number[] => {
    const numbers: number[] = [];
    let before: number | null = 0;
    while (before !== null) {
      const page: { rows: DoneOrder[]; next: number | null } = history.page(
        1,
        symbol,
        before,
        limit,
      );
      numbers.push(...page.rows.map(({ number }) => number));
      before = page.next;
    }
    return numbers;
  };
  for (const limit of [1, 2, 3, 5, 50]) {
    expect(listed(-1, limit)).toEqual([...[...done].reverse(), ...other]);
    expect(listed(3, limit)).toEqual([...done].reverse());
    expect(listed(4, limit)).toEqual(other);
  }
  tick(...Array.from({ length: 6 }, () => sell({ ...theirs, ...ioc, price: 2 })));
  expect(listed(-1, 50)).toEqual([done[3]]);
});

test("the oldest makes room, and every other is found", () => {
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
        const found = done.map((number) => history.find(number)?.number ?? null);
        expect(found).toEqual(
          done.map((number, i) => (i < done.length - ordersMax ? null : number)),
        );
      }
    }),
    { numRuns: 30 },
  );
});
