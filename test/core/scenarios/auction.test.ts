import { describe } from "bun:test";
import {
  amend,
  buy,
  depositCash,
  depositShares,
  openAccount,
  sell,
  setAccount,
  setFees,
  setSymbolRules,
  setSymbolState,
} from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

const auction = setSymbolState({ state: "AUCTION" });
const open = setSymbolState({ state: "TRADING" });
const OWN = 4;

/** The book drawn in auction.ts. */
const drawn = [
  auction,
  buy({ account: ALICE, price: 102, quantity: 10 }),
  sell({ account: BOB, price: 101, quantity: 15 }),
  buy({ account: CAROL, price: 101, quantity: 20 }),
  sell({ account: BOB, price: 100, quantity: 10 }),
];

describe("orders gather", () => {
  scenario("without matching, before the opening and in an auction", {
    given: [setSymbolState({ state: "PRE_OPEN" })],
    when: [...drawn.slice(1, 3), auction, ...drawn.slice(3)],
    events: [
      "order 1 ACCEPTED (reply news open): Alice BUY 10 @ 102, 10 left",
      "order 2 ACCEPTED (reply news open): Bob SELL 15 @ 101, 15 left",
      "symbol 0 is AUCTION",
      "done",
      "order 3 ACCEPTED (reply news open): Carol BUY 20 @ 101, 20 left",
      "order 4 ACCEPTED (reply news open): Bob SELL 10 @ 100, 10 left",
    ],
    bids: ["102 x 10", "101 x 20"],
    asks: ["100 x 10", "101 x 15"],
  });
  scenario("only such as can wait", {
    given: [auction],
    when: [
      buy({ account: ALICE, price: 100, quantity: 1, timeInForce: "IOC" }),
      buy({ account: ALICE, price: 100, quantity: 1, timeInForce: "FOK" }),
      buy({ account: ALICE, type: "MARKET", quantity: 1 }),
    ],
    events: [
      "refused: SYMBOL_NOT_TRADING",
      "refused: SYMBOL_NOT_TRADING",
      "refused: SYMBOL_NOT_TRADING",
    ],
  });
  scenario("and are amended without trading", {
    given: drawn,
    when: amend({ account: CAROL, of: drawn[3] ?? auction, price: 105 }),
    events: ["order 3 ACCEPTED (reply news open): Carol BUY 20 @ 105, 20 left"],
    bids: ["105 x 20", "102 x 10"],
  });
  scenario("a halt keeps them as they are, crossed or not", {
    given: drawn,
    when: [setSymbolState({ state: "HALTED" }), open],
    events: [
      "symbol 0 is HALTED",
      "done",
      "trade 1: 10 @ 101, Bob (order 4, 0 left) sells to Alice (order 1, 0 left)",
      "trade 2: 15 @ 101, Carol (order 3, 5 left) buys from Bob (order 2, 0 left)",
      "symbol 0 is TRADING",
      "done",
    ],
  });
});

scenario("the worked example: 25 trade at 101, the bid of 102 first, 15 of the 20 bid at 101", {
  given: drawn,
  when: open,
  events: [
    "trade 1: 10 @ 101, Bob (order 4, 0 left) sells to Alice (order 1, 0 left)",
    "trade 2: 15 @ 101, Carol (order 3, 5 left) buys from Bob (order 2, 0 left)",
    "symbol 0 is TRADING",
    "done",
  ],
  bids: ["101 x 5"],
  asks: [],
  cash: { [ALICE]: [8_990, 0], [CAROL]: [7_980, 505], [BOB]: [12_525, 0] },
});

describe("the price", () => {
  const bid = buy({ account: ALICE, price: 110, quantity: 10 });
  const ask = sell({ account: BOB, price: 100, quantity: 10 });
  scenario("is the one nearest the reference where all is equal: inside", {
    given: [setSymbolRules({ reference: 104 }), auction, bid, ask],
    when: open,
    events: [
      "trade 1: 10 @ 104, Bob (order 2, 0 left) sells to Alice (order 1, 0 left)",
      "symbol 0 is TRADING",
      "done",
    ],
  });
  scenario("… above", {
    given: [setSymbolRules({ reference: 150 }), auction, bid, ask],
    when: open,
    events: [
      "trade 1: 10 @ 110, Bob (order 2, 0 left) sells to Alice (order 1, 0 left)",
      "symbol 0 is TRADING",
      "done",
    ],
  });
  scenario("… below, or nowhere", {
    given: [auction, bid, ask],
    when: open,
    events: [
      "trade 1: 10 @ 100, Bob (order 2, 0 left) sells to Alice (order 1, 0 left)",
      "symbol 0 is TRADING",
      "done",
    ],
  });
  scenario("is a multiple of the increment between two levels; of two as near the lower", {
    given: [setSymbolRules({ reference: 105, increment: 2 }), auction, bid, ask],
    when: open,
    events: [
      "trade 1: 10 @ 104, Bob (order 2, 0 left) sells to Alice (order 1, 0 left)",
      "symbol 0 is TRADING",
      "done",
    ],
  });
  scenario("… also of two levels", {
    given: [auction, bid, ask, setSymbolRules({ reference: 105, increment: 20 })],
    when: open,
    events: [
      "trade 1: 10 @ 100, Bob (order 2, 0 left) sells to Alice (order 1, 0 left)",
      "symbol 0 is TRADING",
      "done",
    ],
  });
  scenario("may be that of an order which is no multiple any more", {
    given: [
      auction,
      buy({ account: ALICE, price: 101, quantity: 10 }),
      sell({ account: BOB, price: 101, quantity: 10 }),
      setSymbolRules({ increment: 2 }),
    ],
    when: open,
    events: [
      "trade 1: 10 @ 101, Bob (order 2, 0 left) sells to Alice (order 1, 0 left)",
      "symbol 0 is TRADING",
      "done",
    ],
    bids: [],
    asks: [],
  });
  scenario("leaves the smallest surplus before it is near the reference", {
    given: [
      setSymbolRules({ reference: 100 }),
      auction,
      buy({ account: ALICE, price: 105, quantity: 10 }),
      buy({ account: CAROL, price: 102, quantity: 5 }),
      ask,
    ],
    when: open,
    events: [
      "trade 1: 10 @ 103, Bob (order 3, 0 left) sells to Alice (order 1, 0 left)",
      "symbol 0 is TRADING",
      "done",
    ],
    bids: ["102 x 5"],
  });
});

describe("one user's orders", () => {
  const second = [
    openAccount({ account: OWN, user: ALICE }),
    depositShares({ account: OWN, amount: 100 }),
    depositCash({ account: OWN, amount: 10_000 }),
  ];
  scenario("do not meet: the later goes, and the price is looked for again", {
    given: [
      ...second,
      setSymbolRules({ reference: 105 }),
      auction,
      sell({ account: OWN, price: 100, quantity: 10 }),
      buy({ account: BOB, price: 101, quantity: 10 }),
      buy({ account: ALICE, price: 105, quantity: 10 }),
    ],
    when: open,
    events: [
      "order 3 CANCELLED SELF_TRADE (news): Alice BUY 10 @ 105, 10 left",
      "trade 1: 10 @ 101, Bob (order 2, 0 left) buys from account 4 (order 1, 0 left)",
      "symbol 0 is TRADING",
      "done",
    ],
    bids: [],
    asks: [],
  });
  scenario("meet if both say so", {
    given: [
      auction,
      sell({ account: ALICE, price: 100, quantity: 10, selfTrade: "NONE" }),
      buy({ account: ALICE, price: 100, quantity: 10, selfTrade: "NONE" }),
    ],
    when: open,
    events: [
      "trade 1: 10 @ 100, Alice (order 2, 0 left) buys from Alice (order 1, 0 left)",
      "symbol 0 is TRADING",
      "done",
    ],
  });
});

scenario("each pays its maker's fee; the later order is told as the taker", {
  given: [
    setFees({ maker: 100, taker: 500 }),
    setAccount({ account: BOB, fees: { maker: -50, taker: 500 } }),
    auction,
    buy({ account: ALICE, price: 102, quantity: 10 }),
    sell({ account: BOB, price: 100, quantity: 10 }),
    setSymbolRules({ reference: 101 }),
  ],
  when: open,
  events: [
    "trade 1: 10 @ 101, Bob (order 2, 0 left) sells to Alice (order 1, 0 left), fees -5 and 10",
    "symbol 0 is TRADING",
    "done",
  ],
  cash: { [ALICE]: [8_980, 0], [BOB]: [11_015, 0], 0: [5, 0] },
});
