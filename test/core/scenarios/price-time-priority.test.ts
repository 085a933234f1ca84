import { buy, cancel, sell } from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

scenario("an order that meets nothing rests", {
  when: buy({ account: ALICE, price: 100, quantity: 5 }),
  events: ["order 1 ACCEPTED (reply news open): Alice BUY 5 @ 100, 5 left"],
  bids: ["100 x 5"],
  asks: [],
});

scenario("the better price trades first, whenever it came", {
  given: [
    sell({ account: BOB, price: 101, quantity: 5 }),
    sell({ account: CAROL, price: 100, quantity: 5 }),
  ],
  when: buy({ account: ALICE, price: 101, quantity: 7 }),
  events: [
    "trade 1: 5 @ 100, Alice (order 3, 2 left) buys from Carol (order 2, 0 left)",
    "trade 2: 2 @ 101, Alice (order 3, 0 left) buys from Bob (order 1, 3 left)",
    "order 3 FILLED (reply): Alice BUY 7 @ 101, 0 left, filled for 702",
  ],
  asks: ["101 x 3"],
});

scenario("the higher bid trades first", {
  given: [
    buy({ account: BOB, price: 99, quantity: 5 }),
    buy({ account: CAROL, price: 100, quantity: 5 }),
  ],
  when: sell({ account: ALICE, price: 99, quantity: 6 }),
  events: [
    "trade 1: 5 @ 100, Alice (order 3, 1 left) sells to Carol (order 2, 0 left)",
    "trade 2: 1 @ 99, Alice (order 3, 0 left) sells to Bob (order 1, 4 left)",
    "order 3 FILLED (reply): Alice SELL 6 @ 99, 0 left, filled for 599",
  ],
  bids: ["99 x 4"],
});

scenario("at one price the older order trades first", {
  given: [
    sell({ account: BOB, price: 100, quantity: 5 }),
    sell({ account: CAROL, price: 100, quantity: 5 }),
  ],
  when: buy({ account: ALICE, price: 100, quantity: 6 }),
  events: [
    "trade 1: 5 @ 100, Alice (order 3, 1 left) buys from Bob (order 1, 0 left)",
    "trade 2: 1 @ 100, Alice (order 3, 0 left) buys from Carol (order 2, 4 left)",
    "order 3 FILLED (reply): Alice BUY 6 @ 100, 0 left, filled for 600",
  ],
  asks: ["100 x 4"],
});

scenario("a fill is at the price of the order that rested", {
  given: [sell({ account: BOB, price: 90, quantity: 5 })],
  when: buy({ account: ALICE, price: 100, quantity: 5 }),
  events: [
    "trade 1: 5 @ 90, Alice (order 2, 0 left) buys from Bob (order 1, 0 left)",
    "order 2 FILLED (reply): Alice BUY 5 @ 100, 0 left, filled for 450",
  ],
  cash: { [ALICE]: [9_550, 0], [BOB]: [10_450, 0] },
});

scenario("what is not filled rests at its own limit", {
  given: [sell({ account: BOB, price: 90, quantity: 5 })],
  when: buy({ account: ALICE, price: 95, quantity: 8 }),
  events: [
    "trade 1: 5 @ 90, Alice (order 2, 3 left) buys from Bob (order 1, 0 left)",
    "order 2 PARTIALLY_FILLED (reply open): Alice BUY 8 @ 95, 3 left, filled for 450",
  ],
  bids: ["95 x 3"],
  asks: [],
});

scenario("an order trades up to its limit and no further", {
  given: [
    sell({ account: BOB, price: 100, quantity: 1 }),
    sell({ account: BOB, price: 101, quantity: 1 }),
    sell({ account: BOB, price: 102, quantity: 1 }),
  ],
  when: buy({ account: ALICE, price: 101, quantity: 5 }),
  events: [
    "trade 1: 1 @ 100, Alice (order 4, 4 left) buys from Bob (order 1, 0 left)",
    "trade 2: 1 @ 101, Alice (order 4, 3 left) buys from Bob (order 2, 0 left)",
    "order 4 PARTIALLY_FILLED (reply open): Alice BUY 5 @ 101, 3 left, filled for 201",
  ],
  bids: ["101 x 3"],
  asks: ["102 x 1"],
});

const middle = sell({ account: BOB, price: 100, quantity: 2 });
scenario("an order between two others leaves, and the two keep their places", {
  given: [
    sell({ account: BOB, price: 100, quantity: 1 }),
    middle,
    sell({ account: CAROL, price: 100, quantity: 3 }),
    cancel({ account: BOB, of: middle }),
  ],
  when: buy({ account: ALICE, price: 100, quantity: 2 }),
  events: [
    "trade 1: 1 @ 100, Alice (order 4, 1 left) buys from Bob (order 1, 0 left)",
    "trade 2: 1 @ 100, Alice (order 4, 0 left) buys from Carol (order 3, 2 left)",
    "order 4 FILLED (reply): Alice BUY 2 @ 100, 0 left, filled for 200",
  ],
  asks: ["100 x 2"],
});

scenario("prices far apart are still in order", {
  given: [
    sell({ account: BOB, price: 2_147_483_647, quantity: 1 }),
    sell({ account: BOB, price: 70_000, quantity: 1 }),
    sell({ account: BOB, price: 511, quantity: 1 }),
    sell({ account: BOB, price: 512, quantity: 1 }),
  ],
  when: buy({ account: ALICE, price: 600, quantity: 2 }),
  events: [
    "trade 1: 1 @ 511, Alice (order 5, 1 left) buys from Bob (order 3, 0 left)",
    "trade 2: 1 @ 512, Alice (order 5, 0 left) buys from Bob (order 4, 0 left)",
    "order 5 FILLED (reply): Alice BUY 2 @ 600, 0 left, filled for 1023",
  ],
  asks: ["70000 x 1", "2147483647 x 1"],
});
