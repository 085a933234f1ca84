import { CommandKind } from "../../../src/core/command.ts";
import {
  buy,
  cancel,
  cancelAll,
  listSymbol,
  record,
  sell,
  setSymbolRules,
  setSymbolState,
} from "../command-builder.ts";
import { ALICE, BOB, scenario } from "./scenario.ts";

const bid = buy({ account: ALICE, price: 100, quantity: 10 });
const other = buy({ account: ALICE, price: 99, quantity: 10 });

scenario("a symbol that is not listed is not known", {
  when: [
    buy({ account: ALICE, symbol: 1, price: 100, quantity: 1 }),
    buy({ account: ALICE, symbol: 99, price: 100, quantity: 1 }),
    buy({ account: ALICE, symbol: -1, price: 100, quantity: 1 }),
    setSymbolState({ symbol: 1, state: "HALTED" }),
  ],
  events: [
    "refused: UNKNOWN_SYMBOL",
    "refused: UNKNOWN_SYMBOL",
    "refused: UNKNOWN_SYMBOL",
    "refused: UNKNOWN_SYMBOL",
  ],
});

scenario("a listed symbol trades at once", {
  when: [listSymbol({ symbol: 2 }), buy({ account: ALICE, symbol: 2, price: 100, quantity: 1 })],
  events: [
    "symbol 2 is TRADING",
    "done",
    "order 1 ACCEPTED (reply news open): Alice BUY 1 @ 100 on symbol 2, 1 left",
  ],
});

scenario("a symbol is listed once, has a number in range and a positive increment", {
  when: [
    listSymbol({ symbol: 0 }),
    listSymbol({ symbol: 3 }),
    listSymbol({ symbol: -1 }),
    listSymbol({ symbol: 1, increment: 0 }),
    listSymbol({ symbol: 1, increment: -5 }),
  ],
  events: [
    "refused: INVALID_PARAMETER SYMBOL",
    "refused: INVALID_PARAMETER SYMBOL",
    "refused: INVALID_PARAMETER SYMBOL",
    "refused: INVALID_PARAMETER PRICE",
    "refused: INVALID_PARAMETER PRICE",
  ],
});

for (const state of ["HALTED", "CANCEL_ONLY"] as const) {
  scenario(`${state}: no new orders, but cancels`, {
    given: [bid, other, setSymbolState({ state })],
    when: [
      buy({ account: ALICE, price: 100, quantity: 1 }),
      sell({ account: BOB, type: "MARKET", quantity: 1 }),
      cancel({ account: ALICE, of: bid }),
      cancelAll({ account: ALICE }),
    ],
    events: [
      "refused: SYMBOL_NOT_TRADING",
      "refused: SYMBOL_NOT_TRADING",
      "order 1 CANCELLED USER (reply news): Alice BUY 10 @ 100, 10 left",
      "order 2 CANCELLED CANCEL_ALL (news): Alice BUY 10 @ 99, 10 left",
      "done, count 1",
    ],
    bids: [],
    cash: { [ALICE]: [10_000, 0] },
  });
}

scenario("what rested through a halt trades after it", {
  given: [bid, setSymbolState({ state: "HALTED" })],
  when: [setSymbolState({ state: "TRADING" }), sell({ account: BOB, price: 100, quantity: 10 })],
  events: [
    "symbol 0 is TRADING",
    "done",
    "trade 1: 10 @ 100, Bob (order 2, 0 left) sells to Alice (order 1, 0 left)",
    "order 2 FILLED (reply): Bob SELL 10 @ 100, 0 left, filled for 1000",
  ],
});

scenario("a state that is there already is no news", {
  when: setSymbolState({ state: "TRADING" }),
  events: ["done"],
});

scenario("there are five states to be in", {
  when: [
    setSymbolState({ state: "UNLISTED" }),
    record({ kind: CommandKind.SET_SYMBOL_STATE, quantity: 6 }),
    record({ kind: CommandKind.SET_SYMBOL_STATE, quantity: -1 }),
  ],
  events: [
    "refused: INVALID_PARAMETER STATE",
    "refused: INVALID_PARAMETER STATE",
    "refused: INVALID_PARAMETER STATE",
  ],
});

scenario("the symbol's state is looked at before anything about the order", {
  given: [setSymbolRules({ increment: 7, quantityMax: 1 }), setSymbolState({ state: "HALTED" })],
  when: buy({ account: ALICE, price: 99_999, quantity: 99_999 }),
  events: ["refused: SYMBOL_NOT_TRADING"],
});

scenario("one symbol's halt is not another's", {
  given: [listSymbol({ symbol: 1 }), setSymbolState({ symbol: 1, state: "HALTED" })],
  when: [bid, buy({ account: ALICE, symbol: 1, price: 100, quantity: 1 })],
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 10 @ 100, 10 left",
    "refused: SYMBOL_NOT_TRADING",
  ],
});
