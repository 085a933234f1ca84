/** A new stop price for a stop that waits. */
import { describe } from "bun:test";
import {
  amend,
  buy,
  sell,
  setProtection,
  setSymbolRules,
  setSymbolState,
} from "../command-builder.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

const stopBuy = buy({ account: ALICE, type: "STOP", stopPrice: 110, quantity: 5 });
const stopSell = sell({ account: ALICE, type: "STOP", stopPrice: 90, quantity: 5 });
const limited = { account: ALICE, type: "STOP_LIMIT", stopPrice: 110, price: 112 } as const;
const stopLimit = buy({ ...limited, quantity: 5 });
/** Bob and Carol trade one share at a price. */
const tradeAt = (price: number) => [
  sell({ account: BOB, price, quantity: 1 }),
  buy({ account: CAROL, price, quantity: 1 }),
];

scenario("a STOP to buy gets another cap, and reserves for that", {
  given: [stopBuy],
  when: amend({ account: ALICE, of: stopBuy, stopPrice: 120 }),
  events: ["order 1 PENDING_TRIGGER (reply news open): Alice BUY 5 STOP 120 to 240, 5 left"],
  stops: ["120 x 5"],
  cash: { [ALICE]: [8_800, 1_200] },
});

scenario("the cap is that of the band of today", {
  given: [stopBuy, setSymbolRules({ reference: 100, bandBps: 2_000 })],
  when: [
    amend({ account: ALICE, of: stopBuy, quantity: 6 }),
    amend({ account: ALICE, of: stopBuy, stopPrice: 115 }),
  ],
  events: [
    "order 1 PENDING_TRIGGER (reply news open): Alice BUY 6 STOP 110 to 220, 6 left",
    "order 1 PENDING_TRIGGER (reply news open): Alice BUY 6 STOP 115 to 120, 6 left",
  ],
  cash: { [ALICE]: [9_280, 720] },
});

scenario("a STOP to sell sells at any price, as before", {
  given: [stopSell],
  when: amend({ account: ALICE, of: stopSell, stopPrice: 80, quantity: 7 }),
  events: ["order 1 PENDING_TRIGGER (reply news open): Alice SELL 7 STOP 80 to 1, 7 left"],
  stops: ["80 x 7"],
  shares: { [ALICE]: [93, 7] },
});

scenario("a STOP_LIMIT keeps its limit, unless that is amended as well", {
  given: [stopLimit],
  when: [
    amend({ account: ALICE, of: stopLimit, stopPrice: 111 }),
    amend({ account: ALICE, of: stopLimit, stopPrice: 120, price: 125, quantity: 4 }),
  ],
  events: [
    "order 1 PENDING_TRIGGER (reply news open): Alice BUY 5 STOP 111 @ 112, 5 left",
    "order 1 PENDING_TRIGGER (reply news open): Alice BUY 4 STOP 120 @ 125, 4 left",
  ],
  cash: { [ALICE]: [9_500, 500] },
});

scenario("it loses its place, also when it comes back; the same stop price keeps it", {
  given: [stopBuy, buy({ account: CAROL, type: "STOP", stopPrice: 110, quantity: 7 })],
  when: [
    amend({ account: ALICE, of: stopBuy, stopPrice: 110 }),
    amend({ account: ALICE, of: stopBuy, stopPrice: 110, quantity: 4 }),
    amend({ account: ALICE, of: stopBuy, stopPrice: 111 }),
    amend({ account: ALICE, of: stopBuy, stopPrice: 110 }),
  ],
  events: [
    "order 1 PENDING_TRIGGER (reply open): Alice BUY 5 STOP 110 to 220, 5 left",
    "order 1 PENDING_TRIGGER (reply news open): Alice BUY 4 STOP 110 to 220, 4 left",
    "order 1 PENDING_TRIGGER (reply news open): Alice BUY 4 STOP 111 to 222, 4 left",
    "order 1 PENDING_TRIGGER (reply news open): Alice BUY 4 STOP 110 to 220, 4 left",
  ],
  stops: ["110 x 7", "110 x 4"],
});

describe("one that the last price reaches", () => {
  const given = [...tradeAt(105), stopBuy, sell({ account: BOB, price: 115, quantity: 3 })];
  scenario("comes in at once", {
    given,
    when: amend({ account: ALICE, of: stopBuy, stopPrice: 105 }),
    events: [
      "order 3 PENDING_TRIGGER (reply news open): Alice BUY 5 STOP 105 to 210, 5 left",
      "trade 2: 3 @ 115, Alice (order 3, 2 left) buys from Bob (order 4, 0 left)",
      "order 3 EXPIRED TIME_IN_FORCE (news): Alice BUY 5 STOP 105 to 210, 2 left, filled for 345",
    ],
    stops: [],
    cash: { [ALICE]: [9_655, 0] },
  });
  scenario("waits for the opening while orders gather", {
    given: [...given, setSymbolState({ state: "AUCTION" })],
    when: [
      amend({ account: ALICE, of: stopBuy, stopPrice: 105 }),
      setSymbolState({ state: "TRADING" }),
    ],
    events: [
      "order 3 PENDING_TRIGGER (reply news open): Alice BUY 5 STOP 105 to 210, 5 left",
      "symbol 0 is TRADING",
      "trade 2: 3 @ 115, Alice (order 3, 2 left) buys from Bob (order 4, 0 left)",
      "order 3 EXPIRED TIME_IN_FORCE (news): Alice BUY 5 STOP 105 to 210, 2 left, filled for 345",
      "done",
    ],
  });
});

describe("is refused, and the stop stays as it was,", () => {
  scenario("for an order that does not wait: one that never did, and one that came in", {
    given: [
      buy({ account: ALICE, price: 100, quantity: 1, clientId: "a" }),
      buy({ ...limited, quantity: 5, clientId: "b" }),
      ...tradeAt(110),
    ],
    when: [
      amend({ account: ALICE, clientId: "a", stopPrice: 110 }),
      amend({ account: ALICE, clientId: "b", stopPrice: 110 }),
    ],
    events: [
      "refused: INVALID_PARAMETER STOP_PRICE, order 1",
      "refused: INVALID_PARAMETER STOP_PRICE, order 2",
    ],
    bids: ["112 x 5", "100 x 1"],
  });
  scenario("for a stop price that is none", {
    given: [stopBuy, stopSell],
    when: [
      amend({ account: ALICE, of: stopBuy, stopPrice: -1 }),
      amend({ account: ALICE, of: stopSell, stopPrice: -90 }),
    ],
    events: [
      "refused: INVALID_PARAMETER STOP_PRICE, order 1",
      "refused: INVALID_PARAMETER STOP_PRICE, order 2",
    ],
    stops: ["110 x 5", "90 x 5"],
  });
  scenario("off the increment, beyond a limit, beyond one's means", {
    given: [stopBuy, setSymbolRules({ increment: 5 }), setProtection({ notionalMax: 6_000 })],
    when: [
      amend({ account: ALICE, of: stopBuy, stopPrice: 111 }),
      amend({ account: ALICE, of: stopBuy, stopPrice: 1_205 }),
      amend({ account: ALICE, of: stopBuy, stopPrice: 1_005 }),
    ],
    events: [
      "refused: OFF_INCREMENT 5, order 1",
      "refused: CAPACITY ORDER_NOTIONAL, order 1",
      "refused: INSUFFICIENT_FUNDS needs 10050 has 10000, order 1",
    ],
    stops: ["110 x 5"],
    cash: { [ALICE]: [8_900, 1_100] },
  });
  for (const state of ["HALTED", "CANCEL_ONLY"] as const) {
    scenario(`while the symbol is ${state}`, {
      given: [stopBuy, setSymbolState({ state })],
      when: amend({ account: ALICE, of: stopBuy, stopPrice: 111 }),
      events: ["refused: SYMBOL_NOT_TRADING, order 1"],
      stops: ["110 x 5"],
    });
  }
});
