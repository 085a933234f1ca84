import { buy, sell } from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

const offers = [
  sell({ account: BOB, price: 100, quantity: 5 }),
  sell({ account: CAROL, price: 101, quantity: 5 }),
];

scenario("IOC fills what it can, and the rest expires", {
  given: offers,
  when: buy({ account: ALICE, price: 100, quantity: 8, timeInForce: "IOC" }),
  events: [
    "trade 1: 5 @ 100, Alice (order 3, 3 left) buys from Bob (order 1, 0 left)",
    "order 3 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 8 @ 100 IOC, 3 left, filled for 500",
  ],
  bids: [],
  cash: { [ALICE]: [9_500, 0] },
});

scenario("IOC that fills nothing expires; that is no error", {
  given: offers,
  when: buy({ account: ALICE, price: 99, quantity: 8, timeInForce: "IOC" }),
  events: ["order 3 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 8 @ 99 IOC, 8 left"],
  bids: [],
});

scenario("FOK fills all, over several prices", {
  given: offers,
  when: buy({ account: ALICE, price: 101, quantity: 10, timeInForce: "FOK" }),
  events: [
    "trade 1: 5 @ 100, Alice (order 3, 5 left) buys from Bob (order 1, 0 left)",
    "trade 2: 5 @ 101, Alice (order 3, 0 left) buys from Carol (order 2, 0 left)",
    "order 3 FILLED (reply): Alice BUY 10 @ 101 FOK, 0 left, filled for 1005",
  ],
  asks: [],
});

scenario("FOK that is one share short fills nothing", {
  given: offers,
  when: buy({ account: ALICE, price: 101, quantity: 11, timeInForce: "FOK" }),
  events: ["refused: FILL_OR_KILL"],
  asks: ["100 x 5", "101 x 5"],
});

scenario("FOK does not count what lies beyond its limit", {
  given: offers,
  when: buy({ account: ALICE, price: 100, quantity: 6, timeInForce: "FOK" }),
  events: ["refused: FILL_OR_KILL"],
});

scenario("FOK does not count one's own orders", {
  given: [...offers, sell({ account: ALICE, price: 101, quantity: 5 })],
  when: buy({ account: ALICE, price: 101, quantity: 11, timeInForce: "FOK" }),
  events: ["refused: FILL_OR_KILL"],
});

scenario("FOK counts one's own orders when it may trade with them", {
  given: [...offers, sell({ account: ALICE, price: 101, quantity: 1 })],
  when: buy({
    account: ALICE,
    price: 101,
    quantity: 11,
    timeInForce: "FOK",
    selfTrade: "NONE",
  }),
  events: [
    "trade 1: 5 @ 100, Alice (order 4, 6 left) buys from Bob (order 1, 0 left)",
    "trade 2: 5 @ 101, Alice (order 4, 1 left) buys from Carol (order 2, 0 left)",
    "trade 3: 1 @ 101, Alice (order 4, 0 left) buys from Alice (order 3, 0 left)",
    "order 4 FILLED (reply): Alice BUY 11 @ 101 FOK NONE, 0 left, filled for 1106",
  ],
  asks: [],
});

scenario(
  "FOK that is ended by an own order before it is full fills nothing, and that order stays",
  {
    given: [sell({ account: ALICE, price: 99, quantity: 1 }), ...offers],
    when: buy({
      account: ALICE,
      price: 101,
      quantity: 10,
      timeInForce: "FOK",
      selfTrade: "CANCEL_BOTH",
    }),
    events: ["refused: FILL_OR_KILL"],
    asks: ["99 x 1", "100 x 5", "101 x 5"],
  },
);
