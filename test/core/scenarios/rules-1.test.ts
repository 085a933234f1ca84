/** What version 1 of the rules changed (`src/core/rules.ts`); before it, everything is as the other scenarios say. */
import { describe } from "bun:test";
import {
  amend,
  at,
  buy,
  clock,
  note,
  sell,
  setAccount,
  setProtection,
  setRules,
  setSymbolRules,
  setSymbolState,
} from "../command-builder.ts";
import { createTestCore } from "../test-core.ts";
import { ALICE, BOB, CAROL, SCENARIO_SYMBOLS, scenario, scenariosOn } from "./scenario.ts";

const rules = setRules({});
const own = sell({ account: ALICE, price: 100, quantity: 10 });

describe("the command", () => {
  scenario("there is no way back, and none to what this program does not know", {
    given: [rules],
    when: [setRules({}), setRules({ version: 0 }), setRules({ version: 3 })],
    events: Array(3).fill("refused: INVALID_PARAMETER QUANTITY"),
  });
  scenario("the seed is a whole number from 0", {
    when: [setRules({ seed: -1 }), setRules({ seed: 0.5 }), setRules({ seed: 2 ** 53 - 1 })],
    events: ["refused: INVALID_PARAMETER AMOUNT", "refused: INVALID_PARAMETER AMOUNT", "done"],
  });
  scenario("client order ids given before are known after", {
    given: [buy({ account: ALICE, price: 1, quantity: 1, clientId: "a" }), rules],
    when: [
      buy({ account: ALICE, price: 1, quantity: 1, clientId: "a" }),
      buy({ account: ALICE, price: 2, quantity: 1, clientId: "a" }),
    ],
    events: [
      'order 1 ACCEPTED (reply duplicate open): Alice BUY 1 @ 1 "a", 1 left',
      "refused: CLIENT_ORDER_ID_REUSED",
    ],
  });
});

describe("self-trade prevention that changed anything is a cancellation, and the id is kept", () => {
  const order = { account: ALICE, price: 100, quantity: 3, clientId: "x" };
  const decrement = buy({ ...order, selfTrade: "DECREMENT" });
  const both = buy({ ...order, selfTrade: "CANCEL_BOTH" });
  scenario("DECREMENT: sent again it places nothing", {
    given: [rules, own],
    when: [decrement, buy({ ...order, selfTrade: "DECREMENT" })],
    events: [
      "order 1 ACCEPTED (news open): Alice SELL 7 @ 100, 7 left",
      'order 2 CANCELLED SELF_TRADE (reply news): Alice BUY 3 @ 100 DECREMENT "x", 3 left',
      "order 2 of Alice again, which is done",
    ],
    asks: ["100 x 7"],
  });
  scenario("CANCEL_BOTH likewise", {
    given: [rules, own],
    when: [both, buy({ ...order, selfTrade: "CANCEL_BOTH" })],
    events: [
      "order 1 CANCELLED SELF_TRADE (news): Alice SELL 10 @ 100, 10 left",
      'order 2 CANCELLED SELF_TRADE (reply news): Alice BUY 3 @ 100 CANCEL_BOTH "x", 3 left',
      "order 2 of Alice again, which is done",
    ],
    asks: [],
  });
  scenario("a market order that is only reduced", {
    given: [rules, own],
    when: buy({ account: ALICE, type: "MARKET", quantity: 12, selfTrade: "DECREMENT" }),
    events: [
      "order 1 CANCELLED SELF_TRADE (news): Alice SELL 10 @ 100, 10 left",
      "order 2 CANCELLED SELF_TRADE (reply news): Alice BUY 2 MARKET DECREMENT, 2 left",
    ],
  });
  scenario("CANCEL_NEWEST changes nothing: refused, and the id is free", {
    given: [rules, own],
    when: [buy(order), buy({ ...order, price: 99 })],
    events: [
      "refused: SELF_TRADE",
      'order 2 ACCEPTED (reply news open): Alice BUY 3 @ 99 "x", 3 left',
    ],
  });
});

describe("every trade elects stops", () => {
  const last = [
    sell({ account: CAROL, price: 100, quantity: 1 }),
    buy({ account: BOB, price: 100, quantity: 1 }),
    sell({ account: CAROL, price: 89, quantity: 1 }),
    sell({ account: CAROL, price: 95, quantity: 1 }),
  ];
  const stop = sell({ account: ALICE, type: "STOP", stopPrice: 90, quantity: 1 });
  // 89 is offered after the stop came to wait, and the last price is still 100.
  scenario("a sweep that begins at 89 and ends at 95 lets a stop at 90 in", {
    given: [rules, ...last, stop],
    when: buy({ account: BOB, price: 95, quantity: 2 }),
    events: [
      "trade 2: 1 @ 89, Bob (order 6, 1 left) buys from Carol (order 3, 0 left)",
      "trade 3: 1 @ 95, Bob (order 6, 0 left) buys from Carol (order 4, 0 left)",
      "order 6 FILLED (reply): Bob BUY 2 @ 95, 0 left, filled for 184",
      "order 5 EXPIRED TIME_IN_FORCE (news): Alice SELL 1 STOP 90 to 1, 1 left",
    ],
    stops: [],
  });
  scenario("a stop that comes later is not elected by trades before it", {
    given: [rules, ...last, buy({ account: BOB, price: 95, quantity: 2 })],
    when: stop,
    events: ["order 6 PENDING_TRIGGER (reply news open): Alice SELL 1 STOP 90 to 1, 1 left"],
    stops: ["90 x 1"],
  });
});

describe("the volatility pause", () => {
  const guard = setProtection({ moveBps: 800, windowMs: 1_000, pauseMs: 500, auctionMs: 200 });
  const tradeAt = (time: number, price: number) => [
    at(time, sell({ account: BOB, price, quantity: 1 })),
    at(time, buy({ account: CAROL, price, quantity: 1 })),
  ];
  scenario("every trade is measured: a sweep at 90 and then 95", {
    given: [
      rules,
      guard,
      ...tradeAt(100, 100),
      at(200, sell({ account: BOB, price: 90, quantity: 1 })),
      at(200, sell({ account: BOB, price: 95, quantity: 1 })),
    ],
    when: at(200, buy({ account: CAROL, price: 95, quantity: 2 })),
    events: [
      "trade 2: 1 @ 90, Carol (order 5, 1 left) buys from Bob (order 3, 0 left)",
      "trade 3: 1 @ 95, Carol (order 5, 0 left) buys from Bob (order 4, 0 left)",
      "order 5 FILLED (reply): Carol BUY 2 @ 95, 0 left, filled for 185",
      "symbol 0 is HALTED",
    ],
  });
  scenario("trades of one sweep are measured with each other", {
    given: [
      rules,
      guard,
      at(100, sell({ account: BOB, price: 100, quantity: 1 })),
      at(100, sell({ account: BOB, price: 109, quantity: 1 })),
    ],
    when: at(200, buy({ account: CAROL, price: 109, quantity: 2 })),
    events: [
      "trade 1: 1 @ 100, Carol (order 3, 1 left) buys from Bob (order 1, 0 left)",
      "trade 2: 1 @ 109, Carol (order 3, 0 left) buys from Bob (order 2, 0 left)",
      "order 3 FILLED (reply): Carol BUY 2 @ 109, 0 left, filled for 209",
      "symbol 0 is HALTED",
    ],
  });
  scenario("a price older than the window does not count", {
    given: [rules, guard, ...tradeAt(100, 100), at(3_600_000, clock())],
    when: tradeAt(3_600_100, 110),
    events: [
      "order 3 ACCEPTED (reply news open): Bob SELL 1 @ 110, 1 left",
      "trade 2: 1 @ 110, Carol (order 4, 0 left) buys from Bob (order 3, 0 left)",
      "order 4 FILLED (reply): Carol BUY 1 @ 110, 0 left, filled for 110",
    ],
  });
  scenario("the price of an auction counts as long as it is within the window", {
    given: [
      rules,
      guard,
      at(100, setSymbolState({ state: "AUCTION" })),
      ...tradeAt(200, 100),
      at(300, setSymbolState({ state: "TRADING" })),
    ],
    when: tradeAt(400, 109).slice(0, 2),
    events: [
      "order 3 ACCEPTED (reply news open): Bob SELL 1 @ 109, 1 left",
      "trade 2: 1 @ 109, Carol (order 4, 0 left) buys from Bob (order 3, 0 left)",
      "order 4 FILLED (reply): Carol BUY 1 @ 109, 0 left, filled for 109",
      "symbol 0 is HALTED",
    ],
  });
});

describe("an amendment to a total at or below what is filled cancels the rest", () => {
  const filled = [rules, own, buy({ account: BOB, price: 100, quantity: 6 })];
  const cancelled = "Alice SELL 10 @ 100, 4 left, filled for 600";
  scenario("at it", {
    given: filled,
    when: amend({ account: ALICE, of: own, quantity: 6 }),
    events: [`order 1 CANCELLED USER (reply news): ${cancelled}`],
    asks: [],
    shares: { [ALICE]: [94, 0] },
  });
  scenario("below it, by the operator, while the symbol is halted, whatever the price", {
    given: [...filled, setSymbolState({ state: "HALTED" })],
    when: amend({ account: 0, of: own, quantity: 1, price: 200 }),
    events: [`order 1 CANCELLED OPERATOR (reply news): ${cancelled}`],
  });
  scenario("a quantity below 0 is not a total", {
    given: filled,
    when: amend({ account: ALICE, of: own, quantity: -1 }),
    events: ["refused: INVALID_PARAMETER QUANTITY, order 1"],
    asks: ["100 x 4"],
  });
});

const dear = [
  sell({ account: BOB, price: 100, quantity: 10 }),
  sell({ account: ALICE, price: 200, quantity: 10 }),
  sell({ account: BOB, price: 300, quantity: 10 }),
];
for (const selfTrade of ["CANCEL_NEWEST", "CANCEL_BOTH"] as const) {
  const shown = selfTrade === "CANCEL_NEWEST" ? "" : ` ${selfTrade}`;
  scenario(
    `a market order need not pay for what is behind the own one at which ${selfTrade} ends it`,
    {
      given: [rules, ...dear, buy({ account: ALICE, price: 1, quantity: 8_000 })],
      when: [
        buy({ account: ALICE, type: "MARKET", quantity: 30, selfTrade: "NONE" }),
        buy({ account: ALICE, type: "MARKET", quantity: 30, selfTrade: "DECREMENT" }),
        buy({ account: ALICE, type: "MARKET", quantity: 30, selfTrade }),
      ],
      events: [
        "refused: INSUFFICIENT_FUNDS needs 6000 has 2000",
        "refused: INSUFFICIENT_FUNDS needs 6000 has 2000",
        "trade 1: 10 @ 100, Alice (order 5, 20 left) buys from Bob (order 1, 0 left)",
        ...(selfTrade === "CANCEL_BOTH"
          ? ["order 2 CANCELLED SELF_TRADE (news): Alice SELL 10 @ 200, 10 left"]
          : []),
        `order 5 CANCELLED SELF_TRADE (reply news): Alice BUY 30 MARKET${shown}, 20 left, filled for 1000`,
      ],
    },
  );
}
scenario("an amendment that meets one's own order after a fill is told, as of a new order", {
  given: [
    rules,
    sell({ account: BOB, price: 99, quantity: 10 }),
    own,
    buy({ account: ALICE, price: 90, quantity: 20, clientId: "a" }),
  ],
  when: amend({ account: ALICE, clientId: "a", price: 100 }),
  events: [
    "trade 1: 10 @ 99, Alice (order 3, 10 left) buys from Bob (order 1, 0 left)",
    'order 3 CANCELLED SELF_TRADE (reply news): Alice BUY 20 @ 100 "a", 10 left, filled for 990',
  ],
});

scenario("a STOP to buy above the band reserves up to the top of the band", {
  given: [rules, setSymbolRules({ increment: 1, reference: 100, bandBps: 1_000 })],
  when: buy({ account: ALICE, type: "STOP", stopPrice: 200, quantity: 10 }),
  events: ["order 1 PENDING_TRIGGER (reply news open): Alice BUY 10 STOP 200 to 110, 10 left"],
  cash: { [ALICE]: [8_900, 1_100] },
});

describe("shape comes before symbol, state and increment", () => {
  const past = { account: ALICE, quantity: 1, timeInForce: "GTD", expireAt: 1 } as const;
  scenario("past its time of expiry", {
    given: [rules, setSymbolRules({ increment: 5 }), at(100, setSymbolState({ state: "HALTED" }))],
    when: [buy({ ...past, price: 7 }), buy({ ...past, price: 7, symbol: 2 })],
    events: Array(2).fill("refused: INVALID_PARAMETER EXPIRE_AT"),
  });
  scenario("but a client order id given before is known whatever the time", {
    given: [rules, at(100, buy({ ...past, price: 7, expireAt: 200, clientId: "a" }))],
    when: [at(200, buy({ ...past, price: 7, expireAt: 200, clientId: "a" }))],
    events: [
      'order 1 EXPIRED EXPIRE_AT (news): Alice BUY 1 @ 7 GTD "a", 1 left',
      "order 1 of Alice again, which is done",
    ],
  });
});

describe("bounds of work", () => {
  const work = { cascadeWorkMax: 2, scannedOrdersMax: 3, auctionSearchesMax: 1 };
  const bounded = scenariosOn(createTestCore(SCENARIO_SYMBOLS, { work }), work);
  const offers = [1, 2, 3, 4].map((i) => sell({ account: BOB, price: 100 + i, quantity: 1 }));
  const offerAt = (price: number) => sell({ account: BOB, price, quantity: 1 });
  const tooMany = "refused: CAPACITY SCANNED_ORDERS";

  scenario(
    "a market order by somebody without money looks no further than shows that it is too much",
    {
      given: [rules, sell({ account: BOB, price: 9_000, quantity: 2 }), ...offers.slice(0, 1)],
      when: buy({ account: ALICE, type: "MARKET", quantity: 2 ** 31 - 1 }),
      events: ["refused: INSUFFICIENT_FUNDS needs 18101 has 10000"],
    },
  );
  scenario("and is told what all of it would cost", {
    given: [rules, ...[9_900, 20_000, 30_000].map(offerAt)],
    when: buy({ account: ALICE, type: "MARKET", quantity: 3 }),
    events: ["refused: INSUFFICIENT_FUNDS needs 59900 has 10000"],
  });
  const own = [1, 2, 3, 4].map((i) => sell({ account: ALICE, price: 100 + i, quantity: 1 }));
  const cancelled = (i: number) =>
    `order ${i} CANCELLED SELF_TRADE (news): Alice SELL 1 @ ${100 + i}, 1 left`;
  bounded("self-trade prevention takes out so many orders, and then the rest of the new one", {
    given: [rules, ...own],
    when: buy({ account: ALICE, price: 104, quantity: 9, selfTrade: "CANCEL_OLDEST" }),
    events: [
      ...[1, 2, 3].map(cancelled),
      "order 5 CANCELLED SELF_TRADE (reply news): Alice BUY 9 @ 104 CANCEL_OLDEST, 9 left",
    ],
  });
  bounded("or takes off so many", {
    given: [rules, ...own],
    when: buy({ account: ALICE, price: 104, quantity: 9, selfTrade: "DECREMENT" }),
    events: [
      ...[1, 2, 3].map(cancelled),
      "order 5 CANCELLED SELF_TRADE (reply news): Alice BUY 6 @ 104 DECREMENT, 6 left",
    ],
  });
  const far = [1, 2, 3, 4].map((price) => buy({ account: ALICE, price, quantity: 1 }));
  bounded(
    "what a user with many orders would meet is looked at, as much as may be; what is decided sooner is not refused",
    {
      given: [rules, ...far, ...offers],
      when: [
        buy({ account: ALICE, price: 104, quantity: 4, timeInForce: "FOK" }),
        buy({ account: ALICE, type: "MARKET", quantity: 4, selfTrade: "CANCEL_OLDEST" }),
        buy({ account: ALICE, price: 103, quantity: 4, timeInForce: "FOK" }),
        buy({ account: ALICE, price: 104, quantity: 3, timeInForce: "FOK" }),
      ],
      events: [
        tooMany,
        tooMany,
        "refused: FILL_OR_KILL",
        "trade 1: 1 @ 101, Alice (order 9, 2 left) buys from Bob (order 5, 0 left)",
        "trade 2: 1 @ 102, Alice (order 9, 1 left) buys from Bob (order 6, 0 left)",
        "trade 3: 1 @ 103, Alice (order 9, 0 left) buys from Bob (order 7, 0 left)",
        "order 9 FILLED (reply): Alice BUY 3 @ 104 FOK, 0 left, filled for 306",
      ],
    },
  );
  bounded("somebody with few orders of his own may sweep as many as there are", {
    given: [rules, sell({ account: ALICE, price: 200, quantity: 1 }), ...offers],
    when: [
      buy({ account: ALICE, price: 104, quantity: 5, timeInForce: "FOK" }),
      buy({ account: ALICE, type: "MARKET", quantity: 4, timeInForce: "FOK" }),
    ],
    events: [
      "refused: FILL_OR_KILL",
      "trade 1: 1 @ 101, Alice (order 6, 3 left) buys from Bob (order 2, 0 left)",
      "trade 2: 1 @ 102, Alice (order 6, 2 left) buys from Bob (order 3, 0 left)",
      "trade 3: 1 @ 103, Alice (order 6, 1 left) buys from Bob (order 4, 0 left)",
      "trade 4: 1 @ 104, Alice (order 6, 0 left) buys from Bob (order 5, 0 left)",
      "order 6 FILLED (reply): Alice BUY 4 MARKET FOK, 0 left, filled for 410",
    ],
  });
  const queue = [1, 2, 3, 4].map(() => sell({ account: BOB, price: 100, quantity: 1 }));
  bounded("and behind so many at one price an own order is not looked for", {
    given: [rules, ...queue, sell({ account: ALICE, price: 100, quantity: 9 })],
    when: [5, 3].map((quantity) =>
      buy({ account: ALICE, price: 100, quantity, timeInForce: "FOK" }),
    ),
    events: [
      tooMany,
      "trade 1: 1 @ 100, Alice (order 6, 2 left) buys from Bob (order 1, 0 left)",
      "trade 2: 1 @ 100, Alice (order 6, 1 left) buys from Bob (order 2, 0 left)",
      "trade 3: 1 @ 100, Alice (order 6, 0 left) buys from Bob (order 3, 0 left)",
      "order 6 FILLED (reply): Alice BUY 3 @ 100 FOK, 0 left, filled for 300",
    ],
  });
  bounded("too many of one's own orders in the way are not looked at", {
    given: [
      rules,
      ...[1, 2, 3, 4].map((i) => sell({ account: ALICE, price: 90 + i, quantity: 1 })),
      ...offers,
    ],
    when: buy({ account: ALICE, type: "MARKET", quantity: 1, selfTrade: "CANCEL_OLDEST" }),
    events: [tooMany],
  });
  const stop = (quantity: number) =>
    sell({ account: ALICE, type: "STOP", stopPrice: 100, quantity });
  bounded("what a cascade leaves over comes before the next command", {
    given: [
      rules,
      setAccount({ account: ALICE, mayShort: true }),
      ...[99, 98].map((price) => buy({ account: BOB, price, quantity: 1 })),
      stop(1),
      stop(1),
      buy({ account: CAROL, price: 100, quantity: 1 }),
    ],
    when: [
      sell({ account: BOB, price: 100, quantity: 1 }),
      sell({ account: CAROL, price: 90, quantity: 1 }),
      note({ text: "anything" }),
    ],
    events: [
      "trade 1: 1 @ 100, Bob (order 6, 0 left) sells to Carol (order 5, 0 left)",
      "order 6 FILLED (reply): Bob SELL 1 @ 100, 0 left, filled for 100",
      "trade 2: 1 @ 99, Alice (order 3, 0 left) sells to Bob (order 1, 0 left)",
      "order 3 FILLED (): Alice SELL 1 STOP 100 to 1, 0 left, filled for 99",
      "trade 3: 1 @ 98, Alice (order 4, 0 left) sells to Bob (order 2, 0 left)",
      "order 4 FILLED (): Alice SELL 1 STOP 100 to 1, 0 left, filled for 98",
      "order 7 ACCEPTED (reply news open): Carol SELL 1 @ 90, 1 left",
      "done",
    ],
  });
  const auction = setSymbolState({ state: "AUCTION" });
  const open = setSymbolState({ state: "TRADING" });
  bounded(
    "an auction cancels all that would meet one's own at its price before it searches again",
    {
      given: [
        rules,
        auction,
        sell({ account: ALICE, price: 100, quantity: 2 }),
        sell({ account: ALICE, price: 100, quantity: 2 }),
        buy({ account: ALICE, price: 100, quantity: 1 }),
        buy({ account: ALICE, price: 100, quantity: 1 }),
        buy({ account: BOB, price: 100, quantity: 3 }),
      ],
      when: open,
      events: [
        "order 3 CANCELLED SELF_TRADE (news): Alice BUY 1 @ 100, 1 left",
        "order 4 CANCELLED SELF_TRADE (news): Alice BUY 1 @ 100, 1 left",
        "trade 1: 2 @ 100, Bob (order 5, 1 left) buys from Alice (order 1, 0 left)",
        "trade 2: 1 @ 100, Bob (order 5, 0 left) buys from Alice (order 2, 1 left)",
        "symbol 0 is TRADING",
        "done",
      ],
      asks: ["100 x 1"],
    },
  );
});
