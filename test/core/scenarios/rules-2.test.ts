/** What version 2 of the rules changed (`src/core/rules.ts`). */
import { describe } from "bun:test";
import { buy, sell, setRules, setShares, setSymbolState } from "../command-builder.ts";
import { createTestCore } from "../test-core.ts";
import { ALICE, BOB, CAROL, SCENARIO_SYMBOLS, scenario, scenariosOn } from "./scenario.ts";

describe("the command, after version 1", () => {
  const work = { accountOrdersMax: 4 };
  const bids = (count: number) =>
    Array.from({ length: count }, () => buy({ account: ALICE, price: 1, quantity: 1 }));
  scenariosOn(createTestCore(SCENARIO_SYMBOLS, { work }), work)("keeps shares and ids", {
    given: [
      setRules({ version: 1, seed: 7 }),
      setShares({ orders: 2, pages: 2, positions: 2, clientIds: 2 }),
      buy({ account: ALICE, price: 1, quantity: 1, clientId: "a" }),
    ],
    when: [
      setRules({ seed: 8 }),
      buy({ account: ALICE, price: 1, quantity: 1, clientId: "a" }),
      ...bids(2),
    ],
    events: [
      "done",
      'order 1 ACCEPTED (reply duplicate open): Alice BUY 1 @ 1 "a", 1 left',
      "order 2 ACCEPTED (reply news open): Alice BUY 1 @ 1, 1 left",
      "refused: CAPACITY ALL_ACCOUNT_ORDERS",
    ],
  });
});

describe("the last price triggers every stop that gathered, wherever the first of them move it", () => {
  const last = [
    sell({ account: BOB, price: 94, quantity: 1 }),
    buy({ account: CAROL, price: 94, quantity: 1 }),
    setSymbolState({ state: "PRE_OPEN" }),
  ];
  const open = setSymbolState({ state: "TRADING" });
  const bid = buy({ account: CAROL, price: 105, quantity: 9 });
  const sales = [
    sell({ account: ALICE, type: "STOP", stopPrice: 108, quantity: 7 }),
    sell({ account: BOB, type: "STOP", stopPrice: 103, quantity: 1 }),
  ];
  const first = [
    "symbol 0 is TRADING",
    "trade 2: 7 @ 105, Alice (order 4, 0 left) sells to Carol (order 3, 2 left)",
    "order 4 FILLED (): Alice SELL 7 STOP 108 to 1, 0 left, filled for 735",
  ];
  scenario("stops to sell", {
    given: [setRules({}), ...last, bid, ...sales],
    when: open,
    events: [
      ...first,
      "trade 3: 1 @ 105, Bob (order 5, 0 left) sells to Carol (order 3, 1 left)",
      "order 5 FILLED (): Bob SELL 1 STOP 103 to 1, 0 left, filled for 105",
      "done",
    ],
    stops: [],
  });
  scenario("stops to buy", {
    given: [
      setRules({}),
      ...last,
      sell({ account: CAROL, price: 85, quantity: 9 }),
      buy({ account: ALICE, type: "STOP", stopPrice: 80, quantity: 7 }),
      buy({ account: BOB, type: "STOP", stopPrice: 90, quantity: 1 }),
    ],
    when: open,
    events: [
      "symbol 0 is TRADING",
      "trade 2: 7 @ 85, Alice (order 4, 0 left) buys from Carol (order 3, 2 left)",
      "order 4 FILLED (): Alice BUY 7 STOP 80 to 160, 0 left, filled for 595",
      "trade 3: 1 @ 85, Bob (order 5, 0 left) buys from Carol (order 3, 1 left)",
      "order 5 FILLED (): Bob BUY 1 STOP 90 to 180, 0 left, filled for 85",
      "done",
    ],
    stops: [],
  });
  scenario("the price of the opening, where there is one, and none before it", {
    given: [
      setRules({}),
      ...last,
      buy({ account: CAROL, price: 110, quantity: 2 }),
      sell({ account: BOB, price: 110, quantity: 1 }),
      ...sales,
    ],
    when: open,
    events: [
      "trade 2: 1 @ 110, Bob (order 4, 0 left) sells to Carol (order 3, 1 left)",
      "symbol 0 is TRADING",
      "done",
    ],
    stops: ["108 x 7", "103 x 1"],
  });
  scenario("under version 1, the others waited on", {
    given: [setRules({ version: 1 }), ...last, bid, ...sales],
    when: open,
    events: [...first, "done"],
    stops: ["103 x 1"],
  });
});
