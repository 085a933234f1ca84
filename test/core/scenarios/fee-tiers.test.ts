import { buy, cancelAll, depositCash, sell, setAccount, setFees } from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

const HOUSE = 0;
const everybody = setFees({ maker: 10, taker: 100 });

scenario("an account's own fees, and everybody's where it has none", {
  given: [
    everybody,
    setAccount({ account: ALICE, fees: { maker: 5, taker: 50 } }),
    sell({ account: BOB, price: 100, quantity: 30 }),
  ],
  when: [
    buy({ account: ALICE, price: 100, quantity: 10 }),
    buy({ account: CAROL, price: 100, quantity: 10 }),
    setAccount({ account: ALICE }),
    buy({ account: ALICE, price: 100, quantity: 10 }),
  ],
  events: [
    "trade 1: 10 @ 100, Alice (order 2, 0 left) buys from Bob (order 1, 20 left), fees 5 and 1",
    "order 2 FILLED (reply): Alice BUY 10 @ 100, 0 left, filled for 1000",
    "trade 2: 10 @ 100, Carol (order 3, 0 left) buys from Bob (order 1, 10 left), fees 10 and 1",
    "order 3 FILLED (reply): Carol BUY 10 @ 100, 0 left, filled for 1000",
    "done",
    "trade 3: 10 @ 100, Alice (order 4, 0 left) buys from Bob (order 1, 0 left), fees 10 and 1",
    "order 4 FILLED (reply): Alice BUY 10 @ 100, 0 left, filled for 1000",
  ],
  cash: { [HOUSE]: [28, 0] },
});
scenario("a maker's rebate comes from the operator, who may owe it", {
  given: [
    setFees({ maker: -100, taker: 0 }),
    sell({ account: BOB, price: 100, quantity: 10 }),
    buy({ account: CAROL, price: 90, quantity: 10 }),
  ],
  when: [
    buy({ account: ALICE, price: 100, quantity: 10 }),
    sell({ account: ALICE, price: 90, quantity: 10 }),
  ],
  events: [
    "trade 1: 10 @ 100, Alice (order 3, 0 left) buys from Bob (order 1, 0 left), fees 0 and -10",
    "order 3 FILLED (reply): Alice BUY 10 @ 100, 0 left, filled for 1000",
    "trade 2: 10 @ 90, Alice (order 4, 0 left) sells to Carol (order 2, 0 left), fees 0 and -9",
    "order 4 FILLED (reply): Alice SELL 10 @ 90, 0 left, filled for 900",
  ],
  cash: { [HOUSE]: [-19, 0], [BOB]: [11_010, 0], [CAROL]: [9_109, 0] },
});
scenario("fees and rebates are rounded towards zero, fill by fill", {
  given: [
    setFees({ maker: -50, taker: 50 }),
    sell({ account: BOB, price: 199, quantity: 1 }),
    sell({ account: BOB, price: 201, quantity: 1 }),
  ],
  when: buy({ account: ALICE, price: 201, quantity: 2 }),
  events: [
    "trade 1: 1 @ 199, Alice (order 3, 1 left) buys from Bob (order 1, 0 left)",
    "trade 2: 1 @ 201, Alice (order 3, 0 left) buys from Bob (order 2, 0 left), fees 1 and -1",
    "order 3 FILLED (reply): Alice BUY 2 @ 201, 0 left, filled for 400",
  ],
  cash: { [HOUSE]: [0, 0] },
});
scenario("a buyer reserves the larger fee, and nothing for a rebate", {
  given: [setFees({ maker: -50, taker: 0 })],
  when: [
    buy({ account: ALICE, price: 100, quantity: 10 }),
    setFees({ maker: -50, taker: 20 }),
    buy({ account: BOB, price: 100, quantity: 10 }),
  ],
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 10 @ 100, 10 left",
    "done",
    "order 2 ACCEPTED (reply news open): Bob BUY 10 @ 100, 10 left",
  ],
  cash: { [ALICE]: [9_000, 1_000], [BOB]: [8_998, 1_002] },
});
scenario("an order keeps the fees it came in with", {
  given: [
    setAccount({ account: ALICE, fees: { maker: 100, taker: 0 } }),
    sell({ account: ALICE, price: 100, quantity: 10 }),
    setAccount({ account: ALICE, fees: { maker: -100, taker: 0 } }),
  ],
  when: buy({ account: BOB, price: 100, quantity: 10 }),
  events: [
    "trade 1: 10 @ 100, Bob (order 2, 0 left) buys from Alice (order 1, 0 left), fees 0 and 10",
    "order 2 FILLED (reply): Bob BUY 10 @ 100, 0 left, filled for 1000",
  ],
  cash: { [HOUSE]: [10, 0], [ALICE]: [10_990, 0] },
});
scenario("an operator who owes takes any deposit, and gives none back", {
  given: [
    setFees({ maker: -1_000, taker: 0 }),
    sell({ account: BOB, price: 100, quantity: 10 }),
    buy({ account: ALICE, price: 100, quantity: 10 }),
  ],
  when: [
    depositCash({ account: HOUSE, amount: 40 }),
    depositCash({ account: HOUSE, amount: -1 }),
    depositCash({ account: HOUSE, amount: 70 }),
    depositCash({ account: HOUSE, amount: -10 }),
  ],
  events: [
    "done, total -60",
    "refused: INSUFFICIENT_FUNDS needs 1 has -60",
    "done, total 10",
    "done",
  ],
  cash: { [HOUSE]: [0, 0] },
});
scenario("a fee beyond everything is refused, and the account keeps what it had", {
  given: [everybody, setAccount({ account: ALICE, mayShort: true, fees: { maker: 0, taker: 0 } })],
  when: [
    setAccount({ account: ALICE, fees: { maker: -10_001, taker: 0 } }),
    setAccount({ account: ALICE, fees: { maker: 0, taker: 10_001 } }),
    setAccount({ account: ALICE, fees: { maker: 0, taker: -1 } }),
    setAccount({ account: 9, fees: { maker: 0, taker: 0 } }),
    sell({ account: ALICE, price: 100, quantity: 101 }),
    cancelAll({ account: ALICE }),
  ],
  events: [
    "refused: INVALID_PARAMETER PRICE",
    "refused: INVALID_PARAMETER QUANTITY",
    "refused: INVALID_PARAMETER QUANTITY",
    "refused: INVALID_PARAMETER ACCOUNT",
    "order 1 ACCEPTED (reply news open): Alice SELL 101 @ 100, 101 left",
    "order 1 CANCELLED CANCEL_ALL (news): Alice SELL 101 @ 100, 101 left",
    "done, count 1",
  ],
});
