import { describe } from "bun:test";
import { buy, depositCash, depositShares, openAccount, sell } from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

const own = sell({ account: ALICE, price: 100, quantity: 4 });
const bobs = sell({ account: BOB, price: 101, quantity: 4 });
const bobsBefore = sell({ account: BOB, price: 99, quantity: 4 });

describe("CANCEL_NEWEST, which is what holds when nothing is said", () => {
  const order = buy({ account: ALICE, price: 101, quantity: 10 });
  scenario("an own order first: refused, nothing changes", {
    given: [own, bobs],
    when: order,
    events: ["refused: SELF_TRADE"],
    asks: ["100 x 4", "101 x 4"],
  });
  scenario("an own order after a fill: the rest is cancelled", {
    given: [bobsBefore, own],
    when: order,
    events: [
      "trade 1: 4 @ 99, Alice (order 3, 6 left) buys from Bob (order 1, 0 left)",
      "order 3 CANCELLED SELF_TRADE (reply news): Alice BUY 10 @ 101, 6 left, filled for 396",
    ],
    bids: [],
    asks: ["100 x 4"],
  });
  scenario("filled before it comes to the own order: no matter", {
    given: [bobsBefore, own],
    when: buy({ account: ALICE, price: 101, quantity: 4 }),
    events: [
      "trade 1: 4 @ 99, Alice (order 3, 0 left) buys from Bob (order 1, 0 left)",
      "order 3 FILLED (reply): Alice BUY 4 @ 101, 0 left, filled for 396",
    ],
  });
});

describe("CANCEL_OLDEST", () => {
  const order = buy({ account: ALICE, price: 101, quantity: 10, selfTrade: "CANCEL_OLDEST" });
  scenario("own orders are cancelled on the way", {
    given: [own, bobs],
    when: order,
    events: [
      "order 1 CANCELLED SELF_TRADE (news): Alice SELL 4 @ 100, 4 left",
      "trade 1: 4 @ 101, Alice (order 3, 6 left) buys from Bob (order 2, 0 left)",
      "order 3 PARTIALLY_FILLED (reply open): Alice BUY 10 @ 101 CANCEL_OLDEST, 6 left, filled for 404",
    ],
    bids: ["101 x 6"],
    asks: [],
    shares: { [ALICE]: [104, 0] },
  });
  scenario("a market order that would meet own orders alone is refused, and they stay", {
    given: [own],
    when: buy({ account: ALICE, type: "MARKET", quantity: 1, selfTrade: "CANCEL_OLDEST" }),
    events: ["refused: NO_LIQUIDITY"],
    asks: ["100 x 4"],
  });
  scenario("IOC may do no more than cancel one's own orders", {
    given: [own],
    when: buy({
      account: ALICE,
      price: 100,
      quantity: 1,
      timeInForce: "IOC",
      selfTrade: "CANCEL_OLDEST",
    }),
    events: [
      "order 1 CANCELLED SELF_TRADE (news): Alice SELL 4 @ 100, 4 left",
      "order 2 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 1 @ 100 IOC CANCEL_OLDEST, 1 left",
    ],
    asks: [],
  });
});

describe("CANCEL_BOTH", () => {
  const order = buy({ account: ALICE, price: 101, quantity: 10, selfTrade: "CANCEL_BOTH" });
  scenario("an own order first: it goes, and the new one is refused", {
    given: [own, bobs],
    when: order,
    events: [
      "order 1 CANCELLED SELF_TRADE (news): Alice SELL 4 @ 100, 4 left",
      "refused: SELF_TRADE",
    ],
    bids: [],
    asks: ["101 x 4"],
  });
  scenario("an own order after a fill: both are cancelled", {
    given: [bobsBefore, own],
    when: order,
    events: [
      "trade 1: 4 @ 99, Alice (order 3, 6 left) buys from Bob (order 1, 0 left)",
      "order 2 CANCELLED SELF_TRADE (news): Alice SELL 4 @ 100, 4 left",
      "order 3 CANCELLED SELF_TRADE (reply news): Alice BUY 10 @ 101 CANCEL_BOTH, 6 left, filled for 396",
    ],
    bids: [],
    asks: [],
  });
});

describe("DECREMENT", () => {
  scenario("the larger incoming order loses what the own order had, and goes on", {
    given: [own, bobs],
    when: buy({ account: ALICE, price: 101, quantity: 10, selfTrade: "DECREMENT" }),
    events: [
      "order 1 CANCELLED SELF_TRADE (news): Alice SELL 4 @ 100, 4 left",
      "trade 1: 4 @ 101, Alice (order 3, 2 left) buys from Bob (order 2, 0 left)",
      "order 3 PARTIALLY_FILLED (reply open): Alice BUY 6 @ 101 DECREMENT, 2 left, filled for 404",
    ],
    bids: ["101 x 2"],
    asks: [],
  });
  scenario("the smaller incoming order ends, and the own order loses as much", {
    given: [own, bobs],
    when: buy({ account: ALICE, price: 101, quantity: 3, selfTrade: "DECREMENT" }),
    events: ["order 1 ACCEPTED (news open): Alice SELL 1 @ 100, 1 left", "refused: SELF_TRADE"],
    asks: ["100 x 1", "101 x 4"],
    shares: { [ALICE]: [99, 1] },
  });
  scenario("of the same size: both end", {
    given: [own, bobs],
    when: buy({ account: ALICE, price: 101, quantity: 4, selfTrade: "DECREMENT" }),
    events: [
      "order 1 CANCELLED SELF_TRADE (news): Alice SELL 4 @ 100, 4 left",
      "refused: SELF_TRADE",
    ],
    asks: ["101 x 4"],
  });
  scenario("a fill, then an own order, then rest: the account hears of the smaller quantity", {
    given: [bobsBefore, own],
    when: buy({ account: ALICE, price: 100, quantity: 10, selfTrade: "DECREMENT" }),
    events: [
      "trade 1: 4 @ 99, Alice (order 3, 6 left) buys from Bob (order 1, 0 left)",
      "order 2 CANCELLED SELF_TRADE (news): Alice SELL 4 @ 100, 4 left",
      "order 3 PARTIALLY_FILLED (reply news open): Alice BUY 6 @ 100 DECREMENT, 2 left, filled for 396",
    ],
    bids: ["100 x 2"],
  });
  scenario("a fill, then a larger own order: the rest is cancelled", {
    given: [bobsBefore, own],
    when: buy({ account: ALICE, price: 100, quantity: 6, selfTrade: "DECREMENT" }),
    events: [
      "trade 1: 4 @ 99, Alice (order 3, 2 left) buys from Bob (order 1, 0 left)",
      "order 2 ACCEPTED (news open): Alice SELL 2 @ 100, 2 left",
      "order 3 CANCELLED SELF_TRADE (reply news): Alice BUY 6 @ 100 DECREMENT, 2 left, filled for 396",
    ],
    bids: [],
    asks: ["100 x 2"],
  });
  scenario("a market order must be able to pay for what lies behind the own order", {
    given: [own, sell({ account: BOB, price: 101, quantity: 100 })],
    when: [
      depositCash({ account: ALICE, amount: -9_900 }),
      buy({ account: ALICE, type: "MARKET", quantity: 5, selfTrade: "DECREMENT" }),
      buy({ account: ALICE, type: "MARKET", quantity: 4, selfTrade: "DECREMENT" }),
    ],
    events: [
      "done, total 100",
      "refused: INSUFFICIENT_FUNDS needs 101 has 100",
      "order 1 CANCELLED SELF_TRADE (news): Alice SELL 4 @ 100, 4 left",
      "refused: SELF_TRADE",
    ],
    cash: { [ALICE]: [100, 0] },
  });
  scenario("a market order that is only reduced is refused", {
    given: [own],
    when: buy({ account: ALICE, type: "MARKET", quantity: 10, selfTrade: "DECREMENT" }),
    events: [
      "order 1 CANCELLED SELF_TRADE (news): Alice SELL 4 @ 100, 4 left",
      "refused: SELF_TRADE",
    ],
    asks: [],
  });
});

describe("NONE", () => {
  scenario("an account trades with itself", {
    given: [own, bobs],
    when: buy({ account: ALICE, price: 101, quantity: 6, selfTrade: "NONE" }),
    events: [
      "trade 1: 4 @ 100, Alice (order 3, 2 left) buys from Alice (order 1, 0 left)",
      "trade 2: 2 @ 101, Alice (order 3, 0 left) buys from Bob (order 2, 2 left)",
      "order 3 FILLED (reply): Alice BUY 6 @ 101 NONE, 0 left, filled for 602",
    ],
    cash: { [ALICE]: [9_798, 0] },
    shares: { [ALICE]: [102, 0] },
  });
});

scenario("the mode is the incoming order's, whatever the resting one said", {
  given: [sell({ account: ALICE, price: 100, quantity: 4, selfTrade: "NONE" })],
  when: buy({ account: ALICE, price: 100, quantity: 4 }),
  events: ["refused: SELF_TRADE"],
});

scenario("accounts of others are not one's own", {
  given: [sell({ account: CAROL, price: 100, quantity: 4 })],
  when: buy({ account: ALICE, price: 100, quantity: 4 }),
  events: [
    "trade 1: 4 @ 100, Alice (order 2, 0 left) buys from Carol (order 1, 0 left)",
    "order 2 FILLED (reply): Alice BUY 4 @ 100, 0 left, filled for 400",
  ],
});

describe("accounts of one user", () => {
  const SECOND = 4;
  const given = [
    openAccount({ account: SECOND, user: ALICE }),
    depositCash({ account: SECOND, amount: 10_000 }),
    own,
  ];
  const order = { account: SECOND, price: 100, quantity: 6 };
  scenario("do not trade with each other: refused", {
    given,
    when: buy(order),
    events: ["refused: SELF_TRADE"],
    asks: ["100 x 4"],
  });
  scenario("the other account's order is cancelled", {
    given,
    when: buy({ ...order, selfTrade: "CANCEL_OLDEST" }),
    events: [
      "order 1 CANCELLED SELF_TRADE (news): Alice SELL 4 @ 100, 4 left",
      "order 2 ACCEPTED (reply news open): account 4 BUY 6 @ 100 CANCEL_OLDEST, 6 left",
    ],
    bids: ["100 x 6"],
    shares: { [ALICE]: [100, 0] },
  });
  scenario("both are reduced", {
    given,
    when: buy({ ...order, selfTrade: "DECREMENT" }),
    events: [
      "order 1 CANCELLED SELF_TRADE (news): Alice SELL 4 @ 100, 4 left",
      "order 2 ACCEPTED (reply news open): account 4 BUY 2 @ 100 DECREMENT, 2 left",
    ],
    bids: ["100 x 2"],
  });
  scenario("unless the new order says so", {
    given,
    when: buy({ ...order, selfTrade: "NONE" }),
    events: [
      "trade 1: 4 @ 100, account 4 (order 2, 2 left) buys from Alice (order 1, 0 left)",
      "order 2 PARTIALLY_FILLED (reply open): account 4 BUY 6 @ 100 NONE, 2 left, filled for 400",
    ],
  });
  scenario("a market order that would meet only them is refused, fill-or-kill as well", {
    given,
    when: [
      buy({ account: SECOND, type: "MARKET", quantity: 1, selfTrade: "CANCEL_OLDEST" }),
      buy({ ...order, quantity: 4, timeInForce: "FOK" }),
    ],
    events: ["refused: NO_LIQUIDITY", "refused: FILL_OR_KILL"],
  });
});

scenario("user 0 is nobody: two accounts of his are strangers", {
  given: [
    openAccount({ account: 4, user: 0 }),
    openAccount({ account: 5, user: 0 }),
    depositCash({ account: 4, amount: 1_000 }),
    depositShares({ account: 5, amount: 1 }),
    sell({ account: 5, price: 100, quantity: 1 }),
  ],
  when: buy({ account: 4, price: 100, quantity: 1 }),
  events: [
    "trade 1: 1 @ 100, account 4 (order 2, 0 left) buys from account 5 (order 1, 0 left)",
    "order 2 FILLED (reply): account 4 BUY 1 @ 100, 0 left, filled for 100",
  ],
});
