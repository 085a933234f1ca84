import { buy, sell, setSymbolRules } from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

scenario("a market order takes whatever the prices are", {
  given: [
    sell({ account: BOB, price: 100, quantity: 5 }),
    sell({ account: CAROL, price: 900, quantity: 5 }),
  ],
  when: buy({ account: ALICE, type: "MARKET", quantity: 6 }),
  events: [
    "trade 1: 5 @ 100, Alice (order 3, 1 left) buys from Bob (order 1, 0 left)",
    "trade 2: 1 @ 900, Alice (order 3, 0 left) buys from Carol (order 2, 4 left)",
    "order 3 FILLED (reply): Alice BUY 6 MARKET, 0 left, filled for 1400",
  ],
  cash: { [ALICE]: [8_600, 0] },
});

scenario("what finds no counterpart expires", {
  given: [buy({ account: BOB, price: 100, quantity: 5 })],
  when: sell({ account: ALICE, type: "MARKET", quantity: 8 }),
  events: [
    "trade 1: 5 @ 100, Alice (order 2, 3 left) sells to Bob (order 1, 0 left)",
    "order 2 EXPIRED TIME_IN_FORCE (reply news): Alice SELL 8 MARKET, 3 left, filled for 500",
  ],
  bids: [],
  asks: [],
});

scenario("a market order into an empty book is refused", {
  when: buy({ account: ALICE, type: "MARKET", quantity: 1 }),
  events: ["refused: NO_LIQUIDITY"],
});

scenario("a market order must be able to pay for what it takes", {
  given: [
    sell({ account: BOB, price: 1_000, quantity: 9 }),
    sell({ account: BOB, price: 1_001, quantity: 1 }),
  ],
  when: [
    buy({ account: ALICE, type: "MARKET", quantity: 10 }),
    buy({ account: ALICE, type: "MARKET", quantity: 9 }),
  ],
  events: [
    "refused: INSUFFICIENT_FUNDS needs 10001 has 10000",
    "trade 1: 9 @ 1000, Alice (order 3, 0 left) buys from Bob (order 1, 0 left)",
    "order 3 FILLED (reply): Alice BUY 9 MARKET, 0 left, filled for 9000",
  ],
  cash: { [ALICE]: [1_000, 0] },
});

scenario("a market order for more than there is pays for what there is", {
  given: [sell({ account: BOB, price: 1_000, quantity: 10 })],
  when: buy({ account: ALICE, type: "MARKET", quantity: 2_147_483_647 }),
  events: [
    "trade 1: 10 @ 1000, Alice (order 2, 2147483637 left) buys from Bob (order 1, 0 left)",
    "order 2 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 2147483647 MARKET, 2147483637 left, filled for 10000",
  ],
  cash: { [ALICE]: [0, 0] },
});

scenario("a market order stops at the edge of the band as it was when the order came", {
  given: [
    sell({ account: BOB, price: 105, quantity: 1 }),
    sell({ account: BOB, price: 110, quantity: 1 }),
    sell({ account: BOB, price: 111, quantity: 1 }),
    setSymbolRules({ reference: 100, bandBps: 1_000 }),
  ],
  when: buy({ account: ALICE, type: "MARKET", quantity: 5 }),
  events: [
    "trade 1: 1 @ 105, Alice (order 4, 4 left) buys from Bob (order 1, 0 left)",
    "trade 2: 1 @ 110, Alice (order 4, 3 left) buys from Bob (order 2, 0 left)",
    "order 4 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 5 MARKET, 3 left, filled for 215",
  ],
  asks: ["111 x 1"],
});

scenario("all-or-nothing at any price", {
  given: [sell({ account: BOB, price: 100, quantity: 5 })],
  when: [
    buy({ account: ALICE, type: "MARKET", timeInForce: "FOK", quantity: 6 }),
    buy({ account: ALICE, type: "MARKET", timeInForce: "FOK", quantity: 5 }),
  ],
  events: [
    "refused: FILL_OR_KILL",
    "trade 1: 5 @ 100, Alice (order 2, 0 left) buys from Bob (order 1, 0 left)",
    "order 2 FILLED (reply): Alice BUY 5 MARKET FOK, 0 left, filled for 500",
  ],
});
