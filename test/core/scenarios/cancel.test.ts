import {
  buy,
  cancel,
  cancelAll,
  depositShares,
  listSymbol,
  openAccount,
  sell,
} from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

const OPERATOR = 0;
const bid = buy({ account: ALICE, price: 100, quantity: 10 });
const offer = sell({ account: ALICE, price: 110, quantity: 10 });
const elsewhere = buy({ account: ALICE, symbol: 1, price: 50, quantity: 10 });

scenario("a cancelled purchase gives back its cash", {
  given: [bid],
  when: cancel({ account: ALICE, of: bid }),
  events: ["order 1 CANCELLED USER (reply news): Alice BUY 10 @ 100, 10 left"],
  bids: [],
  cash: { [ALICE]: [10_000, 0] },
});

scenario("a cancelled sale gives back its shares", {
  given: [offer],
  when: cancel({ account: ALICE, of: offer }),
  events: ["order 1 CANCELLED USER (reply news): Alice SELL 10 @ 110, 10 left"],
  asks: [],
  shares: { [ALICE]: [100, 0] },
});

scenario("only what is left is given back", {
  given: [bid, sell({ account: BOB, price: 100, quantity: 3 })],
  when: cancel({ account: ALICE, of: bid }),
  events: ["order 1 CANCELLED USER (reply news): Alice BUY 10 @ 100, 7 left, filled for 300"],
  cash: { [ALICE]: [9_700, 0] },
});

scenario("a second cancel finds nothing", {
  given: [bid, cancel({ account: ALICE, of: bid })],
  when: cancel({ account: ALICE, of: bid }),
  events: ["refused: UNKNOWN_ORDER ORDER, order 1"],
});

scenario("a new order in the old one's place is not the old one", {
  given: [
    bid,
    cancel({ account: ALICE, of: bid }),
    buy({ account: ALICE, price: 99, quantity: 1 }),
  ],
  when: cancel({ account: ALICE, of: bid }),
  events: ["refused: UNKNOWN_ORDER ORDER, order 1"],
  bids: ["99 x 1"],
});

scenario("another's order cannot be cancelled, but by the operator", {
  given: [bid],
  when: [cancel({ account: BOB, of: bid }), cancel({ account: OPERATOR, of: bid })],
  events: [
    "refused: UNKNOWN_ORDER ORDER, order 1",
    "order 1 CANCELLED OPERATOR (reply news): Alice BUY 10 @ 100, 10 left",
  ],
});

scenario("a user cancels the orders of all of his accounts", {
  given: [openAccount({ account: 4, user: ALICE }), bid],
  when: cancel({ account: 4, of: bid }),
  events: ["order 1 CANCELLED USER (reply news): Alice BUY 10 @ 100, 10 left"],
});

const nobodys = sell({ account: 4, price: 110, quantity: 1 });
scenario("accounts without a user are not one user's", {
  given: [
    openAccount({ account: 4, user: 0 }),
    openAccount({ account: 5, user: 0 }),
    depositShares({ account: 4, amount: 1 }),
    nobodys,
  ],
  when: [
    cancel({ account: 5, of: nobodys }),
    cancel({ account: 77, of: nobodys }),
    cancel({ account: -1, of: nobodys }),
    cancel({ account: 4, of: nobodys }),
  ],
  events: [
    "refused: UNKNOWN_ORDER ORDER, order 1",
    "refused: UNKNOWN_ORDER ORDER, order 1",
    "refused: UNKNOWN_ORDER ORDER, order 1",
    "order 1 CANCELLED USER (reply news): account 4 SELL 1 @ 110, 1 left",
  ],
});

scenario("the symbol, when it is said, must be the order's", {
  given: [bid, listSymbol({ symbol: 1 })],
  when: [
    cancel({ account: ALICE, of: bid, symbol: 1 }),
    cancel({ account: ALICE, of: bid, symbol: 0 }),
  ],
  events: [
    "refused: UNKNOWN_ORDER ORDER, order 1",
    "order 1 CANCELLED USER (reply news): Alice BUY 10 @ 100, 10 left",
  ],
});

scenario("all orders of an account go, the newest first", {
  given: [bid, offer, buy({ account: CAROL, price: 90, quantity: 1 }), listSymbol({ symbol: 1 })],
  when: [elsewhere, cancelAll({ account: ALICE })],
  events: [
    "order 4 ACCEPTED (reply news open): Alice BUY 10 @ 50 on symbol 1, 10 left",
    "order 4 CANCELLED CANCEL_ALL (news): Alice BUY 10 @ 50 on symbol 1, 10 left",
    "order 2 CANCELLED CANCEL_ALL (news): Alice SELL 10 @ 110, 10 left",
    "order 1 CANCELLED CANCEL_ALL (news): Alice BUY 10 @ 100, 10 left",
    "done, count 3",
  ],
  bids: ["90 x 1"],
  asks: [],
  cash: { [ALICE]: [10_000, 0] },
});

scenario("all orders of an account on one symbol go", {
  given: [listSymbol({ symbol: 1 }), bid, elsewhere, offer],
  when: cancelAll({ account: ALICE, symbol: 0 }),
  events: [
    "order 3 CANCELLED CANCEL_ALL (news): Alice SELL 10 @ 110, 10 left",
    "order 1 CANCELLED CANCEL_ALL (news): Alice BUY 10 @ 100, 10 left",
    "done, count 2",
  ],
  bids: [],
  asks: [],
  cash: { [ALICE]: [9_500, 500] },
});

scenario("they go on somebody's word", {
  when: (["USER", "DISCONNECT", "DEAD_MANS_SWITCH", "OPERATOR"] as const).flatMap((cause) => [
    buy({ account: ALICE, price: 100, quantity: 10 }),
    cancelAll({ account: ALICE, cause }),
  ]),
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 10 @ 100, 10 left",
    "order 1 CANCELLED CANCEL_ALL (news): Alice BUY 10 @ 100, 10 left",
    "done, count 1",
    "order 2 ACCEPTED (reply news open): Alice BUY 10 @ 100, 10 left",
    "order 2 CANCELLED DISCONNECT (news): Alice BUY 10 @ 100, 10 left",
    "done, count 1",
    "order 3 ACCEPTED (reply news open): Alice BUY 10 @ 100, 10 left",
    "order 3 CANCELLED DEAD_MANS_SWITCH (news): Alice BUY 10 @ 100, 10 left",
    "done, count 1",
    "order 4 ACCEPTED (reply news open): Alice BUY 10 @ 100, 10 left",
    "order 4 CANCELLED OPERATOR (news): Alice BUY 10 @ 100, 10 left",
    "done, count 1",
  ],
});

scenario("where there is nothing to cancel, nothing is cancelled", {
  given: [listSymbol({ symbol: 1 })],
  when: [cancelAll({ account: ALICE }), cancelAll({ account: ALICE, symbol: 1 })],
  events: ["done", "done"],
});

scenario("an account or a symbol that is not there has no orders to cancel", {
  when: [
    cancelAll({ account: 9 }),
    cancelAll({ account: ALICE, symbol: 2 }),
    cancelAll({ account: ALICE, symbol: 99 }),
  ],
  events: ["refused: NOT_YOUR_ACCOUNT", "refused: UNKNOWN_SYMBOL", "refused: UNKNOWN_SYMBOL"],
});
