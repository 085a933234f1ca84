import { describe } from "bun:test";
import {
  amend,
  buy,
  cancel,
  cancelAll,
  depositShares,
  sell,
  setSymbolRules,
  setSymbolState,
} from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

const stopBuy = buy({ account: ALICE, type: "STOP", stopPrice: 110, quantity: 5 });
const stopSell = sell({ account: ALICE, type: "STOP", stopPrice: 90, quantity: 5 });
/** Bob and Carol trade one share at a price. */
const tradeAt = (price: number) => [
  sell({ account: BOB, price, quantity: 1 }),
  buy({ account: CAROL, price, quantity: 1 }),
];

describe("while it waits", () => {
  scenario("a STOP to buy reserves twice its stop price where there is no band", {
    when: stopBuy,
    events: ["order 1 PENDING_TRIGGER (reply news open): Alice BUY 5 STOP 110 to 220, 5 left"],
    stops: ["110 x 5"],
    bids: [],
    cash: { [ALICE]: [8_900, 1_100] },
  });
  scenario("a STOP to buy reserves at the top of the band", {
    given: [setSymbolRules({ reference: 100, bandBps: 2_000 })],
    when: stopBuy,
    events: ["order 1 PENDING_TRIGGER (reply news open): Alice BUY 5 STOP 110 to 120, 5 left"],
    cash: { [ALICE]: [9_400, 600] },
  });
  scenario("a STOP to sell reserves its shares, a STOP_LIMIT its limit", {
    when: [
      stopSell,
      buy({ account: ALICE, type: "STOP_LIMIT", stopPrice: 110, price: 112, quantity: 5 }),
    ],
    events: [
      "order 1 PENDING_TRIGGER (reply news open): Alice SELL 5 STOP 90 to 1, 5 left",
      "order 2 PENDING_TRIGGER (reply news open): Alice BUY 5 STOP 110 @ 112, 5 left",
    ],
    stops: ["110 x 5", "90 x 5"],
    cash: { [ALICE]: [9_440, 560] },
    shares: { [ALICE]: [95, 5] },
  });
  scenario("who cannot pay the cap, or has not the shares, is refused", {
    when: [
      buy({ account: ALICE, type: "STOP", stopPrice: 110, quantity: 46 }),
      sell({ account: ALICE, type: "STOP", stopPrice: 90, quantity: 101 }),
    ],
    events: [
      "refused: INSUFFICIENT_FUNDS needs 10120 has 10000",
      "refused: INSUFFICIENT_SHARES needs 101 has 100",
    ],
    stops: [],
  });
  scenario("it is no part of the book: nobody trades with it", {
    given: [stopSell],
    when: buy({ account: BOB, price: 120, quantity: 1 }),
    events: ["order 2 ACCEPTED (reply news open): Bob BUY 1 @ 120, 1 left"],
    bids: ["120 x 1"],
    asks: [],
  });
  scenario("it is cancelled like any order, and frees what it reserved", {
    given: [stopBuy, stopSell],
    when: [cancel({ account: ALICE, of: stopSell }), cancelAll({ account: ALICE })],
    events: [
      "order 2 CANCELLED USER (reply news): Alice SELL 5 STOP 90 to 1, 5 left",
      "order 1 CANCELLED CANCEL_ALL (news): Alice BUY 5 STOP 110 to 220, 5 left",
      "done, count 1",
    ],
    stops: [],
    cash: { [ALICE]: [10_000, 0] },
    shares: { [ALICE]: [100, 0] },
  });
  scenario("less of it keeps its place, more of it goes behind", {
    given: [
      stopSell,
      sell({ account: BOB, type: "STOP", stopPrice: 90, quantity: 7 }),
      sell({ account: CAROL, type: "STOP", stopPrice: 90, quantity: 9 }),
    ],
    when: [
      amend({ account: ALICE, of: stopSell, quantity: 4 }),
      amend({ account: ALICE, of: stopSell, quantity: 6 }),
    ],
    events: [
      "order 1 PENDING_TRIGGER (reply news open): Alice SELL 4 STOP 90 to 1, 4 left",
      "order 1 PENDING_TRIGGER (reply news open): Alice SELL 6 STOP 90 to 1, 6 left",
    ],
    stops: ["90 x 7", "90 x 9", "90 x 6"],
    shares: { [ALICE]: [94, 6] },
  });
  scenario("a STOP has no price to amend; a STOP_LIMIT has", {
    given: [stopBuy],
    when: [
      amend({ account: ALICE, of: stopBuy, price: 120 }),
      buy({
        account: ALICE,
        type: "STOP_LIMIT",
        stopPrice: 110,
        price: 112,
        quantity: 5,
        clientId: "a",
      }),
      amend({ account: ALICE, clientId: "a", price: 115 }),
    ],
    events: [
      "refused: INVALID_PARAMETER PRICE, order 1",
      'order 2 PENDING_TRIGGER (reply news open): Alice BUY 5 STOP 110 @ 112 "a", 5 left',
      'order 2 PENDING_TRIGGER (reply news open): Alice BUY 5 STOP 110 @ 115 "a", 5 left',
    ],
    cash: { [ALICE]: [8_325, 1_675] },
  });
  scenario("its prices must be multiples of the increment", {
    given: [setSymbolRules({ increment: 5 })],
    when: [
      buy({ account: ALICE, type: "STOP", stopPrice: 101, quantity: 1 }),
      buy({ account: ALICE, type: "STOP_LIMIT", stopPrice: 100, price: 101, quantity: 1 }),
    ],
    events: ["refused: OFF_INCREMENT 5", "refused: OFF_INCREMENT 5"],
  });
});

describe("when a trade reaches it", () => {
  scenario("a STOP to buy takes what there is, and the rest expires", {
    given: [stopBuy, sell({ account: BOB, price: 115, quantity: 3 })],
    when: tradeAt(110),
    events: [
      "order 3 ACCEPTED (reply news open): Bob SELL 1 @ 110, 1 left",
      "trade 1: 1 @ 110, Carol (order 4, 0 left) buys from Bob (order 3, 0 left)",
      "order 4 FILLED (reply): Carol BUY 1 @ 110, 0 left, filled for 110",
      "trade 2: 3 @ 115, Alice (order 1, 2 left) buys from Bob (order 2, 0 left)",
      "order 1 EXPIRED TIME_IN_FORCE (news): Alice BUY 5 STOP 110 to 220, 2 left, filled for 345",
    ],
    stops: [],
    bids: [],
    cash: { [ALICE]: [9_655, 0] },
  });
  scenario("a STOP to sell is reached from above", {
    given: [stopSell, buy({ account: BOB, price: 80, quantity: 10 })],
    when: [
      sell({ account: CAROL, price: 90, quantity: 1 }),
      buy({ account: BOB, price: 90, quantity: 1 }),
    ],
    events: [
      "order 3 ACCEPTED (reply news open): Carol SELL 1 @ 90, 1 left",
      "trade 1: 1 @ 90, Bob (order 4, 0 left) buys from Carol (order 3, 0 left)",
      "order 4 FILLED (reply): Bob BUY 1 @ 90, 0 left, filled for 90",
      "trade 2: 5 @ 80, Alice (order 1, 0 left) sells to Bob (order 2, 5 left)",
      "order 1 FILLED (): Alice SELL 5 STOP 90 to 1, 0 left, filled for 400",
    ],
    bids: ["80 x 5"],
    shares: { [ALICE]: [95, 0] },
  });
  scenario("nothing happens short of it", {
    given: [stopBuy, stopSell],
    when: [...tradeAt(109), ...tradeAt(91)],
    events: [
      "order 3 ACCEPTED (reply news open): Bob SELL 1 @ 109, 1 left",
      "trade 1: 1 @ 109, Carol (order 4, 0 left) buys from Bob (order 3, 0 left)",
      "order 4 FILLED (reply): Carol BUY 1 @ 109, 0 left, filled for 109",
      "order 5 ACCEPTED (reply news open): Bob SELL 1 @ 91, 1 left",
      "trade 2: 1 @ 91, Carol (order 6, 0 left) buys from Bob (order 5, 0 left)",
      "order 6 FILLED (reply): Carol BUY 1 @ 91, 0 left, filled for 91",
    ],
    stops: ["110 x 5", "90 x 5"],
  });
  scenario("a STOP_LIMIT then trades up to its limit, and rests", {
    given: [
      buy({ account: ALICE, type: "STOP_LIMIT", stopPrice: 110, price: 112, quantity: 5 }),
      sell({ account: BOB, price: 111, quantity: 2 }),
      sell({ account: BOB, price: 113, quantity: 2 }),
    ],
    when: tradeAt(110),
    events: [
      "order 4 ACCEPTED (reply news open): Bob SELL 1 @ 110, 1 left",
      "trade 1: 1 @ 110, Carol (order 5, 0 left) buys from Bob (order 4, 0 left)",
      "order 5 FILLED (reply): Carol BUY 1 @ 110, 0 left, filled for 110",
      "trade 2: 2 @ 111, Alice (order 1, 3 left) buys from Bob (order 2, 0 left)",
      "order 1 PARTIALLY_FILLED (open): Alice BUY 5 STOP 110 @ 112, 3 left, filled for 222",
    ],
    bids: ["112 x 3"],
    asks: ["113 x 2"],
    cash: { [ALICE]: [9_442, 336] },
  });
  scenario("one that is reached already comes in at once", {
    given: [...tradeAt(110), sell({ account: BOB, price: 115, quantity: 5 })],
    when: stopBuy,
    events: [
      "order 4 PENDING_TRIGGER (reply news open): Alice BUY 5 STOP 110 to 220, 5 left",
      "trade 2: 5 @ 115, Alice (order 4, 0 left) buys from Bob (order 3, 0 left)",
      "order 4 FILLED (): Alice BUY 5 STOP 110 to 220, 0 left, filled for 575",
    ],
    stops: [],
  });
  scenario("it does not go beyond the band of that moment", {
    given: [
      stopBuy,
      sell({ account: BOB, price: 115, quantity: 3 }),
      sell({ account: BOB, price: 125, quantity: 3 }),
      setSymbolRules({ reference: 110, bandBps: 1_000 }),
    ],
    when: tradeAt(110),
    events: [
      "order 4 ACCEPTED (reply news open): Bob SELL 1 @ 110, 1 left",
      "trade 1: 1 @ 110, Carol (order 5, 0 left) buys from Bob (order 4, 0 left)",
      "order 5 FILLED (reply): Carol BUY 1 @ 110, 0 left, filled for 110",
      "trade 2: 3 @ 115, Alice (order 1, 2 left) buys from Bob (order 2, 0 left)",
      "order 1 EXPIRED TIME_IN_FORCE (news): Alice BUY 5 STOP 110 to 220, 2 left, filled for 345",
    ],
    asks: ["125 x 3"],
  });
  scenario("a STOP_LIMIT whose price is outside the band by then is cancelled", {
    given: [
      sell({ account: BOB, price: 150, quantity: 1 }),
      buy({ account: ALICE, type: "STOP_LIMIT", stopPrice: 110, price: 200, quantity: 5 }),
      setSymbolRules({ reference: 110, bandBps: 1_000 }),
    ],
    when: tradeAt(110),
    events: [
      "order 3 ACCEPTED (reply news open): Bob SELL 1 @ 110, 1 left",
      "trade 1: 1 @ 110, Carol (order 4, 0 left) buys from Bob (order 3, 0 left)",
      "order 4 FILLED (reply): Carol BUY 1 @ 110, 0 left, filled for 110",
      "order 2 CANCELLED PRICE_BAND (news): Alice BUY 5 STOP 110 @ 200, 5 left",
    ],
    bids: [],
    asks: ["150 x 1"],
    cash: { [ALICE]: [10_000, 0] },
  });
  scenario("post-only and fill-or-kill hold then, and cancel it", {
    given: [
      buy({
        account: ALICE,
        type: "STOP_LIMIT",
        stopPrice: 110,
        price: 115,
        quantity: 5,
        postOnly: true,
      }),
      buy({ account: CAROL, type: "STOP", stopPrice: 110, quantity: 4, timeInForce: "FOK" }),
      sell({ account: BOB, price: 115, quantity: 3 }),
    ],
    when: tradeAt(110),
    events: [
      "order 4 ACCEPTED (reply news open): Bob SELL 1 @ 110, 1 left",
      "trade 1: 1 @ 110, Carol (order 5, 0 left) buys from Bob (order 4, 0 left)",
      "order 5 FILLED (reply): Carol BUY 1 @ 110, 0 left, filled for 110",
      "order 1 CANCELLED POST_ONLY (news): Alice BUY 5 STOP 110 @ 115 post-only, 5 left",
      "order 2 CANCELLED FILL_OR_KILL (news): Carol BUY 4 STOP 110 to 220 FOK, 4 left",
    ],
    asks: ["115 x 3"],
  });
  scenario("self-trade prevention is its own", {
    given: [stopBuy, sell({ account: ALICE, price: 112, quantity: 3 })],
    when: tradeAt(110),
    events: [
      "order 3 ACCEPTED (reply news open): Bob SELL 1 @ 110, 1 left",
      "trade 1: 1 @ 110, Carol (order 4, 0 left) buys from Bob (order 3, 0 left)",
      "order 4 FILLED (reply): Carol BUY 1 @ 110, 0 left, filled for 110",
      "order 1 CANCELLED SELF_TRADE (news): Alice BUY 5 STOP 110 to 220, 5 left",
    ],
    asks: ["112 x 3"],
  });
});

describe("a cascade", () => {
  scenario(
    "buys from the lowest stop price up, the older first, then sells from the highest down",
    {
      given: [
        sell({ account: BOB, type: "STOP", stopPrice: 95, quantity: 1 }),
        buy({ account: ALICE, type: "STOP", stopPrice: 106, quantity: 1 }),
        buy({ account: ALICE, type: "STOP", stopPrice: 105, quantity: 2 }),
        buy({ account: CAROL, type: "STOP", stopPrice: 105, quantity: 3 }),
        sell({ account: BOB, price: 105, quantity: 1 }),
        sell({ account: BOB, price: 107, quantity: 5 }),
        sell({ account: BOB, price: 120, quantity: 1 }),
      ],
      when: buy({ account: CAROL, price: 105, quantity: 1 }),
      events: [
        "trade 1: 1 @ 105, Carol (order 8, 0 left) buys from Bob (order 5, 0 left)",
        "order 8 FILLED (reply): Carol BUY 1 @ 105, 0 left, filled for 105",
        "trade 2: 2 @ 107, Alice (order 3, 0 left) buys from Bob (order 6, 3 left)",
        "order 3 FILLED (): Alice BUY 2 STOP 105 to 210, 0 left, filled for 214",
        "trade 3: 3 @ 107, Carol (order 4, 0 left) buys from Bob (order 6, 0 left)",
        "order 4 FILLED (): Carol BUY 3 STOP 105 to 210, 0 left, filled for 321",
        "trade 4: 1 @ 120, Alice (order 2, 0 left) buys from Bob (order 7, 0 left)",
        "order 2 FILLED (): Alice BUY 1 STOP 106 to 212, 0 left, filled for 120",
      ],
      stops: ["95 x 1"],
    },
  );
  scenario("each moves the price and so brings in others, down the ladder", {
    given: [
      depositShares({ account: ALICE, amount: 10 }),
      sell({ account: ALICE, type: "STOP", stopPrice: 100, quantity: 2 }),
      sell({ account: ALICE, type: "STOP", stopPrice: 98, quantity: 2 }),
      sell({ account: ALICE, type: "STOP", stopPrice: 90, quantity: 2 }),
      buy({ account: BOB, price: 100, quantity: 1 }),
      buy({ account: BOB, price: 97, quantity: 2 }),
      buy({ account: BOB, price: 95, quantity: 10 }),
    ],
    when: sell({ account: CAROL, price: 100, quantity: 1 }),
    events: [
      "trade 1: 1 @ 100, Carol (order 7, 0 left) sells to Bob (order 4, 0 left)",
      "order 7 FILLED (reply): Carol SELL 1 @ 100, 0 left, filled for 100",
      "trade 2: 2 @ 97, Alice (order 1, 0 left) sells to Bob (order 5, 0 left)",
      "order 1 FILLED (): Alice SELL 2 STOP 100 to 1, 0 left, filled for 194",
      "trade 3: 2 @ 95, Alice (order 2, 0 left) sells to Bob (order 6, 8 left)",
      "order 2 FILLED (): Alice SELL 2 STOP 98 to 1, 0 left, filled for 190",
    ],
    bids: ["95 x 8"],
    stops: ["90 x 2"],
  });
  scenario("the reply stands before it, and tells of the order as it was then", {
    given: [sell({ account: ALICE, type: "STOP", stopPrice: 100, quantity: 4 }), ...tradeAt(101)],
    when: [
      buy({ account: BOB, price: 100, quantity: 10 }),
      sell({ account: CAROL, price: 100, quantity: 1 }),
    ],
    events: [
      "order 4 ACCEPTED (reply news open): Bob BUY 10 @ 100, 10 left",
      "trade 2: 1 @ 100, Carol (order 5, 0 left) sells to Bob (order 4, 9 left)",
      "order 5 FILLED (reply): Carol SELL 1 @ 100, 0 left, filled for 100",
      "trade 3: 4 @ 100, Alice (order 1, 0 left) sells to Bob (order 4, 5 left)",
      "order 1 FILLED (): Alice SELL 4 STOP 100 to 1, 0 left, filled for 400",
    ],
    bids: ["100 x 5"],
  });
});

describe("where nothing trades", () => {
  scenario("stops wait through a halt, and are not taken during one", {
    given: [stopBuy, setSymbolState({ state: "HALTED" })],
    when: [stopSell, setSymbolState({ state: "TRADING" })],
    events: ["refused: SYMBOL_NOT_TRADING", "symbol 0 is TRADING", "done"],
    stops: ["110 x 5"],
  });
  scenario("they are taken while orders gather, and come in after the auction", {
    given: [
      setSymbolState({ state: "AUCTION" }),
      sell({ account: BOB, price: 110, quantity: 1 }),
      sell({ account: BOB, price: 111, quantity: 5 }),
      buy({ account: CAROL, price: 110, quantity: 1 }),
    ],
    when: [stopBuy, setSymbolState({ state: "TRADING" })],
    events: [
      "order 4 PENDING_TRIGGER (reply news open): Alice BUY 5 STOP 110 to 220, 5 left",
      "trade 1: 1 @ 110, Carol (order 3, 0 left) buys from Bob (order 1, 0 left)",
      "symbol 0 is TRADING",
      "trade 2: 5 @ 111, Alice (order 4, 0 left) buys from Bob (order 2, 0 left)",
      "order 4 FILLED (): Alice BUY 5 STOP 110 to 220, 0 left, filled for 555",
      "done",
    ],
    asks: [],
  });
});
