import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { StreamBlocks } from "../../src/records/stream-blocks.ts";

const BLOCK_BYTES = 1_024;
/** Words of a block that entries can have. */
const ENTRY_INTS = 248;
/** Where the larger of two times does not make a step. */
const STEP_MS_END = 2 ** 32;

const sizeOf = (ints: Int32Array, at: number): number => (ints[at] ?? 0) >> 2;

/** Blocks whose entries hold their size, account and `seq`, and a model of who has which and when they were added. */
class Run {
  readonly blocks: StreamBlocks;
  readonly #accounts: number;
  readonly #seqs: number[];
  /** By account and `seq`: when it was added. */
  readonly #times: { tick: number; timestamp: number }[][];
  readonly #now = { tick: 1, timestamp: 1e12 };

  /** `onLook`: called when the number of accounts is asked for. */
  constructor(blocksMax: number, accounts: number, entriesMax = 1e6, onLook = () => {}) {
    this.#accounts = accounts;
    this.#seqs = new Array<number>(accounts).fill(0);
    this.#times = this.#seqs.map(() => []);
    this.blocks = new StreamBlocks({
      bytes: blocksMax * BLOCK_BYTES,
      accountsMax: accounts,
      accountsEnd: () => {
        onLook();
        return accounts;
      },
      entriesMax,
    });
  }

  /** Adds the account's next entry, in a later tick if `ms` says by how much. */
  add(account: number, size: number, ms: number | null = null): void {
    const { blocks } = this;
    const { ints } = blocks;
    const seq = ++this.#seqs[account];
    if (ms !== null) {
      this.#now.tick += 1 + Math.floor(ms / 3);
      this.#now.timestamp += ms;
    }
    const { tick, timestamp } = this.#now;
    this.#times[account]?.push({ tick, timestamp });
    const at = blocks.claim(account, seq, size, tick, timestamp);
    ints.fill(-1, at, at + size);
    ints[at] = (size << 2) | 1;
    ints[at + 1] = account * 1e6 + seq;
  }

  /** How many blocks each account has. */
  counts(): number[] {
    return this.#map((account) => {
      let count = 0;
      for (let b = this.blocks.oldest(account); b !== 0; b = this.blocks.next(b)) count++;
      return count;
    });
  }

  /** The `seq` of each entry that an account still has. */
  kept(): number[][] {
    return this.#map((account) => {
      const oldest = this.blocks.oldest(account);
      return oldest === 0 ? [] : this.read(account, this.blocks.firstSeq(oldest));
    });
  }

  /** The `seq` of each entry of the account that is read from `fromSeq` on. */
  read(account: number, fromSeq: number): number[] {
    const seqs: number[] = [];
    const { blocks } = this;
    blocks.read(account, fromSeq, sizeOf, (seq, at) => {
      expect(blocks.ints[at + 1]).toBe(account * 1e6 + seq);
      expect({ tick: blocks.tick, timestamp: blocks.timestamp }).toEqual(
        this.#times[account]?.[seq - 1] as never,
      );
      seqs.push(seq);
      return true;
    });
    return seqs;
  }

  last(account: number): number {
    return this.#seqs[account];
  }

  #map<T>(of: (account: number) => T): T[] {
    return Array.from({ length: this.#accounts }, (_, account) => of(account));
  }
}

const ADDS = fc.array(
  fc.record({
    account: fc.oneof(fc.constant(0), fc.nat({ max: 4 })),
    size: fc.oneof(fc.integer({ min: 2, max: 30 }), fc.constantFrom(123, 124, ENTRY_INTS)),
    ms: fc.oneof(
      fc.constant(null),
      fc.nat({ max: 100 }),
      fc.constantFrom(STEP_MS_END - 1, STEP_MS_END, 5 * STEP_MS_END),
    ),
  }),
  { maxLength: 200 },
);

const BLOCKS_MAX = fc.integer({ min: 2, max: 12 });

describe("whatever is added", () => {
  test("each account has its newest entries, without a gap, in no more memory than there is", () => {
    fc.assert(
      fc.property(ADDS, BLOCKS_MAX, fc.constantFrom(1, 7, 1e6), (adds, blocksMax, entriesMax) => {
        const run = new Run(blocksMax, 5, entriesMax);
        for (const { account, size, ms } of adds) run.add(account, size, ms);
        const counts = run.counts();
        expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(blocksMax);
        run.kept().forEach((seqs, account) => {
          const first = run.last(account) + 1 - seqs.length;
          expect(seqs).toEqual(seqs.map((_, i) => first + i));
          for (const from of [first + 1, Math.floor(first + seqs.length / 2), run.last(account)]) {
            if (from >= first) expect(run.read(account, from)).toEqual(seqs.slice(from - first));
          }
        });
      }),
    );
  });

  test("an account gives up blocks only when none has more than it", () => {
    fc.assert(
      fc.property(ADDS, BLOCKS_MAX, (adds, blocksMax) => {
        const run = new Run(blocksMax, 5);
        for (const { account, size, ms } of adds) {
          const [before, keptBefore] = [run.counts(), run.kept()];
          run.add(account, size, ms);
          const kept = run.kept();
          const losers = before.flatMap((count, each) => {
            const [oldest] = keptBefore[each];
            return oldest === undefined || kept[each].includes(oldest) ? [] : [count];
          });
          expect(losers.length).toBeLessThanOrEqual(1);
          for (const count of losers) expect(count).toBe(Math.max(...before));
        }
      }),
    );
  });
});

test("the largest gives up an eighth, so that it is not asked for each block", () => {
  const run = new Run(80, 2);
  for (let i = 0; i < 64; i++) run.add(0, ENTRY_INTS);
  for (let i = 0; i < 16; i++) run.add(1, ENTRY_INTS);
  expect(run.counts()).toEqual([64, 16]);
  run.add(1, ENTRY_INTS);
  expect(run.counts()).toEqual([56, 17]);
  for (let i = 0; i < 7; i++) run.add(1, ENTRY_INTS);
  expect(run.counts()).toEqual([56, 24]);
});

test("many accounts with equally many blocks give up one each, so that not every new block looks at all accounts", () => {
  const accounts = 1000;
  let looks = 0;
  const run = new Run(2 * accounts, accounts, 1e6, () => looks++);
  for (let i = 0; i < 3; i++) {
    for (let account = 0; account < accounts; account++) run.add(account, ENTRY_INTS);
  }
  expect(looks).toBeLessThan(accounts / 10);
  const counts = run.counts();
  expect(Math.min(...counts)).toBeGreaterThan(0);
  const kept = counts.reduce((sum, count) => sum + count, 0);
  expect(kept).toBeGreaterThan(2 * accounts - 64);
});

test("when every account has one block, a new one takes the place of one of them", () => {
  const run = new Run(3, 5);
  for (const account of [0, 1, 2, 3, 4, 1]) {
    run.add(account, ENTRY_INTS);
    const counts = run.counts();
    expect([counts[account], Math.max(...counts)]).toEqual([1, 1]);
  }
});

test("an account that has more than its share gives up the oldest, when it begins a block", () => {
  const run = new Run(100, 2, 20);
  // Six entries a block.
  for (let i = 0; i < 60; i++) run.add(0, 41);
  run.add(1, 41);
  const kept: number[] = [];
  for (let i = 0; i < 12; i++) {
    run.add(0, 41);
    kept.push(run.kept()[0].length);
  }
  expect(kept).toEqual([19, 20, 21, 22, 23, 24, 19, 20, 21, 22, 23, 24]);
  expect(run.kept()[1]).toEqual([1]);
});

test("the only block of an account is not given up", () => {
  const run = new Run(4, 1, 1);
  const kept: number[][] = [];
  for (let i = 0; i < 5; i++) {
    run.add(0, 100);
    kept.push(run.kept()[0]);
  }
  expect(kept).toEqual([[1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [3, 4, 5]]);
});

test("blocks that were taken in from a snapshot go on as those that they were taken of", () => {
  fc.assert(
    fc.property(ADDS, ADDS, BLOCKS_MAX, (first, second, blocksMax) => {
      const [original, restored] = [new Run(blocksMax, 5), new Run(blocksMax, 5)];
      for (const { account, size, ms } of first) original.add(account, size, ms);
      for (const { account, size, ms } of first) restored.add(account, size, ms);
      const [from, to] = [original, restored].map(({ blocks }) => blocks.stores("blocks"));
      for (const { words } of to) words.fill(0);
      for (const [i, { words, used }] of from.entries()) {
        to[i].words.set(words.subarray(0, used()));
      }
      for (const { account, size, ms } of second) {
        for (const run of [original, restored]) run.add(account, size, ms);
      }
      expect(restored.kept()).toEqual(original.kept());
      const memory = (stores: typeof from) =>
        stores.map(({ words, used }) => words.slice(0, used()));
      expect(memory(to)).toEqual(memory(from));
    }),
    { numRuns: 50 },
  );
});

test("emptied, they have room for everything again", () => {
  const run = new Run(4, 2);
  for (let i = 0; i < 10; i++) run.add(0, ENTRY_INTS);
  for (const { words } of run.blocks.stores("blocks")) words.fill(0);
  run.blocks.reset();
  expect(run.counts()).toEqual([0, 0]);
  for (let i = 0; i < 4; i++) run.add(1, ENTRY_INTS);
  expect(run.counts()).toEqual([0, 4]);
  expect(run.kept()[1]).toEqual([1, 2, 3, 4]);
});
