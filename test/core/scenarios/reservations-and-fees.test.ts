import { amend, buy, cancel, listSymbol, sell, setFees } from "../command-builder.ts";
import { ALICE, BOB, scenario } from "./scenario.ts";

const HOUSE = 0;

scenario("a purchase sets its price aside, a sale its shares", {
  when: [
    buy({ account: ALICE, price: 90, quantity: 10 }),
    sell({ account: ALICE, price: 100, quantity: 30 }),
  ],
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 10 @ 90, 10 left",
    "order 2 ACCEPTED (reply news open): Alice SELL 30 @ 100, 30 left",
  ],
  cash: { [ALICE]: [9_100, 900] },
  shares: { [ALICE]: [70, 30] },
});

scenario("what is set aside cannot be spent again", {
  given: [buy({ account: ALICE, price: 90, quantity: 100 })],
  when: [
    buy({ account: ALICE, price: 1_001, quantity: 1 }),
    buy({ account: ALICE, price: 1_000, quantity: 1 }),
  ],
  events: [
    "refused: INSUFFICIENT_FUNDS needs 1001 has 1000",
    "order 2 ACCEPTED (reply news open): Alice BUY 1 @ 1000, 1 left",
  ],
  cash: { [ALICE]: [0, 10_000] },
});

scenario("cash is one for all symbols", {
  given: [listSymbol({ symbol: 1 }), buy({ account: ALICE, price: 90, quantity: 100 })],
  when: buy({ account: ALICE, symbol: 1, price: 1_001, quantity: 1 }),
  events: ["refused: INSUFFICIENT_FUNDS needs 1001 has 1000"],
});

scenario("shares that are not there, or on offer already, cannot be sold", {
  given: [sell({ account: ALICE, price: 100, quantity: 60 }), listSymbol({ symbol: 1 })],
  when: [
    sell({ account: ALICE, price: 100, quantity: 41 }),
    sell({ account: ALICE, symbol: 1, price: 100, quantity: 1 }),
    sell({ account: ALICE, price: 100, quantity: 40 }),
  ],
  events: [
    "refused: INSUFFICIENT_SHARES needs 41 has 40",
    "refused: INSUFFICIENT_SHARES needs 1 has 0",
    "order 2 ACCEPTED (reply news open): Alice SELL 40 @ 100, 40 left",
  ],
});

scenario("a purchase below its limit costs what it costs", {
  given: [sell({ account: BOB, price: 80, quantity: 10 })],
  when: buy({ account: ALICE, price: 100, quantity: 100 }),
  events: [
    "trade 1: 10 @ 80, Alice (order 2, 90 left) buys from Bob (order 1, 0 left)",
    "order 2 PARTIALLY_FILLED (reply open): Alice BUY 100 @ 100, 90 left, filled for 800",
  ],
  cash: { [ALICE]: [200, 9_000] },
});

scenario("an IOC order, too, must be covered at its limit", {
  given: [sell({ account: BOB, price: 80, quantity: 10 })],
  when: buy({ account: ALICE, price: 101, quantity: 100, timeInForce: "IOC" }),
  events: ["refused: INSUFFICIENT_FUNDS needs 10100 has 10000"],
});

scenario("more than all the money in the world is more than one has", {
  when: [
    buy({ account: ALICE, price: 2_147_483_647, quantity: 2_147_483_647 }),
    sell({ account: ALICE, price: 2_147_483_647, quantity: 100 }),
  ],
  events: [
    "refused: INSUFFICIENT_FUNDS needs 9007199254740991 has 10000",
    "order 1 ACCEPTED (reply news open): Alice SELL 100 @ 2147483647, 100 left",
  ],
});

scenario("the maker's and the taker's fee go to the operator", {
  given: [setFees({ maker: 100, taker: 250 }), sell({ account: BOB, price: 100, quantity: 10 })],
  when: buy({ account: ALICE, price: 100, quantity: 10 }),
  events: [
    "trade 1: 10 @ 100, Alice (order 2, 0 left) buys from Bob (order 1, 0 left), fees 25 and 10",
    "order 2 FILLED (reply): Alice BUY 10 @ 100, 0 left, filled for 1000",
  ],
  cash: { [ALICE]: [8_975, 0], [BOB]: [10_990, 0], [HOUSE]: [35, 0] },
});

scenario("fees are rounded down, at every fill", {
  given: [
    setFees({ maker: 99, taker: 99 }),
    sell({ account: BOB, price: 100, quantity: 1 }),
    sell({ account: BOB, price: 101, quantity: 1 }),
    sell({ account: BOB, price: 102, quantity: 1 }),
  ],
  when: buy({ account: ALICE, price: 102, quantity: 3 }),
  events: [
    "trade 1: 1 @ 100, Alice (order 4, 2 left) buys from Bob (order 1, 0 left)",
    "trade 2: 1 @ 101, Alice (order 4, 1 left) buys from Bob (order 2, 0 left)",
    "trade 3: 1 @ 102, Alice (order 4, 0 left) buys from Bob (order 3, 0 left), fees 1 and 1",
    "order 4 FILLED (reply): Alice BUY 3 @ 102, 0 left, filled for 303",
  ],
  cash: { [HOUSE]: [2, 0] },
});

scenario("a purchase sets aside the larger of the two fees", {
  given: [setFees({ maker: 300, taker: 100 })],
  when: buy({ account: ALICE, price: 100, quantity: 10 }),
  events: ["order 1 ACCEPTED (reply news open): Alice BUY 10 @ 100, 10 left"],
  cash: { [ALICE]: [8_970, 1_030] },
});

scenario("with the fee a purchase can be one cent too dear", {
  given: [setFees({ maker: 0, taker: 100 })],
  when: [
    buy({ account: ALICE, price: 9_902, quantity: 1 }),
    buy({ account: ALICE, price: 9_901, quantity: 1 }),
  ],
  events: [
    "refused: INSUFFICIENT_FUNDS needs 10001 has 10000",
    "order 1 ACCEPTED (reply news open): Alice BUY 1 @ 9901, 1 left",
  ],
  cash: { [ALICE]: [0, 10_000] },
});

scenario("what a maker's fills do not need of the reserve comes back with each", {
  given: [setFees({ maker: 0, taker: 100 }), buy({ account: ALICE, price: 199, quantity: 3 })],
  when: [
    sell({ account: BOB, price: 199, quantity: 1 }),
    sell({ account: BOB, price: 199, quantity: 2 }),
  ],
  events: [
    "trade 1: 1 @ 199, Bob (order 2, 0 left) sells to Alice (order 1, 2 left), fees 1 and 0",
    "order 2 FILLED (reply): Bob SELL 1 @ 199, 0 left, filled for 199",
    "trade 2: 2 @ 199, Bob (order 3, 0 left) sells to Alice (order 1, 0 left), fees 3 and 0",
    "order 3 FILLED (reply): Bob SELL 2 @ 199, 0 left, filled for 398",
  ],
  cash: { [ALICE]: [9_403, 0], [BOB]: [10_593, 0], [HOUSE]: [4, 0] },
});

const old = buy({ account: ALICE, price: 100, quantity: 10 });
scenario("an order keeps the fees that it came with", {
  given: [setFees({ maker: 100, taker: 100 }), old, setFees({ maker: 0, taker: 0 })],
  when: [amend({ account: ALICE, of: old, quantity: 5 }), cancel({ account: ALICE, of: old })],
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 5 @ 100, 5 left",
    "order 1 CANCELLED USER (reply news): Alice BUY 5 @ 100, 5 left",
  ],
  cash: { [ALICE]: [10_000, 0] },
});

scenario("a fee of everything leaves the seller nothing", {
  given: [setFees({ maker: 10_000, taker: 0 }), sell({ account: BOB, price: 100, quantity: 1 })],
  when: buy({ account: ALICE, price: 100, quantity: 1, timeInForce: "IOC" }),
  events: [
    "trade 1: 1 @ 100, Alice (order 2, 0 left) buys from Bob (order 1, 0 left), fees 0 and 100",
    "order 2 FILLED (reply): Alice BUY 1 @ 100 IOC, 0 left, filled for 100",
  ],
});

scenario("makers pay, or get, 10,000 basis points at most; takers pay them", {
  when: [
    setFees({ maker: -10_001, taker: 0 }),
    setFees({ maker: 0, taker: -1 }),
    setFees({ maker: 10_001, taker: 0 }),
    setFees({ maker: 0, taker: 10_001 }),
  ],
  events: [
    "refused: INVALID_PARAMETER PRICE",
    "refused: INVALID_PARAMETER QUANTITY",
    "refused: INVALID_PARAMETER PRICE",
    "refused: INVALID_PARAMETER QUANTITY",
  ],
});
