/** The limits of the core, reached for real where that is cheap; the fuzz has the others, shrunk. */
import { describe, expect, test } from "bun:test";
import { CLIENT_IDS_PER_ACCOUNT } from "../../../src/core/client-ids.ts";
import { CASH_MAX, PRICE_MAX, QUANTITY_MAX } from "../../../src/core/command.ts";
import { EventFlag } from "../../../src/core/event.ts";
import {
  amend,
  buy,
  type Command,
  cancel,
  createRecords,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  setAccount,
  setSymbolRules,
  writeCommand,
} from "../command-builder.ts";
import { CoreRun } from "../run.ts";
import { createTestCore } from "../test-core.ts";
import { validate } from "../validate.ts";
import { lineOf } from "./lines.ts";
import { ALICE, BOB, CAROL, scenario } from "./scenario.ts";

const PAGE = 256;
const LADDER_FULL = "refused: CAPACITY LADDER_PAGES";

/** Orders on as many pages as one side may have, which is all of it but one share. */
const pages = Array.from({ length: 256 }, (_, i) =>
  sell({ account: ALICE, price: (i + 1) * PAGE, quantity: 1 }),
);
const [first = buy({ account: ALICE, price: 1, quantity: 1 })] = pages;

describe("256 pages of prices for each side of a book", () => {
  const given = [depositShares({ account: ALICE, amount: 200 }), ...pages];

  scenario("no order rests on one more", {
    given,
    when: [
      sell({ account: ALICE, price: PAGE - 1, quantity: 1 }),
      sell({ account: ALICE, price: 257 * PAGE, quantity: 1 }),
      sell({ account: ALICE, price: PRICE_MAX, quantity: 1 }),
    ],
    events: [LADDER_FULL, LADDER_FULL, LADDER_FULL],
  });

  scenario("but on those that there are, on the other side, and at no price", {
    given,
    when: [
      sell({ account: ALICE, price: 2 * PAGE - 1, quantity: 1 }),
      buy({ account: BOB, price: 5, quantity: 1 }),
      sell({ account: BOB, price: 1_000_000, quantity: 1, timeInForce: "IOC" }),
      sell({ account: ALICE, type: "MARKET", quantity: 1 }),
    ],
    events: [
      "order 257 ACCEPTED (reply news open): Alice SELL 1 @ 511, 1 left",
      "order 258 ACCEPTED (reply news open): Bob BUY 1 @ 5, 1 left",
      "order 259 EXPIRED TIME_IN_FORCE (reply news): Bob SELL 1 @ 1000000 IOC, 1 left",
      "trade 1: 1 @ 5, Alice (order 260, 0 left) sells to Bob (order 258, 0 left)",
      "order 260 FILLED (reply): Alice SELL 1 MARKET, 0 left, filled for 5",
    ],
  });

  scenario("an order does not move to one more, and stays where it was", {
    given,
    when: [
      amend({ account: ALICE, of: first, price: 1 }),
      amend({ account: ALICE, of: first, price: 2 * PAGE }),
      sell({ account: ALICE, price: 1, quantity: 1 }),
    ],
    events: [
      "refused: CAPACITY LADDER_PAGES, order 1",
      "order 1 ACCEPTED (reply news open): Alice SELL 1 @ 512, 1 left",
      "order 257 ACCEPTED (reply news open): Alice SELL 1 @ 1, 1 left",
    ],
  });

  scenario("a stop that comes in and would rest on one more is cancelled", {
    given: [
      ...given,
      sell({ account: ALICE, price: PAGE, quantity: 1 }),
      sell({
        account: BOB,
        type: "STOP_LIMIT",
        stopPrice: 60_000,
        price: 300 * PAGE,
        quantity: 1,
      }),
    ],
    when: buy({ account: CAROL, price: PAGE, quantity: 1 }),
    events: [
      "trade 1: 1 @ 256, Carol (order 259, 0 left) buys from Alice (order 1, 0 left)",
      "order 259 FILLED (reply): Carol BUY 1 @ 256, 0 left, filled for 256",
      "order 258 CANCELLED FUNDS (news): Bob SELL 1 STOP 60000 @ 76800, 1 left",
    ],
  });

  scenario("a page that loses its last order is free again", {
    given: [...given, cancel({ account: ALICE, of: first })],
    when: [
      sell({ account: ALICE, price: 257 * PAGE, quantity: 1 }),
      sell({ account: ALICE, price: PAGE, quantity: 1 }),
    ],
    events: ["order 257 ACCEPTED (reply news open): Alice SELL 1 @ 65792, 1 left", LADDER_FULL],
  });
});

scenario("the largest quantity of a symbol's orders", {
  given: [setSymbolRules({ quantityMax: 10 })],
  when: [
    buy({ account: ALICE, price: 1, quantity: 10 }),
    buy({ account: ALICE, price: 1, quantity: 11 }),
    sell({ account: ALICE, type: "MARKET", quantity: 11 }),
  ],
  events: [
    "order 1 ACCEPTED (reply news open): Alice BUY 10 @ 1, 10 left",
    "refused: CAPACITY ORDER_QUANTITY",
    "refused: CAPACITY ORDER_QUANTITY",
  ],
});

/** What all the cash that Alice can have buys at the highest price. */
const ALICES_CASH = CASH_MAX - 20_000;
const MOST = Math.floor(ALICES_CASH / PRICE_MAX);
scenario("the largest quantity and price there are, on both sides of a trade", {
  given: [
    depositCash({ account: ALICE, amount: ALICES_CASH - 10_000 }),
    depositShares({ account: BOB, amount: QUANTITY_MAX }),
    sell({ account: BOB, price: PRICE_MAX, quantity: QUANTITY_MAX }),
  ],
  when: [
    buy({ account: ALICE, price: PRICE_MAX, quantity: MOST + 1 }),
    buy({ account: ALICE, price: PRICE_MAX, quantity: MOST }),
    buy({ account: ALICE, type: "MARKET", quantity: QUANTITY_MAX }),
  ],
  events: [
    "refused: INSUFFICIENT_FUNDS needs 4503601772756991 has 4503599627350495",
    `trade 1: ${MOST} @ 2147483647, Alice (order 2, 0 left) buys from Bob (order 1, ${QUANTITY_MAX - MOST} left)`,
    `order 2 FILLED (reply): Alice BUY ${MOST} @ 2147483647, 0 left, filled for ${MOST * PRICE_MAX}`,
    "refused: INSUFFICIENT_FUNDS needs 9007199254740991 has 2077151",
  ],
  cash: { [ALICE]: [ALICES_CASH - MOST * PRICE_MAX, 0] },
});

/** Millions of orders take seconds. */
const TIMEOUT_MS = 120_000;
/** A second core, large enough to be filled. */
const SYMBOLS = 256;
const core = createTestCore(SYMBOLS);

function emptyRun(): CoreRun {
  core.reset();
  return new CoreRun(core);
}

/** Applies the command in a tick of its own and returns its last line. */
function replyTo(run: CoreRun, command: Command): string {
  run.beginTick();
  const reply = run.apply(command).at(-1);
  return reply === undefined ? "" : lineOf(reply);
}

test(
  "131,071 accounts besides the operator's",
  () => {
    const run = emptyRun();
    for (let account = 1; account < 2 ** 17; account++) {
      run.beginTick();
      run.setUp(openAccount({ account }));
    }
    const reply = replyTo(run, openAccount({ account: 2 ** 17 }));
    expect(reply).toBe("refused: CAPACITY ACCOUNTS");
  },
  TIMEOUT_MS,
);

test(
  "65,535 pages of prices in all books together",
  () => {
    const run = emptyRun();
    run.setUp(openAccount({ account: 1 }), setAccount({ account: 1, mayShort: true }));
    run.setUp(depositCash({ account: 1, amount: 2 ** 50 }));
    for (let symbol = 0; symbol < SYMBOLS; symbol++) run.setUp(listSymbol({ symbol }));
    const bid = (symbol: number, page: number): Command =>
      buy({ account: 1, symbol, price: page * PAGE, quantity: 1 });
    const last = bid(255, 255);
    for (let symbol = 0; symbol < 255; symbol++) {
      run.beginTick();
      for (let page = 1; page <= 256; page++) run.setUp(bid(symbol, page));
    }
    for (let page = 1; page <= 254; page++) run.setUp(bid(255, page));
    run.setUp(last);

    const elsewhere = sell({ account: 1, symbol: 7, price: 1_000_000, quantity: 1 });
    expect([
      replyTo(run, bid(255, 256)),
      replyTo(run, elsewhere),
      replyTo(run, cancel({ account: 1, of: last })),
      replyTo(run, elsewhere),
      replyTo(run, last),
    ]).toEqual([
      LADDER_FULL,
      LADDER_FULL,
      "order 65535 CANCELLED USER (reply news): Alice BUY 1 @ 65280 on symbol 255, 1 left",
      "order 65536 ACCEPTED (reply news open): Alice SELL 1 @ 1000000 on symbol 7, 1 left",
      LADDER_FULL,
    ]);
    expect(validate(core)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "4,194,303 positions; those that are there stay in use",
  () => {
    const run = emptyRun();
    for (let symbol = 0; symbol < SYMBOLS; symbol++) run.setUp(listSymbol({ symbol }));
    for (let account = 1; account <= 2 ** 14; account++) {
      run.beginTick();
      run.setUp(openAccount({ account }));
      for (let symbol = account === 1 ? 1 : 0; symbol < SYMBOLS; symbol++) {
        core.positions.open(account, symbol);
      }
    }
    const { find, accountOf, symbolOf, top } = core.positions;
    let lost = 0;
    for (let position = 1; position < top(); position++) {
      if (find(accountOf(position), symbolOf(position)) !== position) lost++;
    }
    expect([top() - 1, lost]).toEqual([4_194_303, 0]);
    expect([
      replyTo(run, depositShares({ account: 1, symbol: 0, amount: 1 })),
      replyTo(run, depositShares({ account: 1, symbol: 1, amount: 1 })),
      replyTo(run, buy({ account: 1, symbol: 0, price: 1, quantity: 1 })),
      replyTo(run, sell({ account: 1, symbol: 1, price: 1, quantity: 1 })),
    ]).toEqual([
      "refused: CAPACITY POSITIONS",
      "done, total 1",
      "refused: CAPACITY POSITIONS",
      "order 1 ACCEPTED (reply news open): Alice SELL 1 @ 1 on symbol 1, 1 left",
    ]);
  },
  TIMEOUT_MS,
);

test(
  "the client order ids of an account's open orders and of its last 131,072 that are done",
  () => {
    expect(CLIENT_IDS_PER_ACCOUNT).toBe(131_072);
    const accounts = 2;
    const run = emptyRun();
    run.setUp(listSymbol({ symbol: 0 }));
    for (let account = 1; account <= accounts; account++) {
      run.setUp(openAccount({ account }), depositShares({ account, amount: 2_000 }));
    }
    const records = createRecords(1);
    const stamp = { sequence: 0, timestamp: 0 };
    const open = 1_000;
    /** Places the order of this number and tells whether it came again. The first rest, later ones expire. */
    const isRepeat = (number: number): boolean => {
      const order = sell({
        account: 1 + (number % accounts),
        price: 1,
        quantity: 1,
        timeInForce: number < open * accounts ? "GTC" : "IOC",
        // Every account gives the same ids.
        clientId: `client-${Math.floor(number / accounts)}`,
      });
      writeCommand(order, 0, stamp, records);
      core.beginTick(1);
      core.apply(records.ints, records.doubles, 0);
      const { events } = core;
      let e = 0;
      while (!events.isReply(e)) e = events.next(e);
      return (events.flags(e) & EventFlag.DUPLICATE) !== 0;
    };
    /** Of so many orders of each account. */
    const countRepeats = (from: number, count: number): number => {
      let repeats = 0;
      for (let number = from * accounts; number < (from + count) * accounts; number++) {
        if (isRepeat(number)) repeats++;
      }
      return repeats / accounts;
    };
    const forgotten = 5_000;
    const remembered = open + forgotten;
    expect(countRepeats(0, remembered + CLIENT_IDS_PER_ACCOUNT)).toBe(0);
    expect(countRepeats(remembered, CLIENT_IDS_PER_ACCOUNT)).toBe(CLIENT_IDS_PER_ACCOUNT);
    // Each of these takes the place of the oldest, which so is gone before it comes.
    expect(countRepeats(open, forgotten * 2)).toBe(0);
    expect(countRepeats(open + forgotten * 3, 1_000)).toBe(1_000);
    expect(countRepeats(0, open)).toBe(open);
    expect(validate(core)).toEqual([]);
  },
  TIMEOUT_MS,
);
