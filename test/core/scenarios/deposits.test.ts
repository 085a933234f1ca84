import { CASH_MAX } from "../../../src/core/command.ts";
import {
  buy,
  depositCash,
  depositShares,
  note,
  openAccount,
  record,
  sell,
} from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

/** Of Alice, Bob and Carol together. */
const CASH = 30_000;
const SHARES = 300;

scenario("cash comes and goes", {
  when: [
    depositCash({ account: ALICE, amount: 500 }),
    depositCash({ account: ALICE, amount: -10_500 }),
    depositCash({ account: ALICE, amount: 0 }),
  ],
  events: ["done, total 10500", "done", "done"],
  cash: { [ALICE]: [0, 0] },
});

scenario("what is reserved cannot be withdrawn; the total counts it", {
  given: [buy({ account: ALICE, price: 100, quantity: 40 })],
  when: [
    depositCash({ account: ALICE, amount: -6_001 }),
    depositCash({ account: ALICE, amount: -6_000 }),
  ],
  events: ["refused: INSUFFICIENT_FUNDS needs 6001 has 6000", "done, total 4000"],
  cash: { [ALICE]: [0, 4_000] },
});

scenario("all cash together stays a number that counts exactly", {
  when: [
    depositCash({ account: ALICE, amount: CASH_MAX - CASH + 1 }),
    depositCash({ account: ALICE, amount: CASH_MAX - CASH }),
    depositCash({ account: BOB, amount: 1 }),
    depositCash({ account: BOB, amount: -1 }),
    depositCash({ account: ALICE, amount: 1 }),
  ],
  events: [
    "refused: CAPACITY CASH",
    `done, total ${CASH_MAX - CASH + 10_000}`,
    "refused: CAPACITY CASH",
    "done, total 9999",
    `done, total ${CASH_MAX - CASH + 10_001}`,
  ],
  cash: { [ALICE]: [CASH_MAX - CASH + 10_001, 0] },
});

scenario("shares come and go, but for those on offer", {
  given: [sell({ account: ALICE, price: 100, quantity: 40 })],
  when: [
    depositShares({ account: ALICE, amount: 5 }),
    depositShares({ account: ALICE, amount: -66 }),
    depositShares({ account: ALICE, amount: -65 }),
  ],
  events: ["done, total 105", "refused: INSUFFICIENT_SHARES needs 66 has 65", "done, total 40"],
  shares: { [ALICE]: [0, 40] },
});

scenario("all shares of a symbol together stay a number that counts exactly", {
  when: [
    depositShares({ account: ALICE, amount: CASH_MAX - SHARES + 1 }),
    depositShares({ account: ALICE, amount: CASH_MAX - SHARES }),
    depositShares({ account: BOB, amount: 1 }),
  ],
  events: [
    "refused: CAPACITY SHARES",
    `done, total ${CASH_MAX - SHARES + 100}`,
    "refused: CAPACITY SHARES",
  ],
});

scenario("who holds all the cash there can be trades with himself, and it stays as much", {
  given: [
    sell({ account: ALICE, price: 1, quantity: 10 }),
    depositCash({ account: ALICE, amount: CASH_MAX - CASH }),
    depositCash({ account: BOB, amount: -10_000 }),
    depositCash({ account: CAROL, amount: -10_000 }),
    depositCash({ account: ALICE, amount: 20_000 }),
  ],
  when: buy({ account: ALICE, price: 1, quantity: 4, selfTrade: "NONE" }),
  events: [
    "trade 1: 4 @ 1, Alice (order 2, 0 left) buys from Alice (order 1, 6 left)",
    "order 2 FILLED (reply): Alice BUY 4 @ 1 NONE, 0 left, filled for 4",
  ],
  cash: { [ALICE]: [CASH_MAX, 0] },
});

scenario("who holds all the shares there can be trades with himself, and they stay as many", {
  given: [
    buy({ account: ALICE, price: 1, quantity: 10 }),
    depositShares({ account: BOB, amount: -100 }),
    depositShares({ account: CAROL, amount: -100 }),
    depositShares({ account: ALICE, amount: CASH_MAX - 100 }),
  ],
  when: sell({ account: ALICE, price: 1, quantity: 4, selfTrade: "NONE" }),
  events: [
    "trade 1: 4 @ 1, Alice (order 2, 0 left) sells to Alice (order 1, 6 left)",
    "order 2 FILLED (reply): Alice SELL 4 @ 1 NONE, 0 left, filled for 4",
  ],
  shares: { [ALICE]: [CASH_MAX, 0] },
});

for (const amount of [0.5, Number.NaN, Infinity, -Infinity, 2 ** 53]) {
  scenario(`${amount} is no amount`, {
    when: [depositCash({ account: ALICE, amount }), depositShares({ account: ALICE, amount })],
    events: ["refused: INVALID_PARAMETER AMOUNT", "refused: INVALID_PARAMETER AMOUNT"],
    cash: { [ALICE]: [10_000, 0] },
    shares: { [ALICE]: [100, 0] },
  });
}

scenario("a deposit is to an account, of a symbol, that is there", {
  when: [
    depositCash({ account: 9, amount: 1 }),
    depositCash({ account: -1, amount: 1 }),
    depositShares({ account: 9, amount: 1 }),
    depositShares({ account: ALICE, symbol: 1, amount: 1 }),
  ],
  events: [
    "refused: INVALID_PARAMETER ACCOUNT",
    "refused: INVALID_PARAMETER ACCOUNT",
    "refused: INVALID_PARAMETER ACCOUNT",
    "refused: UNKNOWN_SYMBOL",
  ],
});

scenario("accounts are opened in order", {
  when: [
    openAccount({ account: 3 }),
    openAccount({ account: 5 }),
    openAccount({ account: 4 }),
    openAccount({ account: 4 }),
  ],
  events: [
    "refused: INVALID_PARAMETER ACCOUNT",
    "refused: INVALID_PARAMETER ACCOUNT",
    "done, count 4",
    "refused: INVALID_PARAMETER ACCOUNT",
  ],
});

scenario("an order is of an account that is there, and not of the operator", {
  when: [
    buy({ account: 0, price: 1, quantity: 1 }),
    buy({ account: 4, price: 1, quantity: 1 }),
    buy({ account: -1, price: 1, quantity: 1 }),
  ],
  events: ["refused: NOT_YOUR_ACCOUNT", "refused: NOT_YOUR_ACCOUNT", "refused: NOT_YOUR_ACCOUNT"],
});

scenario("a note changes nothing; a command that nobody knows is refused", {
  when: [note({ text: "key_1 created" }), record({ kind: 0 }), record({ kind: 255, account: 2 })],
  events: ["done", "refused: INVALID_PARAMETER KIND", "refused: INVALID_PARAMETER KIND"],
});
