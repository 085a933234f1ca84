/** What an account may hold of the tables that all accounts share, and what is kept for those that hold few. */
import { describe, expect, test } from "bun:test";
import {
  amend,
  buy,
  type Command,
  cancel,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  record,
  sell,
  setAccount,
  setRules,
  setShares,
} from "../command-builder.ts";
import { CoreRun } from "../run.ts";
import { createTestCore } from "../test-core.ts";
import { validate } from "../validate.ts";
import { lineOf } from "./lines.ts";
import { ALICE, BOB, CAROL, SCENARIO_SYMBOLS, scenario, scenariosOn } from "./scenario.ts";

const rules = setRules({});
const PAGE = 256;
const bids = (account: number, count: number) =>
  Array.from({ length: count }, () => buy({ account, price: 1, quantity: 1 }));

describe("open orders", () => {
  const work = { ordersMax: 8, accountOrdersMax: 5, reservedOrders: 4, fewOrders: 2 };
  const shared = scenariosOn(createTestCore(SCENARIO_SYMBOLS, { work }), work);
  shared("the last are for accounts with few, over all symbols; what cannot rest takes none", {
    given: [rules, listSymbol({ symbol: 1 }), ...bids(BOB, 3)],
    when: [
      ...bids(ALICE, 1),
      buy({ account: BOB, price: 1, quantity: 1, symbol: 1 }),
      buy({ account: BOB, type: "STOP", stopPrice: 9, quantity: 1 }),
      buy({ account: BOB, price: 1, quantity: 1, timeInForce: "IOC" }),
      ...bids(ALICE, 2),
    ],
    events: [
      "order 4 ACCEPTED (reply news open): Alice BUY 1 @ 1, 1 left",
      "refused: CAPACITY ORDERS",
      "refused: CAPACITY ORDERS",
      "order 5 EXPIRED TIME_IN_FORCE (reply news): Bob BUY 1 @ 1 IOC, 1 left",
      "order 6 ACCEPTED (reply news open): Alice BUY 1 @ 1, 1 left",
      "refused: CAPACITY ORDERS",
    ],
  });
  const own = { accountOrdersMax: 2 };
  scenariosOn(createTestCore(SCENARIO_SYMBOLS, { work: own }), own)("an account has a share", {
    given: [rules, ...bids(BOB, 2)],
    when: [...bids(BOB, 1), buy({ account: BOB, type: "STOP", stopPrice: 9, quantity: 1 })],
    events: ["refused: CAPACITY ALL_ACCOUNT_ORDERS", "refused: CAPACITY ALL_ACCOUNT_ORDERS"],
  });
});

describe("pages of the ladder", () => {
  const offer = (account: number, page: number) =>
    sell({ account, price: (page + 1) * PAGE, quantity: 1 });
  const [first, second] = [offer(ALICE, 1), offer(ALICE, 2)];
  const own = { accountPagesMax: 2 };
  const shared = scenariosOn(createTestCore(SCENARIO_SYMBOLS, { work: own }), own);
  const accepted = (order: number, who: string, price: number) =>
    `order ${order} ACCEPTED (reply news open): ${who} SELL 1 @ ${price}, 1 left`;
  const TOO_MANY = "refused: CAPACITY ACCOUNT_PAGES";

  shared("an account has a share of those that it opens, of books and of stops together", {
    given: [
      rules,
      first,
      sell({ account: ALICE, type: "STOP_LIMIT", stopPrice: 300, price: 1, quantity: 1 }),
    ],
    when: [
      offer(ALICE, 3),
      sell({ account: ALICE, type: "STOP_LIMIT", stopPrice: 3, price: 1, quantity: 1 }),
      sell({ account: ALICE, price: 2 * PAGE + 9, quantity: 1 }),
      offer(BOB, 3),
      offer(ALICE, 3),
      cancel({ account: ALICE, of: first }),
    ],
    events: [
      TOO_MANY,
      TOO_MANY,
      accepted(3, "Alice", 521),
      accepted(4, "Bob", 1024),
      accepted(5, "Alice", 1024),
      "order 1 CANCELLED USER (reply news): Alice SELL 1 @ 512, 1 left",
    ],
  });

  shared("an order moves with its page, if nothing else waits there", {
    given: [rules, first, second],
    when: [
      amend({ account: ALICE, of: first, price: 9 * PAGE }),
      offer(BOB, 2),
      amend({ account: ALICE, of: second, price: 5 * PAGE }),
      sell({ account: ALICE, price: 3 * PAGE + 1, quantity: 1 }),
    ],
    events: [
      accepted(1, "Alice", 9 * PAGE),
      accepted(3, "Bob", 3 * PAGE),
      `${TOO_MANY}, order 2`,
      accepted(4, "Alice", 3 * PAGE + 1),
    ],
  });

  const stopAt = (price: number) =>
    sell({ account: ALICE, type: "STOP_LIMIT", stopPrice: 400, price, quantity: 2 });
  shared("a triggered stop needs one only for what it does not fill", {
    given: [
      rules,
      ...[300, 301, 302].map(stopAt),
      first,
      buy({ account: BOB, price: 300, quantity: 3 }),
    ],
    when: sell({ account: CAROL, price: 300, quantity: 1 }),
    events: [
      "trade 1: 1 @ 300, Carol (order 6, 0 left) sells to Bob (order 5, 2 left)",
      "order 6 FILLED (reply): Carol SELL 1 @ 300, 0 left, filled for 300",
      "trade 2: 2 @ 300, Alice (order 1, 0 left) sells to Bob (order 5, 0 left)",
      "order 1 FILLED (): Alice SELL 2 STOP 400 @ 300, 0 left, filled for 600",
      "order 2 CANCELLED FUNDS (news): Alice SELL 2 STOP 400 @ 301, 2 left",
      "order 3 ACCEPTED (news open): Alice SELL 2 STOP 400 @ 302, 2 left",
    ],
  });

  shared("a page goes over to whoever is left there", {
    given: [rules, first, second, offer(BOB, 1), offer(BOB, 2), offer(CAROL, 2)],
    when: [
      cancel({ account: ALICE, of: first }),
      cancel({ account: ALICE, of: second }),
      offer(ALICE, 3),
      offer(BOB, 4),
      offer(ALICE, 1),
      offer(ALICE, 4),
      offer(ALICE, 5),
    ],
    events: [
      "order 1 CANCELLED USER (reply news): Alice SELL 1 @ 512, 1 left",
      "order 2 CANCELLED USER (reply news): Alice SELL 1 @ 768, 1 left",
      accepted(6, "Alice", 1024),
      TOO_MANY,
      accepted(7, "Alice", 512),
      accepted(8, "Alice", 1280),
      TOO_MANY,
    ],
  });

  const last = {
    pagesMax: 7,
    reservedPages: 4,
    fewPages: 2,
    reservedNearPages: 2,
    nearPages: 1,
  };
  const reserved = scenariosOn(createTestCore(SCENARIO_SYMBOLS, { work: last }), last);
  reserved(
    "the last are for accounts with few, or near the best of a book, and the very last only for these",
    {
      given: [rules, ...[1, 3, 5].map((page) => offer(ALICE, page))],
      when: [
        offer(ALICE, 6),
        offer(BOB, 8),
        offer(BOB, 9),
        offer(CAROL, 10),
        sell({ account: CAROL, type: "STOP_LIMIT", stopPrice: 3, price: 1, quantity: 1 }),
        offer(ALICE, 0),
        sell({ account: CAROL, price: 1, quantity: 1 }),
      ],
      events: [
        "refused: CAPACITY LADDER_PAGES",
        accepted(4, "Bob", 2304),
        accepted(5, "Bob", 2560),
        "refused: CAPACITY LADDER_PAGES",
        "refused: CAPACITY LADDER_PAGES",
        accepted(6, "Alice", 256),
        accepted(7, "Carol", 1),
      ],
    },
  );

  scenario("those that were there before version 1 of the rules count too", {
    given: [first, offer(BOB, 1), second, rules, setShares({ account: ALICE, pages: 2 })],
    when: [offer(ALICE, 3), offer(BOB, 3)],
    events: [TOO_MANY, accepted(4, "Bob", 1024)],
  });
});

describe("positions", () => {
  const list = [listSymbol({ symbol: 1 }), listSymbol({ symbol: 2 })];
  const bid = (account: number, symbol: number) =>
    buy({ account, symbol, price: 1, quantity: 1, timeInForce: "IOC" });
  const own = { accountPositionsMax: 2 };
  const done = (order: number, who: string, symbol: number) =>
    `order ${order} EXPIRED TIME_IN_FORCE (reply news): ${who} BUY 1 @ 1 IOC on symbol ${symbol}, 1 left`;
  scenariosOn(createTestCore(SCENARIO_SYMBOLS, { work: own }), own)(
    "an account has a share of those that its orders make; the operator may go beyond it",
    {
      given: [rules, ...list, bid(ALICE, 1)],
      when: [
        bid(ALICE, 2),
        bid(ALICE, 1),
        depositShares({ account: ALICE, symbol: 2, amount: 1 }),
        bid(ALICE, 2),
      ],
      events: [
        "refused: CAPACITY ACCOUNT_POSITIONS",
        done(2, "Alice", 1),
        "done, total 1",
        done(3, "Alice", 2),
      ],
    },
  );

  const last = { positionsMax: 5, reservedPositions: 2, fewPositions: 2 };
  scenariosOn(createTestCore(SCENARIO_SYMBOLS, { work: last }), last)(
    "the last are for accounts with few",
    {
      given: [rules, ...list],
      when: [bid(ALICE, 1), bid(ALICE, 2), bid(BOB, 2)],
      events: [done(1, "Alice", 1), "refused: CAPACITY POSITIONS", done(2, "Bob", 2)],
    },
  );
});

describe("SET_SHARES", () => {
  const few = { orders: 2, pages: 2, positions: 2, clientIds: 2 };
  scenario("for all accounts, and for one", {
    given: [rules, setShares(few), setShares({ account: BOB, orders: 3 })],
    when: [
      ...bids(ALICE, 3),
      ...bids(BOB, 4),
      setShares({ account: BOB, pages: 1 }),
      ...bids(BOB, 1),
    ],
    events: [
      ...[1, 2].map((i) => `order ${i} ACCEPTED (reply news open): Alice BUY 1 @ 1, 1 left`),
      "refused: CAPACITY ALL_ACCOUNT_ORDERS",
      ...[3, 4, 5].map((i) => `order ${i} ACCEPTED (reply news open): Bob BUY 1 @ 1, 1 left`),
      "refused: CAPACITY ALL_ACCOUNT_ORDERS",
      "done",
      "refused: CAPACITY ALL_ACCOUNT_ORDERS",
    ],
  });

  scenario("is refused where it says nothing, or of nobody", {
    given: [rules],
    when: [
      setShares({ ...few, orders: 0 }),
      setShares({ ...few, pages: 0 }),
      setShares({ ...few, positions: 0 }),
      setShares({ ...few, clientIds: 0 }),
      setShares({ account: ALICE, orders: 2 ** 21 }),
      setShares({ account: ALICE, pages: 2 ** 16 }),
      setShares({ account: ALICE, positions: 2 ** 22 }),
      setShares({ account: ALICE, clientIds: 2 ** 22 + 1 }),
      setShares({ account: 99 }),
      setShares({ account: -2 }),
    ],
    events: ["QUANTITY", "PRICE", "STOP_PRICE", "AMOUNT"]
      .flatMap((field, _, fields) => (field === "AMOUNT" ? [field, ...fields] : [field]))
      .concat("ACCOUNT", "ACCOUNT")
      .map((field) => `refused: INVALID_PARAMETER ${field}`),
  });

  scenario("is no command before version 1 of the rules", {
    given: [],
    when: [setShares(few), record({ kind: 21 })],
    events: ["refused: INVALID_PARAMETER KIND", "refused: INVALID_PARAMETER KIND"],
  });
});

describe("one account that takes all it can get", () => {
  const core = createTestCore(SCENARIO_SYMBOLS);

  function createRun(): CoreRun {
    core.reset();
    const run = new CoreRun(core);
    run.setUp(rules);
    for (let symbol = 0; symbol < SCENARIO_SYMBOLS; symbol++) run.setUp(listSymbol({ symbol }));
    for (const account of [ALICE, BOB]) {
      run.setUp(openAccount({ account }), depositCash({ account, amount: 10_000_000 }));
      run.setUp(depositShares({ account, amount: 1 }), setAccount({ account, mayShort: true }));
    }
    return run;
  }

  /** How many of so many commands are accepted, and the answer to the last. */
  function applyAll(run: CoreRun, count: number, next: (i: number) => Command): [number, string] {
    let accepted = 0;
    let line = "";
    for (let i = 0; i < count; i++) {
      if (i % 1_000 === 0) run.beginTick();
      const reply = run.apply(next(i)).at(-1);
      line = reply === undefined ? "" : lineOf(reply);
      if (line.startsWith("order")) accepted++;
    }
    return [accepted, line];
  }

  const ofBob = (symbol: number) => (i: number) =>
    sell({ account: BOB, symbol, price: 1 + i * 5_000, quantity: 1 });

  test("65,534 stops with stop prices 256 apart leave the ladder to others", () => {
    const run = createRun();
    const stop = (i: number) =>
      buy({
        account: ALICE,
        type: "STOP_LIMIT",
        symbol: i % SCENARIO_SYMBOLS,
        stopPrice: (i + 1) * PAGE,
        price: 1,
        quantity: 1,
      });
    expect(applyAll(run, 65_534, stop)).toEqual([16_384, "refused: CAPACITY ACCOUNT_PAGES"]);
    for (let symbol = 0; symbol < SCENARIO_SYMBOLS; symbol++) {
      expect(applyAll(run, 100, ofBob(symbol))[0]).toBe(100);
    }
    expect(core.view.tables().ladder_pages).toEqual({ used: 16_684, limit: 65_535 });
    expect(validate(core)).toEqual([]);
  });

  test("256 offers far away, each on a page of its own, keep no price out, near the touch or not", () => {
    const run = createRun();
    const far = (i: number) => sell({ account: ALICE, price: 1_000_000 + PAGE * i, quantity: 1 });
    expect(applyAll(run, 256, far)[0]).toBe(256);
    // A stream of prices from 28,927 to 154,662.
    const inBetween = (i: number) =>
      sell({ account: BOB, price: 28_927 + Math.floor((i * 125_735) / 4_999), quantity: 1 });
    expect(applyAll(run, 5_000, inBetween)[0]).toBe(5_000);
    expect(applyAll(run, 1, () => sell({ account: BOB, price: 1, quantity: 1 }))[0]).toBe(1);
    expect(validate(core)).toEqual([]);
  });

  test("2,097,151 one-cent bids leave places for others", () => {
    const run = createRun();
    const bid = () => buy({ account: ALICE, price: 1, quantity: 1 });
    expect(applyAll(run, 100_010, bid)).toEqual([100_000, "refused: CAPACITY ALL_ACCOUNT_ORDERS"]);
    expect(applyAll(run, 10, ofBob(0))[0]).toBe(10);
  });
});
