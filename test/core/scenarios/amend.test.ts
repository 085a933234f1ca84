import {
  amend,
  buy,
  cancel,
  openAccount,
  sell,
  setSymbolRules,
  setSymbolState,
} from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

const first = buy({ account: ALICE, price: 100, quantity: 10 });
const second = buy({ account: BOB, price: 100, quantity: 5 });
const taken = sell({ account: CAROL, price: 100, quantity: 4 });

scenario("less keeps the place, and frees what it does not need any more", {
  given: [first, second],
  when: [amend({ account: ALICE, of: first, quantity: 6 }), taken],
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 6 @ 100, 6 left",
    "trade 1: 4 @ 100, Carol (order 3, 0 left) sells to Alice (order 1, 2 left)",
    "order 3 FILLED (reply): Carol SELL 4 @ 100, 0 left, filled for 400",
  ],
  bids: ["100 x 2", "100 x 5"],
  cash: { [ALICE]: [9_400, 200] },
});

scenario("more loses the place", {
  given: [first, second],
  when: [amend({ account: ALICE, of: first, quantity: 11 }), taken],
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 11 @ 100, 11 left",
    "trade 1: 4 @ 100, Carol (order 3, 0 left) sells to Bob (order 2, 1 left)",
    "order 3 FILLED (reply): Carol SELL 4 @ 100, 0 left, filled for 400",
  ],
  bids: ["100 x 1", "100 x 11"],
});

scenario("another price loses the place, also when it comes back", {
  given: [
    first,
    second,
    amend({ account: ALICE, of: first, price: 99 }),
    amend({ account: ALICE, of: first, price: 100 }),
  ],
  when: taken,
  events: [
    "trade 1: 4 @ 100, Carol (order 3, 0 left) sells to Bob (order 2, 1 left)",
    "order 3 FILLED (reply): Carol SELL 4 @ 100, 0 left, filled for 400",
  ],
  bids: ["100 x 1", "100 x 10"],
});

scenario("the quantity is the total, filled shares included", {
  given: [first, taken],
  when: amend({ account: ALICE, of: first, quantity: 7 }),
  events: ["order 1 PARTIALLY_FILLED (reply news open): Alice BUY 7 @ 100, 3 left, filled for 400"],
  bids: ["100 x 3"],
});

scenario("a total that is filled already is refused", {
  given: [first, taken],
  when: amend({ account: ALICE, of: first, quantity: 4 }),
  events: ["refused: INVALID_PARAMETER QUANTITY, order 1"],
  bids: ["100 x 6"],
});

scenario("an amendment that changes nothing keeps everything", {
  given: [first, second],
  when: [amend({ account: ALICE, of: first, price: 100, quantity: 10 }), taken],
  events: [
    "order 1 ACCEPTED (reply open): Alice BUY 10 @ 100, 10 left",
    "trade 1: 4 @ 100, Carol (order 3, 0 left) sells to Alice (order 1, 6 left)",
    "order 3 FILLED (reply): Carol SELL 4 @ 100, 0 left, filled for 400",
  ],
  bids: ["100 x 6", "100 x 5"],
});

scenario("a price that crosses trades, and the rest rests", {
  given: [sell({ account: BOB, price: 105, quantity: 4 }), first],
  when: amend({ account: ALICE, of: first, price: 106 }),
  events: [
    "trade 1: 4 @ 105, Alice (order 2, 6 left) buys from Bob (order 1, 0 left)",
    "order 2 PARTIALLY_FILLED (reply open): Alice BUY 10 @ 106, 6 left, filled for 420",
  ],
  bids: ["106 x 6"],
  cash: { [ALICE]: [8_944, 636] },
});

scenario("a price that crosses may fill the order", {
  given: [sell({ account: BOB, price: 105, quantity: 14 }), first],
  when: amend({ account: ALICE, of: first, price: 105 }),
  events: [
    "trade 1: 10 @ 105, Alice (order 2, 0 left) buys from Bob (order 1, 4 left)",
    "order 2 FILLED (reply): Alice BUY 10 @ 105, 0 left, filled for 1050",
  ],
  asks: ["105 x 4"],
});

scenario("an amendment that cannot be paid for is refused, and the order stays as it was", {
  given: [first, second],
  when: [
    amend({ account: ALICE, of: first, price: 1_000 }),
    amend({ account: ALICE, of: first, price: 1_001 }),
  ],
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 10 @ 1000, 10 left",
    "refused: INSUFFICIENT_FUNDS needs 10010 has 10000, order 1",
  ],
  cash: { [ALICE]: [0, 10_000] },
});

const offer = sell({ account: ALICE, price: 110, quantity: 10 });
scenario("an amendment that cannot be delivered is refused", {
  given: [offer],
  when: [
    amend({ account: ALICE, of: offer, quantity: 101 }),
    amend({ account: ALICE, of: offer, quantity: 100 }),
  ],
  events: [
    "refused: INSUFFICIENT_SHARES needs 101 has 100, order 1",
    "order 1 ACCEPTED (reply news open): Alice SELL 100 @ 110, 100 left",
  ],
  shares: { [ALICE]: [0, 100] },
});

scenario("an amendment that would meet an own order first is refused, and both stay", {
  given: [sell({ account: ALICE, price: 105, quantity: 4 }), first],
  when: amend({ account: ALICE, of: first, price: 105 }),
  events: ["refused: SELF_TRADE, order 2"],
  bids: ["100 x 10"],
  asks: ["105 x 4"],
});

scenario("an amended order that meets an own one after a fill is cancelled", {
  given: [
    sell({ account: BOB, price: 104, quantity: 4 }),
    sell({ account: ALICE, price: 105, quantity: 4 }),
    first,
  ],
  when: amend({ account: ALICE, of: first, price: 105 }),
  events: [
    "trade 1: 4 @ 104, Alice (order 3, 6 left) buys from Bob (order 1, 0 left)",
    "order 3 CANCELLED SELF_TRADE (reply news): Alice BUY 10 @ 105, 6 left, filled for 416",
  ],
  bids: [],
  asks: ["105 x 4"],
});

scenario("an order that is done cannot be amended", {
  given: [first, cancel({ account: ALICE, of: first })],
  when: amend({ account: ALICE, of: first, quantity: 6 }),
  events: ["refused: UNKNOWN_ORDER ORDER, order 1"],
});

scenario("another's order cannot be amended", {
  given: [first],
  when: amend({ account: BOB, of: first, quantity: 6 }),
  events: ["refused: UNKNOWN_ORDER ORDER, order 1"],
});

scenario("a user amends the orders of all of his accounts", {
  given: [openAccount({ account: 4, user: ALICE }), first],
  when: amend({ account: 4, of: first, quantity: 6 }),
  events: ["order 1 ACCEPTED (reply news open): Alice BUY 6 @ 100, 6 left"],
});

scenario("the rules of today hold for what comes in again, not for what gets less", {
  given: [first, setSymbolRules({ increment: 7, quantityMax: 5 })],
  when: [
    amend({ account: ALICE, of: first, price: 99 }),
    amend({ account: ALICE, of: first, price: 98 }),
    amend({ account: ALICE, of: first, quantity: 9 }),
  ],
  events: [
    "refused: OFF_INCREMENT 7, order 1",
    "refused: CAPACITY ORDER_QUANTITY, order 1",
    "order 1 ACCEPTED (reply news open): Alice BUY 9 @ 100, 9 left",
  ],
  bids: ["100 x 9"],
});

scenario("cancel-only: less, and nothing else", {
  given: [first, setSymbolState({ state: "CANCEL_ONLY" })],
  when: [
    amend({ account: ALICE, of: first, quantity: 9 }),
    amend({ account: ALICE, of: first, quantity: 10 }),
    amend({ account: ALICE, of: first, price: 99 }),
  ],
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 9 @ 100, 9 left",
    "refused: SYMBOL_NOT_TRADING, order 1",
    "refused: SYMBOL_NOT_TRADING, order 1",
  ],
});

scenario("halted: nothing", {
  given: [first, setSymbolState({ state: "HALTED" })],
  when: amend({ account: ALICE, of: first, quantity: 9 }),
  events: ["refused: SYMBOL_NOT_TRADING, order 1"],
});
