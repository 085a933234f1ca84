import { CommandKind } from "../../../src/core/command.ts";
import {
  amend,
  buy,
  cancel,
  listSymbol,
  record,
  sell,
  setProtection,
  setSymbolRules,
} from "../command-builder.ts";
import { ALICE, BOB, scenario } from "./scenario.ts";

const one = buy({ account: ALICE, price: 90, quantity: 1 });

scenario("the largest notional: of a limit order at its limit, of a stop at its stop price", {
  given: [setProtection({ notionalMax: 1_000 })],
  when: [
    buy({ account: ALICE, price: 100, quantity: 10 }),
    buy({ account: ALICE, price: 100, quantity: 11 }),
    sell({ account: ALICE, type: "STOP", stopPrice: 50, quantity: 21 }),
    sell({ account: ALICE, type: "STOP", stopPrice: 50, quantity: 20 }),
    buy({ account: ALICE, type: "STOP_LIMIT", stopPrice: 50, price: 101, quantity: 10 }),
  ],
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 10 @ 100, 10 left",
    "refused: CAPACITY ORDER_NOTIONAL",
    "refused: CAPACITY ORDER_NOTIONAL",
    "order 2 PENDING_TRIGGER (reply news open): Alice SELL 20 STOP 50 to 1, 20 left",
    "refused: CAPACITY ORDER_NOTIONAL",
  ],
});
scenario("… of a market order at the reference price", {
  given: [
    setProtection({ notionalMax: 1_000 }),
    setSymbolRules({ reference: 100 }),
    sell({ account: BOB, price: 100, quantity: 10 }),
  ],
  when: [
    buy({ account: ALICE, type: "MARKET", quantity: 11 }),
    buy({ account: ALICE, type: "MARKET", quantity: 10 }),
  ],
  events: [
    "refused: CAPACITY ORDER_NOTIONAL",
    "trade 1: 10 @ 100, Alice (order 2, 0 left) buys from Bob (order 1, 0 left)",
    "order 2 FILLED (reply): Alice BUY 10 MARKET, 0 left, filled for 1000",
  ],
});
scenario("an amendment is held to it as well, unless it only takes away", {
  given: [
    buy({ account: ALICE, price: 90, quantity: 20, clientId: "a" }),
    setProtection({ notionalMax: 1_000 }),
  ],
  when: [
    amend({ account: ALICE, clientId: "a", price: 91 }),
    amend({ account: ALICE, clientId: "a", quantity: 15 }),
    amend({ account: ALICE, clientId: "a", quantity: 16 }),
    amend({ account: ALICE, clientId: "a", price: 100, quantity: 10 }),
  ],
  events: [
    "refused: CAPACITY ORDER_NOTIONAL, order 1",
    'order 1 ACCEPTED (reply news open): Alice BUY 15 @ 90 "a", 15 left',
    "refused: CAPACITY ORDER_NOTIONAL, order 1",
    'order 1 ACCEPTED (reply news open): Alice BUY 10 @ 100 "a", 10 left',
  ],
  bids: ["100 x 10"],
});
scenario("open orders of an account and a symbol: stops count, others' do not", {
  given: [
    listSymbol({ symbol: 1 }),
    setProtection({ openOrdersMax: 2 }),
    one,
    sell({ account: ALICE, type: "STOP", stopPrice: 50, quantity: 1 }),
  ],
  when: [
    buy({ account: ALICE, price: 90, quantity: 1 }),
    buy({ account: ALICE, type: "STOP", stopPrice: 120, quantity: 1 }),
    buy({ account: ALICE, symbol: 1, price: 90, quantity: 1 }),
    buy({ account: BOB, price: 90, quantity: 1 }),
    buy({ account: ALICE, price: 90, quantity: 1, timeInForce: "IOC" }),
    amend({ account: ALICE, of: one, quantity: 3 }),
    cancel({ account: ALICE, of: one }),
    buy({ account: ALICE, price: 91, quantity: 1 }),
  ],
  events: [
    "refused: CAPACITY ACCOUNT_ORDERS",
    "refused: CAPACITY ACCOUNT_ORDERS",
    "order 3 ACCEPTED (reply news open): Alice BUY 1 @ 90 on symbol 1, 1 left",
    "order 4 ACCEPTED (reply news open): Bob BUY 1 @ 90, 1 left",
    "order 5 EXPIRED TIME_IN_FORCE (reply news): Alice BUY 1 @ 90 IOC, 1 left",
    "order 1 ACCEPTED (reply news open): Alice BUY 3 @ 90, 3 left",
    "order 1 CANCELLED USER (reply news): Alice BUY 3 @ 90, 3 left",
    "order 6 ACCEPTED (reply news open): Alice BUY 1 @ 91, 1 left",
  ],
});
scenario("for every symbol, and those listed later", {
  given: [
    setProtection({ symbol: -1, notionalMax: 100, openOrdersMax: 1 }),
    listSymbol({ symbol: 1 }),
  ],
  when: [
    buy({ account: ALICE, symbol: 1, price: 101, quantity: 1 }),
    buy({ account: ALICE, symbol: 1, price: 100, quantity: 1 }),
    buy({ account: ALICE, symbol: 1, price: 100, quantity: 1 }),
    buy({ account: ALICE, price: 101, quantity: 1 }),
  ],
  events: [
    "refused: CAPACITY ORDER_NOTIONAL",
    "order 1 ACCEPTED (reply news open): Alice BUY 1 @ 100 on symbol 1, 1 left",
    "refused: CAPACITY ACCOUNT_ORDERS",
    "refused: CAPACITY ORDER_NOTIONAL",
  ],
});
scenario("protections that make no sense are refused", {
  when: [
    setProtection({ openOrdersMax: -1 }),
    setProtection({ notionalMax: 0.5 }),
    setProtection({ notionalMax: -1 }),
    setProtection({ pauseMs: -1 }),
    setProtection({ symbol: 2 }),
    record({ kind: CommandKind.SET_SYMBOL_PROTECTION, symbol: 99 }),
  ],
  events: [
    "refused: INVALID_PARAMETER QUANTITY",
    "refused: INVALID_PARAMETER AMOUNT",
    "refused: INVALID_PARAMETER AMOUNT",
    "refused: INVALID_PARAMETER QUANTITY",
    "refused: UNKNOWN_SYMBOL",
    "refused: UNKNOWN_SYMBOL",
  ],
});
