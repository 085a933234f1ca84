/** Fees and rebates under version 1 of the rules. */
import { describe } from "bun:test";
import {
  amend,
  buy,
  cancel,
  depositCash,
  depositShares,
  openAccount,
  sell,
  setAccount,
  setFees,
  setRules,
  setSymbolState,
} from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

const HOUSE = 0;
/** Accounts of one user, with nothing. */
const [ONE, TWO] = [4, 5] as const;
const rules = setRules({});
const fees = (maker: number, taker: number) => [rules, setFees({ maker, taker })];

describe("the fee of an order is that of all that it has filled", () => {
  scenario("a maker that is taken share by share pays what one fill would cost", {
    given: [...fees(40, 0), sell({ account: BOB, price: 100, quantity: 10 })],
    when: [1, 1, 1, 7].map((quantity) => buy({ account: ALICE, price: 100, quantity })),
    events: [
      "trade 1: 1 @ 100, Alice (order 2, 0 left) buys from Bob (order 1, 9 left)",
      "order 2 FILLED (reply): Alice BUY 1 @ 100, 0 left, filled for 100",
      "trade 2: 1 @ 100, Alice (order 3, 0 left) buys from Bob (order 1, 8 left)",
      "order 3 FILLED (reply): Alice BUY 1 @ 100, 0 left, filled for 100",
      "trade 3: 1 @ 100, Alice (order 4, 0 left) buys from Bob (order 1, 7 left), fees 0 and 1",
      "order 4 FILLED (reply): Alice BUY 1 @ 100, 0 left, filled for 100",
      "trade 4: 7 @ 100, Alice (order 5, 0 left) buys from Bob (order 1, 0 left), fees 0 and 3",
      "order 5 FILLED (reply): Alice BUY 7 @ 100, 0 left, filled for 700",
    ],
    cash: { [HOUSE]: [4, 0] },
  });
  scenario("a taker that meets one-share orders, too", {
    given: [
      ...fees(0, 50),
      ...[1, 2, 3, 4].map(() => sell({ account: BOB, price: 100, quantity: 1 })),
    ],
    when: buy({ account: ALICE, price: 100, quantity: 4 }),
    events: [
      "trade 1: 1 @ 100, Alice (order 5, 3 left) buys from Bob (order 1, 0 left)",
      "trade 2: 1 @ 100, Alice (order 5, 2 left) buys from Bob (order 2, 0 left), fees 1 and 0",
      "trade 3: 1 @ 100, Alice (order 5, 1 left) buys from Bob (order 3, 0 left)",
      "trade 4: 1 @ 100, Alice (order 5, 0 left) buys from Bob (order 4, 0 left), fees 1 and 0",
      "order 5 FILLED (reply): Alice BUY 4 @ 100, 0 left, filled for 400",
    ],
    cash: { [HOUSE]: [2, 0], [ALICE]: [9_598, 0] },
  });
  const bid = buy({ account: ALICE, price: 100, quantity: 4 });
  scenario("what is carried is reserved, over fills as taker and as maker and over amendments", {
    given: [
      ...fees(50, 50),
      sell({ account: BOB, price: 100, quantity: 1 }),
      bid,
      amend({ account: ALICE, of: bid, price: 99 }),
    ],
    when: sell({ account: BOB, price: 99, quantity: 1 }),
    events: [
      "trade 2: 1 @ 99, Bob (order 3, 0 left) sells to Alice (order 2, 2 left)",
      "order 3 FILLED (reply): Bob SELL 1 @ 99, 0 left, filled for 99",
    ],
    // 199 x 0.5 % = 0.995 so far, and two shares at 99 make 1.985.
    cash: { [ALICE]: [9_602, 199], [HOUSE]: [0, 0] },
  });
  const partly = buy({ account: ALICE, price: 99, quantity: 3 });
  scenario("a cancellation gives back all that is reserved, with what is carried", {
    given: [...fees(50, 50), partly, sell({ account: BOB, price: 99, quantity: 1 })],
    when: cancel({ account: ALICE, of: partly }),
    events: ["order 1 CANCELLED USER (reply news): Alice BUY 3 @ 99, 2 left, filled for 99"],
    cash: { [ALICE]: [9_901, 0] },
  });
});

describe("no trade pays out more than it takes", () => {
  scenario("fees that would are refused", {
    given: [rules],
    when: [setFees({ maker: -11, taker: 10 }), setFees({ maker: -10, taker: 10 })],
    events: ["refused: INVALID_PARAMETER PRICE", "done"],
  });
  scenario("the rebate of an account of its own is no more than the taker's fee", {
    given: [
      ...fees(0, 100),
      setAccount({ account: BOB, fees: { maker: -300, taker: 0 } }),
      setAccount({ account: CAROL, fees: { maker: 0, taker: 0 } }),
      sell({ account: BOB, price: 100, quantity: 20 }),
    ],
    when: [ALICE, CAROL].map((account) => buy({ account, price: 100, quantity: 10 })),
    events: [
      "trade 1: 10 @ 100, Alice (order 2, 0 left) buys from Bob (order 1, 10 left), fees 10 and -10",
      "order 2 FILLED (reply): Alice BUY 10 @ 100, 0 left, filled for 1000",
      "trade 2: 10 @ 100, Carol (order 3, 0 left) buys from Bob (order 1, 0 left)",
      "order 3 FILLED (reply): Carol BUY 10 @ 100, 0 left, filled for 1000",
    ],
    cash: { [HOUSE]: [0, 0], [BOB]: [12_010, 0] },
  });
  scenario("an order that came in while the fee was higher gets what is taken", {
    given: [
      ...fees(-10, 10),
      sell({ account: BOB, price: 100, quantity: 50 }),
      setFees({ maker: -2, taker: 2 }),
    ],
    when: buy({ account: ALICE, price: 100, quantity: 50 }),
    events: [
      "trade 1: 50 @ 100, Alice (order 2, 0 left) buys from Bob (order 1, 0 left), fees 1 and -1",
      "order 2 FILLED (reply): Alice BUY 50 @ 100, 0 left, filled for 5000",
    ],
    cash: { [HOUSE]: [0, 0] },
  });
  scenario("trading with oneself earns nothing, in one account or between two of one user", {
    given: [
      ...fees(-50, 100),
      ...[ONE, TWO].flatMap((account) => [
        openAccount({ account, user: 7 }),
        depositCash({ account, amount: 1_000 }),
      ]),
      depositShares({ account: ONE, amount: 10 }),
      sell({ account: ONE, price: 50, quantity: 10, selfTrade: "NONE" }),
      sell({ account: ALICE, price: 60, quantity: 10, selfTrade: "NONE" }),
    ],
    when: [
      buy({ account: TWO, price: 50, quantity: 10, selfTrade: "NONE" }),
      buy({ account: ALICE, price: 60, quantity: 10, selfTrade: "NONE" }),
    ],
    events: [
      "trade 1: 10 @ 50, account 5 (order 3, 0 left) buys from account 4 (order 1, 0 left), fees 5 and 0",
      "order 3 FILLED (reply): account 5 BUY 10 @ 50 NONE, 0 left, filled for 500",
      "trade 2: 10 @ 60, Alice (order 4, 0 left) buys from Alice (order 2, 0 left), fees 6 and 0",
      "order 4 FILLED (reply): Alice BUY 10 @ 60 NONE, 0 left, filled for 600",
    ],
    cash: { [HOUSE]: [11, 0] },
  });
});

scenario("in an auction nobody takes, and nobody gets a rebate", {
  given: [
    ...fees(-5, 10),
    setSymbolState({ state: "AUCTION" }),
    sell({ account: BOB, price: 100, quantity: 90 }),
    buy({ account: ALICE, price: 100, quantity: 90 }),
  ],
  when: setSymbolState({ state: "TRADING" }),
  events: [
    "trade 1: 90 @ 100, Alice (order 2, 0 left) buys from Bob (order 1, 0 left)",
    "symbol 0 is TRADING",
    "done",
  ],
  cash: { [HOUSE]: [0, 0], [ALICE]: [1_000, 0], [BOB]: [19_000, 0] },
});
scenario("a maker's fee is paid by both sides of an auction", {
  given: [
    ...fees(10, 20),
    setSymbolState({ state: "AUCTION" }),
    sell({ account: BOB, price: 100, quantity: 90 }),
    buy({ account: ALICE, price: 100, quantity: 90 }),
  ],
  when: setSymbolState({ state: "TRADING" }),
  events: [
    "trade 1: 90 @ 100, Alice (order 2, 0 left) buys from Bob (order 1, 0 left), fees 9 and 9",
    "symbol 0 is TRADING",
    "done",
  ],
  cash: { [HOUSE]: [18, 0] },
});
