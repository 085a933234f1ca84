/** The checker itself: whatever in memory is damaged, it says so. */
import { beforeEach, describe, expect, test } from "bun:test";
import { PENDING } from "../../src/core/event.ts";
import {
  A_NEWEST_ID,
  A_OLDEST_ID,
  A_OPEN_ORDERS,
  A_RECENT_IDS,
  ACCOUNT_INTS,
} from "../../src/core/ledger/accounts.ts";
import { P_OPEN_ORDERS } from "../../src/core/ledger/positions.ts";
import { CLOCK_DUE, MARKET_BACKLOG, MARKET_BACKLOG_FIRST } from "../../src/core/parts.ts";
import { S_HIGH, S_LAST_PRICE } from "../../src/core/symbols.ts";
import { L_QUANTITY_F64, L_TAIL, LEVEL_INTS } from "../../src/core/whistle/ladder.ts";
import {
  O_EXPIRE_AT_F64,
  O_EXPIRY,
  O_LEVEL,
  O_ORDER_FLAGS,
  O_OWNER,
  O_PREV,
  O_RANK_F64,
  O_REMAINING,
  O_STOP_PRICE,
  ORDER_INTS,
  ORDER_SHIFT,
} from "../../src/core/whistle/order-arena.ts";
import {
  buy,
  cancel,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  setProtection,
} from "./command-builder.ts";
import { CoreRun } from "./run.ts";
import { createTestCore, type TestCore } from "./test-core.ts";
import { validate } from "./validate.ts";

const core = createTestCore(1);

/**
 * Two bids at one price, an ask, a free slot, a client order id open and one done; two stops at one price, of
 * which one expires, and a bid that expires later; a trade in the window of a pause.
 */
beforeEach(() => {
  core.reset();
  const done = buy({ account: 1, price: 99, quantity: 1, clientId: "done" });
  new CoreRun(core).setUp(
    listSymbol({ symbol: 0 }),
    openAccount({ account: 1 }),
    depositCash({ account: 1, amount: 10_000 }),
    depositShares({ account: 1, amount: 100 }),
    buy({ account: 1, price: 100, quantity: 5, clientId: "open" }),
    buy({ account: 1, price: 100, quantity: 6 }),
    sell({ account: 1, price: 110, quantity: 7 }),
    done,
    buy({
      account: 1,
      type: "STOP",
      stopPrice: 120,
      quantity: 8,
      timeInForce: "GTD",
      expireAt: 500,
    }),
    buy({ account: 1, type: "STOP", stopPrice: 120, quantity: 9 }),
    buy({ account: 1, price: 90, quantity: 1, timeInForce: "GTD", expireAt: 900 }),
    cancel({ account: 1, of: done }),
    setProtection({ moveBps: 1_000, windowMs: 1_000 }),
    buy({ account: 1, price: 101, quantity: 1 }),
    sell({ account: 1, price: 101, quantity: 1, selfTrade: "NONE" }),
  );
});

test("a sound state has no faults", () => {
  expect(validate(core)).toEqual([]);
});

const first = 1 << ORDER_SHIFT;
const second = 2 << ORDER_SHIFT;
/** The older of the two that wait. */
const stop = 5 << ORDER_SHIFT;
const levelOf = ({ arena }: TestCore, order: number): number => arena.ints[order + O_LEVEL];

describe("a fault is found in", () => {
  test.each<[string, (core: TestCore) => void]>([
    ["a link between orders", ({ arena }) => (arena.ints[second + O_PREV] = 0)],
    ["what remains of an order", ({ arena }) => (arena.ints[first + O_REMAINING] = 4)],
    [
      "a level's quantity",
      (it) => (it.ladder.quantities[levelOf(it, first) * 2 + L_QUANTITY_F64] += 1),
    ],
    ["an order's owner", ({ arena }) => (arena.ints[first + O_OWNER] = 2)],
    ["a level's tail", (it) => (it.ladder.levels[levelOf(it, first) * LEVEL_INTS + L_TAIL] = 1)],
    ["the best price", ({ ladder }) => (ladder.books[0] = 99)],
    ["the number of pages", ({ ladder }) => ladder.books[2]++],
    ["the bits of a page", (it) => (it.ladder.pages[(levelOf(it, first) >> 8) * 16 + 4] ^= 2)],
    ["the pool of pages", ({ ladder }) => ladder.head[1]++],
    ["the free slots", ({ arena }) => (arena.head[0] = 0)],
    ["the number of open orders", ({ arena }) => arena.head[2]--],
    ["an account's orders", ({ accounts }) => accounts.ints[ACCOUNT_INTS + A_OPEN_ORDERS]++],
    ["what cash is reserved", ({ accounts }) => (accounts.cash[3] += 1)],
    ["what cash there is", ({ accounts }) => (accounts.totals[0] += 1)],
    ["whose a position is", ({ positions }) => (positions.ints[8] = 0)],
    ["what a position is of", ({ positions }) => (positions.ints[8 + 1] = 1)],
    ["what shares there are", ({ positions }) => (positions.totals[0] -= 1)],
    ["what shares are reserved", ({ positions }) => (positions.doubles[4 + 3] -= 1)],
    ["the recent client order ids", ({ clientIds }) => (clientIds.head[3] = 0)],
    [
      "the number of an account's recent client order ids",
      ({ accounts }) => accounts.ints[ACCOUNT_INTS + A_RECENT_IDS]++,
    ],
    [
      "an account's oldest client order id",
      ({ accounts }) => (accounts.ints[ACCOUNT_INTS + A_OLDEST_ID] = 0),
    ],
    [
      "an account's newest client order id",
      ({ accounts }) => (accounts.ints[ACCOUNT_INTS + A_NEWEST_ID] = 1),
    ],
    ["the number of free client order ids", ({ clientIds }) => clientIds.head[6]++],
    ["the text of a client order id", ({ clientIds }) => (clientIds.ints[32] ^= 1)],
    ["the links of stops that wait", ({ arena }) => (arena.ints[stop + ORDER_INTS + O_PREV] = 0)],
    ["the stop price of a stop that waits", ({ arena }) => (arena.ints[stop + O_STOP_PRICE] = 121)],
    ["whether a stop waits", ({ arena }) => (arena.ints[stop + O_ORDER_FLAGS] &= ~PENDING)],
    ["the best stop price", ({ ladder }) => (ladder.books[3 * 4] = 0)],
    ["the ranks of a queue", ({ arena }) => (arena.doubles[(second >> 1) + O_RANK_F64] = 1)],
    ["the order of expiries", ({ expiries }) => expiries.heap.copyWithin(1, 2, 3)],
    ["the number of expiries", ({ expiries }) => expiries.head[0]--],
    ["an order's place among the expiries", ({ arena }) => (arena.ints[stop + O_EXPIRY] = 2)],
    ["when an order expires", ({ arena }) => (arena.doubles[(stop >> 1) + O_EXPIRE_AT_F64] = 901)],
    [
      "an account's open orders of a symbol",
      ({ positions }) => positions.ints[8 + P_OPEN_ORDERS]--,
    ],
    [
      "which symbols have stops left",
      ({ market }) => {
        market[MARKET_BACKLOG] = 1;
        market[MARKET_BACKLOG_FIRST] = 1;
      },
    ],
    ["when a pause ends", ({ clock }) => (clock[CLOCK_DUE] = 7)],
    ["stops that should have come in", ({ symbols }) => (symbols.ints[S_LAST_PRICE] = 120)],
    ["the prices of a window", ({ windows }) => windows.ints.fill(90, 2)],
    ["whether a window has prices", ({ windows }) => (windows.ints[2] = 0)],
    ["the band", ({ symbols }) => (symbols.ints[S_HIGH] = 120)],
  ])("%s", (_, damage) => {
    damage(core);
    expect(validate(core)).not.toEqual([]);
  });
});
