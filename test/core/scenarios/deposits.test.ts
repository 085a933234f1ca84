import {
  buy,
  depositCash,
  depositShares,
  note,
  openAccount,
  record,
  sell,
} from "../command-builder.ts";
import { ALICE, BOB, scenario } from "./scenario.ts";

const CASH_MAX = Number.MAX_SAFE_INTEGER;
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
  events: ["refused: INSUFFICIENT_FUNDS", "done, total 4000"],
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
    "done, total 9007199254720991",
    "refused: CAPACITY CASH",
    "done, total 9999",
    "done, total 9007199254720992",
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
  events: ["done, total 105", "refused: INSUFFICIENT_SHARES", "done, total 40"],
  shares: { [ALICE]: [0, 40] },
});

scenario("all shares of a symbol together stay a number that counts exactly", {
  when: [
    depositShares({ account: ALICE, amount: CASH_MAX - SHARES + 1 }),
    depositShares({ account: ALICE, amount: CASH_MAX - SHARES }),
    depositShares({ account: BOB, amount: 1 }),
  ],
  events: ["refused: CAPACITY SHARES", "done, total 9007199254740791", "refused: CAPACITY SHARES"],
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

scenario("an order is of an account that is there, and not of the house", {
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
