import { buy, listSymbol, sell, setSymbolRules } from "../command-builder.ts";
import { ALICE, BOB, scenario } from "./scenario.ts";

const at = (price: number) => buy({ account: ALICE, price, quantity: 1 });

scenario("a price must be a multiple of the increment", {
  given: [setSymbolRules({ increment: 25 })],
  when: [at(125), at(130)],
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 1 @ 125, 1 left",
    "refused: OFF_INCREMENT 25",
  ],
  bids: ["125 x 1"],
});

scenario("a symbol has the increment that it was listed with", {
  given: [listSymbol({ symbol: 1, increment: 5 })],
  when: [
    buy({ account: ALICE, symbol: 1, price: 7, quantity: 1 }),
    buy({ account: ALICE, symbol: 1, price: 10, quantity: 1 }),
  ],
  events: [
    "refused: OFF_INCREMENT 5",
    "order 1 ACCEPTED (reply news open): Alice BUY 1 @ 10 on symbol 1, 1 left",
  ],
});

scenario("a price outside the band is refused, its edges are inside", {
  given: [setSymbolRules({ reference: 1_000, bandBps: 500 })],
  when: [at(949), at(950), at(1_050), at(1_051)],
  events: [
    "refused: OUTSIDE_BAND 950 to 1050",
    "order 1 ACCEPTED (reply news open): Alice BUY 1 @ 950, 1 left",
    "order 2 ACCEPTED (reply news open): Alice BUY 1 @ 1050, 1 left",
    "refused: OUTSIDE_BAND 950 to 1050",
  ],
  bids: ["1050 x 1", "950 x 1"],
});

scenario("the band is rounded outwards", {
  given: [setSymbolRules({ reference: 101, bandBps: 100 })],
  when: [at(98), at(99), at(103), at(104)],
  events: [
    "refused: OUTSIDE_BAND 99 to 103",
    "order 1 ACCEPTED (reply news open): Alice BUY 1 @ 99, 1 left",
    "order 2 ACCEPTED (reply news open): Alice BUY 1 @ 103, 1 left",
    "refused: OUTSIDE_BAND 99 to 103",
  ],
});

scenario("the lowest and the highest price that are told are ones that an order may have", {
  given: [setSymbolRules({ increment: 5, reference: 1_005, bandBps: 1_000 })],
  when: [at(900), at(905), at(1_105), at(1_110)],
  events: [
    "refused: OUTSIDE_BAND 905 to 1105",
    "order 1 ACCEPTED (reply news open): Alice BUY 1 @ 905, 1 left",
    "order 2 ACCEPTED (reply news open): Alice BUY 1 @ 1105, 1 left",
    "refused: OUTSIDE_BAND 905 to 1105",
  ],
  bids: ["1105 x 1", "905 x 1"],
});

scenario("the band moves with the last trade", {
  given: [setSymbolRules({ reference: 1_000, bandBps: 1_000 }), at(1_100)],
  when: [sell({ account: BOB, price: 1_100, quantity: 1 }), at(1_210), at(989), at(990)],
  events: [
    "trade 1: 1 @ 1100, Bob (order 2, 0 left) sells to Alice (order 1, 0 left)",
    "order 2 FILLED (reply): Bob SELL 1 @ 1100, 0 left, filled for 1100",
    "order 3 ACCEPTED (reply news open): Alice BUY 1 @ 1210, 1 left",
    "refused: OUTSIDE_BAND 990 to 1210",
    "order 4 ACCEPTED (reply news open): Alice BUY 1 @ 990, 1 left",
  ],
  bids: ["1210 x 1", "990 x 1"],
});

scenario("without a reference there is no band until the first trade", {
  given: [setSymbolRules({ bandBps: 1_000 })],
  when: [at(5_000), sell({ account: BOB, price: 100, quantity: 1 }), at(4_499), at(4_500)],
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 1 @ 5000, 1 left",
    "trade 1: 1 @ 5000, Bob (order 2, 0 left) sells to Alice (order 1, 0 left)",
    "order 2 FILLED (reply): Bob SELL 1 @ 100, 0 left, filled for 5000",
    "refused: OUTSIDE_BAND 4500 to 5500",
    "order 3 ACCEPTED (reply news open): Alice BUY 1 @ 4500, 1 left",
  ],
});

scenario("the reference follows trades also while there is no band", {
  given: [at(200), sell({ account: BOB, price: 200, quantity: 1 })],
  when: [setSymbolRules({ bandBps: 1_000 }), at(179), at(180)],
  events: [
    "done",
    "refused: OUTSIDE_BAND 180 to 220",
    "order 3 ACCEPTED (reply news open): Alice BUY 1 @ 180, 1 left",
  ],
});

scenario("the increment is looked at before the band", {
  given: [setSymbolRules({ increment: 2, reference: 100, bandBps: 1_000 })],
  when: [at(111), at(112)],
  events: ["refused: OFF_INCREMENT 2", "refused: OUTSIDE_BAND 90 to 110"],
});

scenario("what rests outside a new band still trades", {
  given: [sell({ account: BOB, price: 150, quantity: 1 })],
  when: [
    setSymbolRules({ reference: 100, bandBps: 1_000 }),
    at(150),
    setSymbolRules({ reference: 140, bandBps: 1_000 }),
    at(150),
  ],
  events: [
    "done",
    "refused: OUTSIDE_BAND 90 to 110",
    "done",
    "trade 1: 1 @ 150, Alice (order 2, 0 left) buys from Bob (order 1, 0 left)",
    "order 2 FILLED (reply): Alice BUY 1 @ 150, 0 left, filled for 150",
  ],
});

scenario("a market order finds no liquidity outside the band", {
  given: [
    sell({ account: BOB, price: 150, quantity: 1 }),
    setSymbolRules({ reference: 100, bandBps: 1_000 }),
  ],
  when: buy({ account: ALICE, type: "MARKET", quantity: 1 }),
  events: ["refused: NO_LIQUIDITY"],
});

scenario("rules for all symbols hold for those listed later", {
  when: [
    setSymbolRules({ symbol: -1, quantityMax: 3 }),
    listSymbol({ symbol: 1 }),
    buy({ account: ALICE, symbol: 0, price: 5, quantity: 4 }),
    buy({ account: ALICE, symbol: 1, price: 5, quantity: 4 }),
    buy({ account: ALICE, symbol: 1, price: 5, quantity: 3 }),
  ],
  events: [
    "done",
    "symbol 1 is TRADING",
    "done",
    "refused: CAPACITY ORDER_QUANTITY",
    "refused: CAPACITY ORDER_QUANTITY",
    "order 1 ACCEPTED (reply news open): Alice BUY 3 @ 5 on symbol 1, 3 left",
  ],
});

scenario("rules that make no sense are refused", {
  when: [
    setSymbolRules({ increment: -1 }),
    setSymbolRules({ reference: -1 }),
    setSymbolRules({ quantityMax: -1 }),
    setSymbolRules({ bandBps: -1 }),
    setSymbolRules({ bandBps: 0.5 }),
    setSymbolRules({ bandBps: 10_001 }),
    setSymbolRules({ bandBps: Number.NaN }),
    setSymbolRules({ symbol: 2 }),
  ],
  events: [
    "refused: INVALID_PARAMETER PRICE",
    "refused: INVALID_PARAMETER PRICE",
    "refused: INVALID_PARAMETER QUANTITY",
    "refused: INVALID_PARAMETER AMOUNT",
    "refused: INVALID_PARAMETER AMOUNT",
    "refused: INVALID_PARAMETER AMOUNT",
    "refused: INVALID_PARAMETER AMOUNT",
    "refused: UNKNOWN_SYMBOL",
  ],
});

scenario("the highest price there is", {
  given: [sell({ account: BOB, price: 2_147_483_647, quantity: 1 })],
  when: [
    setSymbolRules({ reference: 2_147_483_647, bandBps: 10_000 }),
    sell({ account: BOB, price: 2_147_483_646, quantity: 1 }),
    at(2_147_483_647),
  ],
  events: [
    "done",
    "order 2 ACCEPTED (reply news open): Bob SELL 1 @ 2147483646, 1 left",
    "refused: INSUFFICIENT_FUNDS needs 2147483647 has 10000",
  ],
  asks: ["2147483646 x 1", "2147483647 x 1"],
});
