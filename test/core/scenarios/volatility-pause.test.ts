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
scenario("nor one that takes longer; a window begins with the last price before it", {
  given: [guard, ...tradeAt(100, 100), ...tradeAt(1_099, 109)],
  when: [...tradeAt(1_100, 118), ...tradeAt(1_101, 121)],
  events: [
    "order 5 ACCEPTED (reply news open): Bob SELL 1 @ 118, 1 left",
    "trade 3: 1 @ 118, Carol (order 6, 0 left) buys from Bob (order 5, 0 left)",
    "order 6 FILLED (reply): Carol BUY 1 @ 118, 0 left, filled for 118",
    "order 7 ACCEPTED (reply news open): Bob SELL 1 @ 121, 1 left",
    "trade 4: 1 @ 121, Carol (order 8, 0 left) buys from Bob (order 7, 0 left)",
    "order 8 FILLED (reply): Carol BUY 1 @ 121, 0 left, filled for 121",
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
