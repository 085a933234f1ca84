/** Work that one command may be, with as much in the book as strangers can leave there. */
import { expect, test } from "bun:test";
import { C_TEXT_INTS } from "../../src/core/command.ts";
import { keyedHash } from "../../src/core/keyed-hash.ts";
import { replyOf } from "../reference/exchange-event.ts";
import {
  at,
  buy,
  type Command,
  cancelAll,
  clock,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  setRules,
  setSymbolState,
} from "./command-builder.ts";
import { CoreRun } from "./run.ts";
import { createTestCore } from "./test-core.ts";

const core = createTestCore(3);
const [ALICE, BOB] = [1, 2] as const;
const OWN = 50_000;
function createRun(): CoreRun {
  core.reset();
  const run = new CoreRun(core);
  run.setUp(setRules({}), listSymbol({ symbol: 0 }));
  for (const account of [ALICE, BOB]) {
    run.setUp(
      openAccount({ account }),
      depositCash({ account, amount: 2 ** 40 }),
      depositShares({ account, amount: 2 ** 40 }),
    );
  }
  return run;
}

/** Many commands, the tick ended now and then. */
function applyAll(run: CoreRun, count: number, next: (i: number) => Command): void {
  for (let i = 0; i < count; i++) {
    if (i % 1_000 === 0) run.beginTick();
    run.apply(next(i));
  }
  run.beginTick();
}

test("an auction in which 50,000 orders of a user meet one of his own has bounded work", () => {
  const run = createRun();
  run.setUp(setSymbolState({ state: "AUCTION" }));
  run.setUp(sell({ account: ALICE, price: 100, quantity: OWN }));
  applyAll(run, OWN, () => buy({ account: ALICE, price: 100, quantity: 1 }));
  const before = core.rules.work[0];
  run.apply(setSymbolState({ state: "TRADING" }));
  // Looks at orders, a few for each; when the search began again after each, half of OWN squared, and 28 s.
  expect(core.rules.work[0] - before).toBeGreaterThanOrEqual(OWN);
  expect(core.rules.work[0] - before).toBeLessThan(4 * OWN);
  expect([core.view.trades(), core.arena.openCount()]).toEqual([0, 1]);
});

const MODES = ["CANCEL_NEWEST", "CANCEL_OLDEST", "CANCEL_BOTH", "DECREMENT", "NONE"] as const;

/** What is answered to each command, and how many orders it looked at for that. */
function answers(run: CoreRun, commands: readonly Command[]): [string, number][] {
  return commands.map((command) => {
    const before = core.rules.work[0];
    const reply = replyOf(run.apply(command));
    const answer = reply.event === "REJECT" ? reply.code : reply.event;
    return [answer, core.rules.work[0] - before];
  });
}

test("checks look at none of the 20,000 resting orders of strangers, whether they refuse or not", () => {
  const run = createRun();
  applyAll(run, 20_000, (i) => sell({ account: BOB, price: 1 + (i % 2_000), quantity: 1 }));
  run.setUp(openAccount({ account: 3 }), depositCash({ account: 3, amount: 5_000_000 }));
  const most = 2 ** 31 - 1;
  const refused = MODES.flatMap((selfTrade) => [
    buy({ account: 3, type: "MARKET", quantity: most, selfTrade }),
    buy({ account: ALICE, price: 2_000, quantity: 20_001, timeInForce: "FOK", selfTrade }),
  ]);
  expect(answers(run, refused)).toEqual(
    MODES.flatMap(() => [
      // Pages, as four levels each, and the levels of the page that decides: 32 of both are one unit.
      ["INSUFFICIENT_FUNDS", 9],
      ["FILL_OR_KILL", 8],
    ]),
  );
  // Honest large orders are taken: 7,000 orders, and then the rest.
  const taken = [
    buy({ account: ALICE, price: 2_000, quantity: 7_000, timeInForce: "FOK" }),
    buy({ account: ALICE, type: "MARKET", quantity: 13_000, selfTrade: "CANCEL_OLDEST" }),
  ];
  expect(answers(run, taken)).toEqual([
    ["ORDER", 7],
    ["ORDER", 9],
  ]);
  expect(core.view.trades()).toBe(20_000);
});

test("no more than 5,000 own orders that are in the way are looked at", () => {
  const run = createRun();
  const few = 4_999;
  applyAll(run, few, () => sell({ account: ALICE, price: 100, quantity: 1 }));
  applyAll(run, 10_000, () => sell({ account: BOB, price: 101, quantity: 1 }));
  const order = { account: ALICE, price: 101, timeInForce: "FOK" } as const;
  const tooMany = (selfTrade: (typeof MODES)[number]) =>
    buy({ ...order, quantity: 10_001, selfTrade });
  const last = sell({ account: ALICE, price: 200, quantity: 1 });
  expect(answers(run, MODES.slice(0, 4).map(tooMany))).toEqual(
    // A hundred own orders are one unit; where they are stepped over, the search behind them is another.
    MODES.slice(0, 4).map((mode) => ["FILL_OR_KILL", mode === "CANCEL_OLDEST" ? 51 : 50]),
  );
  // With more open orders than that, as many orders of the book are.
  const more = [last, sell({ account: ALICE, price: 300, quantity: 1 })];
  expect(answers(run, [...more, tooMany("CANCEL_OLDEST"), tooMany("CANCEL_NEWEST")])).toEqual([
    ["ORDER", 0],
    ["ORDER", 0],
    ["CAPACITY", 5_000],
    ["FILL_OR_KILL", 1],
  ]);
});

test("cancelling all of a symbol looks at no order older than the account's oldest one there, whatever it has elsewhere", () => {
  const run = createRun();
  run.setUp(listSymbol({ symbol: 1 }), listSymbol({ symbol: 2 }));
  const other = { account: ALICE, price: 100, quantity: 1 } as const;
  applyAll(run, 1_000, () => buy(other));
  applyAll(run, 3, () => buy({ ...other, symbol: 1 }));
  applyAll(run, 20, () => buy(other));
  const cancels = [1, 1, 2].map((symbol) => cancelAll({ account: ALICE, symbol }));
  expect(answers(run, cancels)).toEqual([
    ["DONE", 23],
    ["DONE", 0],
    ["DONE", 0],
  ]);
  expect(core.arena.openCount()).toBe(1_020);
  expect(answers(run, [cancelAll({ account: ALICE })])).toEqual([["DONE", 1_020]]);
  expect(core.arena.openCount()).toBe(0);
});

/** How many of 1,000 triggered fill-or-kill stops that nothing fills end with each command. */
function endFillOrKillStops(run: CoreRun, limit: number, quantity: number): number[] {
  applyAll(run, 1_000, () => {
    const stop = { type: "STOP_LIMIT", stopPrice: 100, price: limit } as const;
    return buy({ ...stop, account: ALICE, quantity, timeInForce: "FOK" });
  });
  run.setUp(sell({ account: BOB, price: 100, quantity: 1 }));
  const refusals = (command: Command): number =>
    run.apply(command).filter((event) => event.event === "ORDER" && event.reason === "FILL_OR_KILL")
      .length;
  const counts = [refusals(buy({ account: ALICE, price: 100, quantity: 1 }))];
  while (core.due() === 0) counts.push(refusals(clock()));
  return counts;
}

test("1,000 triggered fill-or-kill stops behind 99,000 orders have bounded work", () => {
  const run = createRun();
  applyAll(run, 99_000, () => sell({ account: BOB, price: 110, quantity: 1 }));
  const counts = endFillOrKillStops(run, 110, 200_000);
  // Each is a unit, another one for what is at its limit, and another for each hundred of Alice's stops that still wait.
  expect(counts.reduce((sum, count) => sum + count)).toBe(1_000);
  expect([Math.min(...counts.slice(0, -1)), counts.length]).toEqual([84, 8]);
});

test("1,000 triggered fill-or-kill stops over 2,000 pages of prices have bounded work, with and without cached sums", () => {
  const pages = 2_000;
  const limit = 256 * (pages + 1);
  const quantity = pages + 1;
  for (const isLookedThrough of [false, true]) {
    const run = createRun();
    applyAll(run, pages, (i) => sell({ account: BOB, price: 256 * (i + 1), quantity: 1 }));
    const sums = { account: ALICE, price: limit, quantity, timeInForce: "FOK" } as const;
    if (isLookedThrough) expect(answers(run, [buy(sums)])).toEqual([["FILL_OR_KILL", 250]]);
    const counts = endFillOrKillStops(run, limit, quantity);
    expect(counts.reduce((sum, count) => sum + count)).toBe(1_000);
    // Each is 250 units for the pages, itself, and up to ten for Alice's stops: four are too much.
    expect([Math.max(...counts), counts.length]).toEqual([4, 250]);
  }
});

test("of 3,500 orders with the same expiry, 1,000 expire at one time", () => {
  const run = createRun();
  const end = 1_000_000;
  const options = { price: 100, quantity: 1, timeInForce: "GTD", expireAt: end } as const;
  applyAll(run, 3_500, () => sell({ account: ALICE, ...options }));
  const left = (command: Command): number => {
    run.apply(command);
    return core.arena.openCount();
  };
  const counts = [0, 0, 1, 2, 3].map((later) => left(at(end + later, clock())));
  expect(counts).toEqual([2_500, 2_500, 1_500, 500, 0]);
});

test("the seed decides which texts share a chain, and no chain is long", () => {
  const texts = 4_096;
  const words = new Int32Array(C_TEXT_INTS);
  const slotOf = (seed: number, i: number): number => {
    words[0] = i * 0x1_0001;
    words[1] = ~i;
    return keyedHash(seed, 0, ALICE, words, 0, C_TEXT_INTS) & 0xfff;
  };
  const lengths = (seed: number): number[] => {
    const counts = new Array<number>(texts).fill(0);
    for (let i = 0; i < texts; i++) counts[slotOf(seed, i)] = (counts[slotOf(seed, i)] ?? 0) + 1;
    return counts;
  };
  for (const seed of [0, 1, 2 ** 31 - 1]) expect(Math.max(...lengths(seed))).toBeLessThan(12);
  // Texts that meet under one key are apart under another.
  const met = Array.from({ length: texts }, (_, i) => i).filter(
    (i) => slotOf(1, i) === slotOf(1, 0),
  );
  expect(new Set(met.map((i) => slotOf(2, i))).size).toBe(met.length);
});
