import { at, buy, clock, sell, setProtection, setSymbolState } from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

/** 10 % within a second stop trading for half a second, and then orders gather for a fifth. */
const rules = { moveBps: 1_000, windowMs: 1_000, pauseMs: 500, auctionMs: 200 };
const guard = setProtection(rules);
const tradeAt = (time: number, price: number) => [
  at(time, sell({ account: BOB, price, quantity: 1 })),
  at(time, buy({ account: CAROL, price, quantity: 1 })),
];

scenario(
  "a move of more than the limit pauses; the pause ends in an auction, the auction in trading",
  {
    given: [guard, ...tradeAt(100, 100)],
    when: [
      ...tradeAt(200, 111),
      at(300, buy({ account: ALICE, price: 100, quantity: 1 })),
      at(699, clock()),
      at(700, buy({ account: ALICE, price: 112, quantity: 1 })),
      at(800, sell({ account: BOB, price: 108, quantity: 1 })),
      at(900, clock()),
    ],
    events: [
      "order 3 ACCEPTED (reply news open): Bob SELL 1 @ 111, 1 left",
      "trade 2: 1 @ 111, Carol (order 4, 0 left) buys from Bob (order 3, 0 left)",
      "order 4 FILLED (reply): Carol BUY 1 @ 111, 0 left, filled for 111",
      "symbol 0 is HALTED",
      "refused: SYMBOL_NOT_TRADING",
      "done",
      "symbol 0 is AUCTION",
      "order 5 ACCEPTED (reply news open): Alice BUY 1 @ 112, 1 left",
      "order 6 ACCEPTED (reply news open): Bob SELL 1 @ 108, 1 left",
      "trade 3: 1 @ 111, Bob (order 6, 0 left) sells to Alice (order 5, 0 left)",
      "symbol 0 is TRADING",
      "done",
    ],
  },
);
scenario("a move of the limit itself does not", {
  given: [guard, ...tradeAt(100, 100)],
  when: tradeAt(200, 110),
  events: [
    "order 3 ACCEPTED (reply news open): Bob SELL 1 @ 110, 1 left",
    "trade 2: 1 @ 110, Carol (order 4, 0 left) buys from Bob (order 3, 0 left)",
    "order 4 FILLED (reply): Carol BUY 1 @ 110, 0 left, filled for 110",
  ],
});
scenario("a fall is measured from the highest price, not from the first", {
  given: [guard, ...tradeAt(100, 100), ...tradeAt(200, 109), ...tradeAt(300, 99)],
  when: tradeAt(400, 98),
  events: [
    "order 7 ACCEPTED (reply news open): Bob SELL 1 @ 98, 1 left",
    "trade 4: 1 @ 98, Carol (order 8, 0 left) buys from Bob (order 7, 0 left)",
    "order 8 FILLED (reply): Carol BUY 1 @ 98, 0 left, filled for 98",
    "symbol 0 is HALTED",
  ],
});
scenario("a rise is measured from the lowest price, not from the first", {
  given: [guard, ...tradeAt(100, 100), ...tradeAt(200, 91), ...tradeAt(300, 100)],
  when: tradeAt(400, 101),
  events: [
    "order 7 ACCEPTED (reply news open): Bob SELL 1 @ 101, 1 left",
    "trade 4: 1 @ 101, Carol (order 8, 0 left) buys from Bob (order 7, 0 left)",
    "order 8 FILLED (reply): Carol BUY 1 @ 101, 0 left, filled for 101",
    "symbol 0 is HALTED",
  ],
});
scenario("no moment is better for a move than another: the window slides", {
  given: [guard, ...tradeAt(100, 100), ...tradeAt(1_000, 100), ...tradeAt(1_090, 106)],
  when: tradeAt(1_110, 111),
  events: [
    "order 7 ACCEPTED (reply news open): Bob SELL 1 @ 111, 1 left",
    "trade 4: 1 @ 111, Carol (order 8, 0 left) buys from Bob (order 7, 0 left)",
    "order 8 FILLED (reply): Carol BUY 1 @ 111, 0 left, filled for 111",
    "symbol 0 is HALTED",
  ],
});
scenario("nor for a fall", {
  given: [guard, ...tradeAt(100, 100), ...tradeAt(1_000, 100), ...tradeAt(1_090, 94)],
  when: tradeAt(1_110, 89),
  events: [
    "order 7 ACCEPTED (reply news open): Bob SELL 1 @ 89, 1 left",
    "trade 4: 1 @ 89, Carol (order 8, 0 left) buys from Bob (order 7, 0 left)",
    "order 8 FILLED (reply): Carol BUY 1 @ 89, 0 left, filled for 89",
    "symbol 0 is HALTED",
  ],
});
// A second slides in steps of 63 ms: 0 to 62, 63 to 125 … 1,071 to 1,133, 1,134 to 1,196. Up to 1,133 the window
// begins with 63, and with 126 from 1,134 on.
scenario("the price that stood when the window's first step began counts", {
  given: [guard, ...tradeAt(62, 100), ...tradeAt(63, 105)],
  when: tradeAt(1_133, 111),
  events: [
    "order 5 ACCEPTED (reply news open): Bob SELL 1 @ 111, 1 left",
    "trade 3: 1 @ 111, Carol (order 6, 0 left) buys from Bob (order 5, 0 left)",
    "order 6 FILLED (reply): Carol BUY 1 @ 111, 0 left, filled for 111",
    "symbol 0 is HALTED",
  ],
});
scenario("a move that takes longer than 17/16 of the window does not pause", {
  given: [guard, ...tradeAt(62, 100), ...tradeAt(63, 105)],
  when: tradeAt(1_134, 111),
  events: [
    "order 5 ACCEPTED (reply news open): Bob SELL 1 @ 111, 1 left",
    "trade 3: 1 @ 111, Carol (order 6, 0 left) buys from Bob (order 5, 0 left)",
    "order 6 FILLED (reply): Carol BUY 1 @ 111, 0 left, filled for 111",
  ],
});
scenario("nor does a fall that does", {
  given: [guard, ...tradeAt(62, 100), ...tradeAt(63, 95)],
  when: tradeAt(1_134, 89),
  events: [
    "order 5 ACCEPTED (reply news open): Bob SELL 1 @ 89, 1 left",
    "trade 3: 1 @ 89, Carol (order 6, 0 left) buys from Bob (order 5, 0 left)",
    "order 6 FILLED (reply): Carol BUY 1 @ 89, 0 left, filled for 89",
  ],
});
scenario("it counts however old it is: the last price is what it is until the next", {
  given: [guard, ...tradeAt(62, 100)],
  when: tradeAt(60_000, 111),
  events: [
    "order 3 ACCEPTED (reply news open): Bob SELL 1 @ 111, 1 left",
    "trade 2: 1 @ 111, Carol (order 4, 0 left) buys from Bob (order 3, 0 left)",
    "order 4 FILLED (reply): Carol BUY 1 @ 111, 0 left, filled for 111",
    "symbol 0 is HALTED",
  ],
});
/** A price each half second, each 4 % or so above the one before. */
const drift = [100, 104, 108, 112, 116, 120, 125, 130, 135, 140];
scenario("a slow drift never pauses, however far it goes", {
  given: [guard, ...drift.flatMap((price, i) => tradeAt(500 * (i + 1), price))],
  when: at(6_000, buy({ account: ALICE, price: 140, quantity: 1 })),
  events: ["order 21 ACCEPTED (reply news open): Alice BUY 1 @ 140, 1 left"],
});
scenario("after a pause the window begins anew, with the auction's price", {
  given: [
    guard,
    ...tradeAt(100, 100),
    ...tradeAt(200, 120),
    at(750, buy({ account: ALICE, price: 115, quantity: 1 })),
    at(760, sell({ account: BOB, price: 115, quantity: 1 })),
    at(900, clock()),
  ],
  when: [...tradeAt(901, 126), ...tradeAt(902, 127)],
  events: [
    "order 7 ACCEPTED (reply news open): Bob SELL 1 @ 126, 1 left",
    "trade 4: 1 @ 126, Carol (order 8, 0 left) buys from Bob (order 7, 0 left)",
    "order 8 FILLED (reply): Carol BUY 1 @ 126, 0 left, filled for 126",
    "order 9 ACCEPTED (reply news open): Bob SELL 1 @ 127, 1 left",
    "trade 5: 1 @ 127, Carol (order 10, 0 left) buys from Bob (order 9, 0 left)",
    "order 10 FILLED (reply): Carol BUY 1 @ 127, 0 left, filled for 127",
    "symbol 0 is HALTED",
  ],
});
scenario("new rules begin a new window", {
  given: [
    guard,
    ...tradeAt(100, 100),
    ...tradeAt(200, 109),
    at(300, setProtection({ ...rules, windowMs: 2_000 })),
  ],
  when: [...tradeAt(400, 119), ...tradeAt(401, 120)],
  events: [
    "order 5 ACCEPTED (reply news open): Bob SELL 1 @ 119, 1 left",
    "trade 3: 1 @ 119, Carol (order 6, 0 left) buys from Bob (order 5, 0 left)",
    "order 6 FILLED (reply): Carol BUY 1 @ 119, 0 left, filled for 119",
    "order 7 ACCEPTED (reply news open): Bob SELL 1 @ 120, 1 left",
    "trade 4: 1 @ 120, Carol (order 8, 0 left) buys from Bob (order 7, 0 left)",
    "order 8 FILLED (reply): Carol BUY 1 @ 120, 0 left, filled for 120",
    "symbol 0 is HALTED",
  ],
});
scenario("without an auction it opens at once; a late command finds all of it done", {
  given: [setProtection({ ...rules, auctionMs: 0 }), ...tradeAt(100, 100), ...tradeAt(200, 80)],
  when: at(700, clock()),
  events: ["symbol 0 is TRADING", "done"],
});
scenario("a late command finds pause and auction over, in this order", {
  given: [guard, ...tradeAt(100, 100), ...tradeAt(200, 80)],
  when: at(60_000, sell({ account: BOB, price: 80, quantity: 1 })),
  events: [
    "symbol 0 is AUCTION",
    "symbol 0 is TRADING",
    "order 5 ACCEPTED (reply news open): Bob SELL 1 @ 80, 1 left",
  ],
});
scenario("stops come in one by one, and a pause keeps the others", {
  given: [
    guard,
    ...tradeAt(100, 100),
    at(150, sell({ account: ALICE, type: "STOP", stopPrice: 95, quantity: 1 })),
    at(150, sell({ account: ALICE, type: "STOP", stopPrice: 85, quantity: 1 })),
    at(150, buy({ account: BOB, price: 80, quantity: 5 })),
  ],
  when: [...tradeAt(200, 95), at(60_000, clock())],
  events: [
    "order 6 ACCEPTED (reply news open): Bob SELL 1 @ 95, 1 left",
    "trade 2: 1 @ 95, Carol (order 7, 0 left) buys from Bob (order 6, 0 left)",
    "order 7 FILLED (reply): Carol BUY 1 @ 95, 0 left, filled for 95",
    "trade 3: 1 @ 80, Alice (order 3, 0 left) sells to Bob (order 5, 4 left)",
    "order 3 FILLED (): Alice SELL 1 STOP 95 to 1, 0 left, filled for 80",
    "symbol 0 is HALTED",
    "symbol 0 is AUCTION",
    "symbol 0 is TRADING",
    "trade 4: 1 @ 80, Alice (order 4, 0 left) sells to Bob (order 5, 3 left)",
    "order 4 FILLED (): Alice SELL 1 STOP 85 to 1, 0 left, filled for 80",
    "done",
  ],
});
scenario("an operator's word ends it: halted for good, or open at once", {
  given: [guard, ...tradeAt(100, 100), ...tradeAt(200, 80)],
  when: [
    at(300, setSymbolState({ state: "HALTED" })),
    at(60_000, clock()),
    at(60_001, setSymbolState({ state: "TRADING" })),
  ],
  events: ["done", "done", "symbol 0 is TRADING", "done"],
});
