import { amend, buy, cancel, place, sell } from "../command-builder.ts";
import { ALICE, BOB, scenario } from "./scenario.ts";

const bid = buy({ account: ALICE, price: 100, quantity: 10, clientId: "mine" });
const again = buy({ account: ALICE, price: 100, quantity: 10, clientId: "mine" });

scenario("the same request again gives the first order, and places nothing", {
  given: [bid],
  when: again,
  events: ['order 1 ACCEPTED (reply duplicate open): Alice BUY 10 @ 100 "mine", 10 left'],
  bids: ["100 x 10"],
  cash: { [ALICE]: [9_000, 1_000] },
});

scenario("the first order is given as it is now", {
  given: [
    bid,
    sell({ account: BOB, price: 100, quantity: 4 }),
    amend({ account: ALICE, of: bid, price: 99 }),
  ],
  when: again,
  events: [
    'order 1 PARTIALLY_FILLED (reply duplicate open): Alice BUY 10 @ 99 "mine", 6 left, filled for 400',
  ],
});

scenario("an order that is done is still the first", {
  given: [bid, sell({ account: BOB, price: 100, quantity: 10 })],
  when: again,
  events: ["order 1 of Alice again, which is done"],
  bids: [],
});

scenario("another request under the same id is refused, whatever differs", {
  given: [bid],
  when: [
    place({ ...again.options, side: "SELL" } as Parameters<typeof place>[0]),
    buy({ account: ALICE, price: 101, quantity: 10, clientId: "mine" }),
    buy({ account: ALICE, price: 100, quantity: 11, clientId: "mine" }),
    buy({ account: ALICE, price: 100, quantity: 10, symbol: 1, clientId: "mine" }),
    buy({ account: ALICE, price: 100, quantity: 10, timeInForce: "IOC", clientId: "mine" }),
    buy({ account: ALICE, price: 100, quantity: 10, selfTrade: "NONE", clientId: "mine" }),
    buy({ account: ALICE, price: 100, quantity: 10, postOnly: true, clientId: "mine" }),
    buy({ account: ALICE, price: 100, quantity: 10, stopPrice: 1, clientId: "mine" }),
    buy({ account: ALICE, type: "MARKET", quantity: 10, clientId: "mine" }),
  ],
  events: [
    "refused: CLIENT_ORDER_ID_REUSED",
    "refused: CLIENT_ORDER_ID_REUSED",
    "refused: CLIENT_ORDER_ID_REUSED",
    "refused: CLIENT_ORDER_ID_REUSED",
    "refused: CLIENT_ORDER_ID_REUSED",
    "refused: CLIENT_ORDER_ID_REUSED",
    "refused: CLIENT_ORDER_ID_REUSED",
    "refused: CLIENT_ORDER_ID_REUSED",
    "refused: CLIENT_ORDER_ID_REUSED",
  ],
  bids: ["100 x 10"],
});

scenario("another account may use the same id", {
  given: [bid],
  when: buy({ account: BOB, price: 100, quantity: 10, clientId: "mine" }),
  events: ['order 2 ACCEPTED (reply news open): Bob BUY 10 @ 100 "mine", 10 left'],
});

scenario("a refused order leaves its id free", {
  when: [
    buy({ account: ALICE, price: 5_000, quantity: 10, clientId: "mine" }),
    buy({ account: ALICE, price: 1_000, quantity: 10, clientId: "mine" }),
  ],
  events: [
    "refused: INSUFFICIENT_FUNDS needs 50000 has 10000",
    'order 1 ACCEPTED (reply news open): Alice BUY 10 @ 1000 "mine", 10 left',
  ],
});

scenario("an order that self-trade prevention refused leaves its id free", {
  given: [sell({ account: ALICE, price: 100, quantity: 10 })],
  when: [
    buy({ account: ALICE, price: 100, quantity: 9, selfTrade: "CANCEL_BOTH", clientId: "mine" }),
    bid,
  ],
  events: [
    "order 1 CANCELLED SELF_TRADE (news): Alice SELL 10 @ 100, 10 left",
    "refused: SELF_TRADE",
    'order 2 ACCEPTED (reply news open): Alice BUY 10 @ 100 "mine", 10 left',
  ],
  bids: ["100 x 10"],
});

scenario("orders are cancelled and amended by their id", {
  given: [bid],
  when: [
    amend({ account: ALICE, clientId: "mine", quantity: 8 }),
    cancel({ account: ALICE, clientId: "mine" }),
    cancel({ account: ALICE, clientId: "mine" }),
  ],
  events: [
    'order 1 ACCEPTED (reply news open): Alice BUY 8 @ 100 "mine", 8 left',
    'order 1 CANCELLED USER (reply news): Alice BUY 8 @ 100 "mine", 8 left',
    "refused: UNKNOWN_ORDER ORDER, order 1",
  ],
});

scenario("an id is of the account that gave it, and whole", {
  given: [bid],
  when: [
    cancel({ account: BOB, clientId: "mine" }),
    cancel({ account: ALICE, clientId: "min" }),
    cancel({ account: ALICE, clientId: "mine2" }),
    cancel({ account: ALICE, clientId: "Mine" }),
  ],
  events: [
    "refused: UNKNOWN_ORDER ORDER",
    "refused: UNKNOWN_ORDER ORDER",
    "refused: UNKNOWN_ORDER ORDER",
    "refused: UNKNOWN_ORDER ORDER",
  ],
  bids: ["100 x 10"],
});

const long = "x".repeat(63);
scenario("64 characters are told apart to the last", {
  given: [buy({ account: ALICE, price: 100, quantity: 1, clientId: `${long}a` })],
  when: [
    buy({ account: ALICE, price: 100, quantity: 1, clientId: `${long}b` }),
    cancel({ account: ALICE, clientId: `${long}a` }),
  ],
  events: [
    'order 2 ACCEPTED (reply news open): Alice BUY 1 @ 100 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxb", 1 left',
    'order 1 CANCELLED USER (reply news): Alice BUY 1 @ 100 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxa", 1 left',
  ],
  bids: ["100 x 1"],
});

scenario("the same id with another time to expire asks for something else", {
  when: [1_000, 1_000, 1_001].map((expireAt) =>
    buy({ account: ALICE, price: 100, quantity: 1, clientId: "a", timeInForce: "GTD", expireAt }),
  ),
  events: [
    'order 1 ACCEPTED (reply news open): Alice BUY 1 @ 100 GTD "a", 1 left',
    'order 1 ACCEPTED (reply duplicate open): Alice BUY 1 @ 100 GTD "a", 1 left',
    "refused: CLIENT_ORDER_ID_REUSED",
  ],
});

const stop = buy({ account: ALICE, type: "STOP", stopPrice: 110, quantity: 1, clientId: "a" });
scenario("a stop that waits is told again as it waits", {
  when: [stop, stop],
  events: [
    'order 1 PENDING_TRIGGER (reply news open): Alice BUY 1 STOP 110 to 220 "a", 1 left',
    'order 1 PENDING_TRIGGER (reply duplicate open): Alice BUY 1 STOP 110 to 220 "a", 1 left',
  ],
});
