import { amend, buy, depositShares, openAccount, sell, setAccount } from "../command-builder.ts";
import { ALICE, BOB, scenario } from "./scenario.ts";

const ZOE = 4;
const mayShort = [openAccount({ account: ZOE }), setAccount({ account: ZOE, mayShort: true })];

scenario("an account without the flag sells what it has", {
  given: [openAccount({ account: ZOE })],
  when: sell({ account: ZOE, price: 100, quantity: 1 }),
  events: ["refused: INSUFFICIENT_SHARES needs 1 has 0"],
});

scenario("an account with the flag sells what it does not have", {
  given: mayShort,
  when: [
    sell({ account: ZOE, price: 100, quantity: 30 }),
    buy({ account: ALICE, price: 100, quantity: 10 }),
  ],
  events: [
    "order 1 ACCEPTED (reply news open): account 4 SELL 30 @ 100, 30 left",
    "trade 1: 10 @ 100, Alice (order 2, 0 left) buys from account 4 (order 1, 20 left)",
    "order 2 FILLED (reply): Alice BUY 10 @ 100, 0 left, filled for 1000",
  ],
  shares: { [ZOE]: [-30, 20], [ALICE]: [110, 0] },
  cash: { [ZOE]: [1_000, 0] },
});

const short = sell({ account: ZOE, price: 100, quantity: 30 });
scenario("and buys it back", {
  given: [...mayShort, buy({ account: BOB, price: 100, quantity: 30 }), short],
  when: [
    sell({ account: ALICE, price: 90, quantity: 30 }),
    buy({ account: ZOE, price: 90, quantity: 30 }),
  ],
  events: [
    "order 3 ACCEPTED (reply news open): Alice SELL 30 @ 90, 30 left",
    "trade 2: 30 @ 90, account 4 (order 4, 0 left) buys from Alice (order 3, 0 left)",
    "order 4 FILLED (reply): account 4 BUY 30 @ 90, 0 left, filled for 2700",
  ],
  cash: { [ZOE]: [300, 0] },
});

scenario("without the flag again, what is on offer stays, and nothing is added", {
  given: [...mayShort, short, setAccount({ account: ZOE, mayShort: false })],
  when: [
    sell({ account: ZOE, price: 100, quantity: 1 }),
    amend({ account: ZOE, of: short, quantity: 31 }),
    amend({ account: ZOE, of: short, quantity: 29 }),
    amend({ account: ZOE, of: short, price: 99 }),
  ],
  events: [
    "refused: INSUFFICIENT_SHARES needs 1 has -30",
    "refused: INSUFFICIENT_SHARES needs 31 has 0, order 1",
    "order 1 ACCEPTED (reply news open): account 4 SELL 29 @ 100, 29 left",
    "refused: INSUFFICIENT_SHARES needs 29 has 0, order 1",
  ],
  shares: { [ZOE]: [-29, 29] },
});

scenario("shares that are owed cannot be withdrawn, and are paid back by a deposit", {
  given: [...mayShort, short],
  when: [depositShares({ account: ZOE, amount: -1 }), depositShares({ account: ZOE, amount: 30 })],
  events: ["refused: INSUFFICIENT_SHARES needs 1 has -30", "done, total 30"],
  shares: { [ZOE]: [0, 30] },
});

scenario("the flag is an account's", {
  given: mayShort,
  when: [
    sell({ account: ALICE, price: 100, quantity: 101 }),
    setAccount({ account: 9, mayShort: true }),
  ],
  events: ["refused: INSUFFICIENT_SHARES needs 101 has 100", "refused: INVALID_PARAMETER ACCOUNT"],
});
