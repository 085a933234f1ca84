/** Work that one command may be, with as much in the book as strangers can leave there. */
import { expect, test } from "bun:test";
import { C_TEXT_INTS } from "../../src/core/command.ts";
import { keyedHash } from "../../src/core/keyed-hash.ts";
import {
  buy,
  type Command,
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

const core = createTestCore(1);
const [ALICE, BOB] = [1, 2] as const;
const OWN = 50_000;
const TIMEOUT_MS = 30_000;

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

test(
  "an auction in which 50,000 orders of a user meet one of his is over at once",
  () => {
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
  },
  TIMEOUT_MS,
);

test("a market order without money and a fill-or-kill order look at a bounded number of orders", () => {
  const run = createRun();
  applyAll(run, 20_000, () => sell({ account: BOB, price: 1, quantity: 1 }));
  run.setUp(openAccount({ account: 3 }), depositCash({ account: 3, amount: 50 }));
  const before = core.rules.work[0];
  const replies = [
    buy({ account: 3, type: "MARKET", quantity: 2 ** 31 - 1 }),
    buy({ account: ALICE, price: 1, quantity: 20_001, timeInForce: "FOK" }),
  ].map((command) => run.apply(command).map((event) => "code" in event && event.code));
  expect(replies).toEqual([["INSUFFICIENT_FUNDS"], ["CAPACITY"]]);
  expect(core.rules.work[0] - before).toBe(51 + 5_000);
});

test("which texts share a chain depends on the seed, and no chain is long", () => {
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
