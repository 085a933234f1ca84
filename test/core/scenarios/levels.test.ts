/** What is told of price levels: new totals, after the trades of a command and before the life of its orders. */
import { describe, expect, test } from "bun:test";
import {
  amend,
  at,
  buy,
  type Command,
  cancel,
  cancelAll,
  clock,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  setSymbolState,
} from "../command-builder.ts";
import { Lockstep } from "../fuzz/lockstep.ts";
import { createTestCore } from "../test-core.ts";
import { ALICE, BOB, CAROL, type Scenario, scenario } from "./scenario.ts";

/** A scenario of which every event is compared. */
const levels = (name: string, it: Scenario): void => scenario(name, { ...it, hasLevels: true });

const bid = buy({ account: ALICE, price: 100, quantity: 10 });
const bobs = buy({ account: BOB, price: 100, quantity: 5 });

levels("a new order, less of one, and a cancelled one", {
  when: [
    bid,
    bobs,
    amend({ account: ALICE, of: bid, quantity: 6 }),
    cancel({ account: BOB, of: bobs }),
    cancel({ account: ALICE, of: bid }),
  ],
  events: [
    "level: BUY 10 @ 100",
    "order 1 ACCEPTED (reply news open): Alice BUY 10 @ 100, 10 left",
    "level: BUY 15 @ 100",
    "order 2 ACCEPTED (reply news open): Bob BUY 5 @ 100, 5 left",
    "level: BUY 11 @ 100",
    "order 1 ACCEPTED (reply news open): Alice BUY 6 @ 100, 6 left",
    "level: BUY 6 @ 100",
    "order 2 CANCELLED USER (reply news): Bob BUY 5 @ 100, 5 left",
    "level: BUY 0 @ 100",
    "order 1 CANCELLED USER (reply news): Alice BUY 6 @ 100, 6 left",
  ],
});

const offers = [
  sell({ account: BOB, price: 100, quantity: 4 }),
  sell({ account: CAROL, price: 100, quantity: 2 }),
  sell({ account: BOB, price: 101, quantity: 5 }),
];

levels("each price that was traded at once, and the one at which the rest rests", {
  given: offers,
  when: buy({ account: ALICE, price: 102, quantity: 13 }),
  events: [
    "trade 1: 4 @ 100, Alice (order 4, 9 left) buys from Bob (order 1, 0 left)",
    "trade 2: 2 @ 100, Alice (order 4, 7 left) buys from Carol (order 2, 0 left)",
    "trade 3: 5 @ 101, Alice (order 4, 2 left) buys from Bob (order 3, 0 left)",
    "level: SELL 0 @ 100",
    "level: SELL 0 @ 101",
    "level: BUY 2 @ 102",
    "order 4 PARTIALLY_FILLED (reply open): Alice BUY 13 @ 102, 2 left, filled for 1105",
  ],
});

levels("an order that trades with part of a level", {
  given: offers,
  when: buy({ account: ALICE, type: "MARKET", quantity: 5 }),
  events: [
    "trade 1: 4 @ 100, Alice (order 4, 1 left) buys from Bob (order 1, 0 left)",
    "trade 2: 1 @ 100, Alice (order 4, 0 left) buys from Carol (order 2, 1 left)",
    "level: SELL 1 @ 100",
    "order 4 FILLED (reply): Alice BUY 5 MARKET, 0 left, filled for 500",
  ],
});

levels("nothing where nothing changes", {
  given: [bid],
  when: [
    buy({ account: ALICE, price: 99, quantity: 1, timeInForce: "IOC" }),
    buy({ account: ALICE, price: 5_000, quantity: 10 }),
    amend({ account: ALICE, of: bid, price: 100 }),
    clock(),
  ],
  events: [
    "order 2 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 1 @ 99 IOC, 1 left",
    "refused: INSUFFICIENT_FUNDS needs 50000 has 9000",
    "order 1 ACCEPTED (reply open): Alice BUY 10 @ 100, 10 left",
    "done",
  ],
});

describe("self-trade prevention in the middle: the own order's level right before it", () => {
  levels("between two prices", {
    given: [
      sell({ account: BOB, price: 99, quantity: 4 }),
      sell({ account: ALICE, price: 100, quantity: 4 }),
      sell({ account: BOB, price: 101, quantity: 4 }),
    ],
    when: buy({ account: ALICE, price: 101, quantity: 10, selfTrade: "CANCEL_OLDEST" }),
    events: [
      "trade 1: 4 @ 99, Alice (order 4, 6 left) buys from Bob (order 1, 0 left)",
      "level: SELL 0 @ 100",
      "order 2 CANCELLED SELF_TRADE (news): Alice SELL 4 @ 100, 4 left",
      "trade 2: 4 @ 101, Alice (order 4, 2 left) buys from Bob (order 3, 0 left)",
      "level: SELL 0 @ 99",
      "level: SELL 0 @ 101",
      "level: BUY 2 @ 101",
      "order 4 PARTIALLY_FILLED (reply open): Alice BUY 10 @ 101 CANCEL_OLDEST, 2 left, filled for 800",
    ],
  });
  levels("between two orders at one price: its total is that of the moment", {
    given: [
      sell({ account: BOB, price: 100, quantity: 4 }),
      sell({ account: ALICE, price: 100, quantity: 3 }),
      sell({ account: BOB, price: 100, quantity: 5 }),
    ],
    when: buy({ account: ALICE, price: 100, quantity: 6, selfTrade: "CANCEL_OLDEST" }),
    events: [
      "trade 1: 4 @ 100, Alice (order 4, 2 left) buys from Bob (order 1, 0 left)",
      "level: SELL 5 @ 100",
      "order 2 CANCELLED SELF_TRADE (news): Alice SELL 3 @ 100, 3 left",
      "trade 2: 2 @ 100, Alice (order 4, 0 left) buys from Bob (order 3, 3 left)",
      "level: SELL 3 @ 100",
      "order 4 FILLED (reply): Alice BUY 6 @ 100 CANCEL_OLDEST, 0 left, filled for 600",
    ],
  });
  levels("an own order that is reduced", {
    given: [sell({ account: ALICE, price: 100, quantity: 9 })],
    when: buy({ account: ALICE, price: 100, quantity: 6, selfTrade: "DECREMENT" }),
    events: [
      "level: SELL 3 @ 100",
      "order 1 ACCEPTED (news open): Alice SELL 3 @ 100, 3 left",
      "refused: SELF_TRADE",
    ],
  });
});

describe("an amended order that goes out and comes in again", () => {
  levels("trades first; then the level that it left", {
    given: [sell({ account: BOB, price: 105, quantity: 4 }), bid, bobs],
    when: amend({ account: ALICE, of: bid, price: 106 }),
    events: [
      "trade 1: 4 @ 105, Alice (order 2, 6 left) buys from Bob (order 1, 0 left)",
      "level: SELL 0 @ 105",
      "level: BUY 5 @ 100",
      "level: BUY 6 @ 106",
      "order 2 PARTIALLY_FILLED (reply open): Alice BUY 10 @ 106, 6 left, filled for 420",
    ],
  });
  levels("is filled", {
    given: [sell({ account: BOB, price: 105, quantity: 10 }), bid],
    when: amend({ account: ALICE, of: bid, price: 105 }),
    events: [
      "trade 1: 10 @ 105, Alice (order 2, 0 left) buys from Bob (order 1, 0 left)",
      "level: SELL 0 @ 105",
      "level: BUY 0 @ 100",
      "order 2 FILLED (reply): Alice BUY 10 @ 105, 0 left, filled for 1050",
    ],
  });
  levels("goes to the end of its own level, which is told of once", {
    given: [bid, bobs],
    when: amend({ account: ALICE, of: bid, quantity: 11 }),
    events: [
      "level: BUY 16 @ 100",
      "order 1 ACCEPTED (reply news open): Alice BUY 11 @ 100, 11 left",
    ],
  });
});

levels("an auction: each price in the order in which trading left it", {
  given: [
    setSymbolState({ state: "AUCTION" }),
    buy({ account: ALICE, price: 102, quantity: 10 }),
    sell({ account: BOB, price: 101, quantity: 15 }),
    buy({ account: CAROL, price: 101, quantity: 20 }),
    sell({ account: BOB, price: 100, quantity: 10 }),
  ],
  when: setSymbolState({ state: "TRADING" }),
  events: [
    "trade 1: 10 @ 101, Bob (order 4, 0 left) sells to Alice (order 1, 0 left)",
    "trade 2: 15 @ 101, Carol (order 3, 5 left) buys from Bob (order 2, 0 left)",
    "level: BUY 0 @ 102",
    "level: SELL 0 @ 100",
    "level: BUY 5 @ 101",
    "level: SELL 0 @ 101",
    "symbol 0 is TRADING",
    "done",
  ],
});

levels("orders that are cancelled together, each after its level", {
  given: [bid, buy({ account: ALICE, price: 99, quantity: 1 })],
  when: cancelAll({ account: ALICE }),
  events: [
    "level: BUY 0 @ 99",
    "order 2 CANCELLED CANCEL_ALL (news): Alice BUY 1 @ 99, 1 left",
    "level: BUY 0 @ 100",
    "order 1 CANCELLED CANCEL_ALL (news): Alice BUY 10 @ 100, 10 left",
    "done, count 2",
  ],
});

levels("an order that expires", {
  given: [buy({ account: ALICE, price: 100, quantity: 1, timeInForce: "GTD", expireAt: 900 })],
  when: at(900, clock()),
  events: [
    "level: BUY 0 @ 100",
    "order 1 EXPIRED EXPIRE_AT (news): Alice BUY 1 @ 100 GTD, 1 left",
    "done",
  ],
});

const stop = { account: ALICE, type: "STOP_LIMIT", stopPrice: 110, price: 112 } as const;
const first = buy({ ...stop, quantity: 5 });

levels("stops that wait have no level, whatever becomes of them", {
  when: [
    first,
    amend({ account: ALICE, of: first, quantity: 4 }),
    amend({ account: ALICE, of: first, quantity: 6, price: 113, stopPrice: 111 }),
    cancel({ account: ALICE, of: first }),
    buy({ ...stop, quantity: 1, timeInForce: "GTD", expireAt: 900 }),
    at(900, clock()),
    buy({ ...stop, quantity: 1 }),
    cancelAll({ account: ALICE }),
  ],
  events: [
    "order 1 PENDING_TRIGGER (reply news open): Alice BUY 5 STOP 110 @ 112, 5 left",
    "order 1 PENDING_TRIGGER (reply news open): Alice BUY 4 STOP 110 @ 112, 4 left",
    "order 1 PENDING_TRIGGER (reply news open): Alice BUY 6 STOP 111 @ 113, 6 left",
    "order 1 CANCELLED USER (reply news): Alice BUY 6 STOP 111 @ 113, 6 left",
    "order 2 PENDING_TRIGGER (reply news open): Alice BUY 1 STOP 110 @ 112 GTD, 1 left",
    "order 2 EXPIRED EXPIRE_AT (news): Alice BUY 1 STOP 110 @ 112 GTD, 1 left",
    "done",
    "order 3 PENDING_TRIGGER (reply news open): Alice BUY 1 STOP 110 @ 112, 1 left",
    "order 3 CANCELLED CANCEL_ALL (news): Alice BUY 1 STOP 110 @ 112, 1 left",
    "done, count 1",
  ],
});

levels("a stop that came in has one where it rests", {
  given: [first, sell({ account: BOB, price: 110, quantity: 1 })],
  when: buy({ account: CAROL, price: 110, quantity: 1 }),
  events: [
    "trade 1: 1 @ 110, Carol (order 3, 0 left) buys from Bob (order 2, 0 left)",
    "level: SELL 0 @ 110",
    "order 3 FILLED (reply): Carol BUY 1 @ 110, 0 left, filled for 110",
    "level: BUY 5 @ 112",
    "order 1 ACCEPTED (news open): Alice BUY 5 STOP 110 @ 112, 5 left",
  ],
});

test("thousands of levels that one order sweeps: told after all of its trades, the best first", () => {
  const LEVELS = 5_000;
  const lockstep = new Lockstep(createTestCore(1), { checkEvery: 10_000, tickLength: 10_000 });
  const apply = (command: Command): string[] => {
    const { events, difference } = lockstep.apply(command);
    // Thousands of events: the whole difference would hide what differs.
    expect(difference?.slice(0, 2_000)).toBeUndefined();
    return events.map(({ event }) => event);
  };
  apply(listSymbol({ symbol: 0 }));
  for (const account of [1, 2]) apply(openAccount({ account }));
  apply(depositShares({ account: 1, amount: LEVELS }));
  apply(depositCash({ account: 2, amount: 100_000_000 }));
  for (let i = 0; i < LEVELS; i++) {
    apply(sell({ account: 1, price: 1 + 3 * i, quantity: 1 }));
  }
  const events = apply(buy({ account: 2, type: "MARKET", quantity: LEVELS }));
  const expected = ["TRADE", "LEVEL"].flatMap((event) =>
    Array.from({ length: LEVELS }, () => event),
  );
  expect(events).toEqual([...expected, "ORDER"]);
  expect(lockstep.endTick()).toBeUndefined();
});
