import { amend, at, buy, cancel, clock, sell, setSymbolState } from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

const till1000 = buy({
  account: ALICE,
  price: 100,
  quantity: 5,
  timeInForce: "GTD",
  expireAt: 1_000,
});

scenario("a GTD order rests till its time, and a command at that time finds it gone", {
  given: [till1000],
  when: [
    at(999, sell({ account: BOB, price: 100, quantity: 1 })),
    at(1_000, sell({ account: BOB, price: 100, quantity: 1 })),
  ],
  events: [
    "trade 1: 1 @ 100, Bob (order 2, 0 left) sells to Alice (order 1, 4 left)",
    "order 2 FILLED (reply): Bob SELL 1 @ 100, 0 left, filled for 100",
    "order 1 EXPIRED EXPIRE_AT (news): Alice BUY 5 @ 100 GTD, 4 left, filled for 100",
    "order 3 ACCEPTED (reply news open): Bob SELL 1 @ 100, 1 left",
  ],
  bids: [],
  asks: ["100 x 1"],
  cash: { [ALICE]: [9_900, 0] },
});
scenario("CLOCK does it when there is nothing else", {
  given: [till1000],
  when: [at(999, clock()), at(5_000, clock())],
  events: ["done", "order 1 EXPIRED EXPIRE_AT (news): Alice BUY 5 @ 100 GTD, 5 left", "done"],
  bids: [],
  cash: { [ALICE]: [10_000, 0] },
});
scenario("a time that is not ahead is refused", {
  when: [
    at(500, buy({ account: ALICE, price: 100, quantity: 5, timeInForce: "GTD", expireAt: 500 })),
    at(500, buy({ account: ALICE, price: 100, quantity: 5, timeInForce: "GTD" })),
    at(
      500,
      buy({ account: ALICE, price: 100, quantity: 5, timeInForce: "GTD", expireAt: Number.NaN }),
    ),
    at(500, buy({ account: ALICE, price: 100, quantity: 5, timeInForce: "GTD", expireAt: 501 })),
  ],
  events: [
    "refused: INVALID_PARAMETER EXPIRE_AT",
    "refused: INVALID_PARAMETER EXPIRE_AT",
    "refused: INVALID_PARAMETER EXPIRE_AT",
    "order 1 ACCEPTED (reply news open): Alice BUY 5 @ 100 GTD, 5 left",
  ],
});
scenario("the earliest first; at one time the one that queued first, whatever the price", {
  given: [
    sell({ account: BOB, price: 120, quantity: 1, timeInForce: "GTD", expireAt: 900 }),
    buy({ account: ALICE, price: 90, quantity: 1, timeInForce: "GTD", expireAt: 900 }),
    buy({ account: CAROL, price: 95, quantity: 1, timeInForce: "GTD", expireAt: 800 }),
    buy({ account: CAROL, price: 95, quantity: 1, timeInForce: "GTD", expireAt: 1_001 }),
  ],
  when: at(1_000, clock()),
  events: [
    "order 3 EXPIRED EXPIRE_AT (news): Carol BUY 1 @ 95 GTD, 1 left",
    "order 1 EXPIRED EXPIRE_AT (news): Bob SELL 1 @ 120 GTD, 1 left",
    "order 2 EXPIRED EXPIRE_AT (news): Alice BUY 1 @ 90 GTD, 1 left",
    "done",
  ],
  bids: ["95 x 1"],
});
scenario("an amended order keeps its time; one that is done needs none", {
  given: [
    till1000,
    sell({ account: BOB, price: 101, quantity: 1, timeInForce: "GTD", expireAt: 1_000 }),
  ],
  when: [
    at(900, amend({ account: ALICE, of: till1000, price: 101, quantity: 4 })),
    at(2_000, clock()),
  ],
  events: [
    "trade 1: 1 @ 101, Alice (order 1, 3 left) buys from Bob (order 2, 0 left)",
    "order 1 PARTIALLY_FILLED (reply open): Alice BUY 4 @ 101 GTD, 3 left, filled for 101",
    "order 1 EXPIRED EXPIRE_AT (news): Alice BUY 4 @ 101 GTD, 3 left, filled for 101",
    "done",
  ],
  bids: [],
  asks: [],
});
scenario("a cancelled order does not expire", {
  given: [till1000],
  when: [cancel({ account: ALICE, of: till1000 }), at(2_000, clock())],
  events: ["order 1 CANCELLED USER (reply news): Alice BUY 5 @ 100 GTD, 5 left", "done"],
});
scenario("a stop that waits expires as well, and one that came in too", {
  given: [
    buy({
      account: ALICE,
      type: "STOP",
      stopPrice: 110,
      quantity: 1,
      timeInForce: "GTD",
      expireAt: 1_000,
    }),
    buy({
      account: ALICE,
      type: "STOP_LIMIT",
      stopPrice: 100,
      price: 99,
      quantity: 1,
      timeInForce: "GTD",
      expireAt: 1_000,
    }),
    sell({ account: BOB, price: 100, quantity: 1 }),
    buy({ account: CAROL, price: 100, quantity: 1 }),
  ],
  when: at(1_000, clock()),
  events: [
    "order 1 EXPIRED EXPIRE_AT (news): Alice BUY 1 STOP 110 to 220 GTD, 1 left",
    "order 2 EXPIRED EXPIRE_AT (news): Alice BUY 1 STOP 100 @ 99 GTD, 1 left",
    "done",
  ],
  cash: { [ALICE]: [10_000, 0] },
});
scenario("orders expire before an auction of the same time opens, and in every state", {
  given: [till1000, setSymbolState({ state: "HALTED" })],
  when: at(1_000, setSymbolState({ state: "TRADING" })),
  events: [
    "order 1 EXPIRED EXPIRE_AT (news): Alice BUY 5 @ 100 GTD, 5 left",
    "symbol 0 is TRADING",
    "done",
  ],
  bids: [],
});
