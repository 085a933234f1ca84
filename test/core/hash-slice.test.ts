import { describe, expect, test } from "bun:test";
import { StateHash } from "../../src/core/state-hash.ts";
import { HASHED_ORDER_INTS, ORDER_INTS } from "../../src/core/whistle/order-arena.ts";
import { FUZZ_SYMBOLS } from "./fuzz/command-stream.ts";
import { Random } from "./fuzz/random.ts";
import { hashRun, recordStream } from "./recorded-stream.ts";
import { createTestCore } from "./test-core.ts";

const COMMANDS = 2_000;
const SLICE = 3_200;
const core = createTestCore(FUZZ_SYMBOLS);
const { stores } = core;
/** Not the store that follows from how ticks were cut. */
const hashed = stores.filter(({ name }) => name !== "clock-rest");

function fill(seed: number): void {
  core.reset();
  hashRun(core, recordStream(seed, COMMANDS), 16);
}

/** The words of all that is hashed. */
function extent(): number {
  return hashed.reduce((total, { used }) => total + used(), 0);
}

type Range = [words: Int32Array, from: number, to: number];

/** Notes what it is given. */
class NotedHash extends StateHash {
  readonly ranges: Range[] = [];

  override words(...range: Range): void {
    this.ranges.push(range);
  }

  override rows(...[words, from, to]: Parameters<StateHash["rows"]>): void {
    this.ranges.push([words, from, to]);
  }
}

/** The orders as they are hashed: with stamps that are 0. */
function withoutStamps(orders: Int32Array): Int32Array {
  return orders.map((word, i) => (i % ORDER_INTS < HASHED_ORDER_INTS ? word : 0));
}

/** Ranges that continue one another as one. */
function joined(ranges: readonly Range[]): Range[] {
  const rows: Range[] = [];
  for (const [words, from, to] of ranges) {
    const last = rows.at(-1);
    if (last?.[0] === words && last[2] === from) last[2] = to;
    else rows.push([words, from, to]);
  }
  return rows;
}

/** Hashes of the slices of one sweep, and where each began. */
function sweep(): { starts: number[]; hashes: string[] } {
  const starts: number[] = [];
  const hashes: string[] = [];
  let start = 0;
  do {
    const hash = new StateHash();
    starts.push(start);
    start = core.hashSlice(hash, start, SLICE);
    hashes.push(hash.digest().toString(16));
  } while (start !== 0);
  return { starts, hashes };
}

describe.each([1, 2, 3])("state %d", (seed) => {
  test("the slices of a sweep hash every word once, like the hash of the whole state", () => {
    fill(seed);
    const whole = hashed.map(({ words, used }): Range => [words, 0, used()]);
    const random = new Random(seed);
    for (const most of [100, 7_777, 1_000_000]) {
      const noted = new NotedHash();
      let start = 0;
      do start = core.hashSlice(noted, start, random.between(1, most));
      while (start !== 0);
      expect(joined(noted.ranges)).toEqual(whole.filter(([, , to]) => to > 0));
    }
    const hash = new StateHash();
    for (const [words, from, to] of whole) {
      const isOrders = words === hashed[0]?.words;
      hash.words(isOrders ? withoutStamps(words.subarray(0, to)) : words, from, to);
    }
    expect(hash.digest()).toBe(core.stateHash());
  });

  test("a slice starts where the last one ended", () => {
    fill(seed);
    const { starts } = sweep();
    expect(starts).toEqual(starts.map((_, i) => i * SLICE));
    expect(starts.length).toBe(Math.ceil(extent() / SLICE));
  });

  test("one flipped bit anywhere changes exactly one slice of a sweep, and the hash of the whole", () => {
    fill(seed);
    const random = new Random(seed);
    const clean = sweep().hashes;
    const whole = core.stateHash();
    for (const { name, words, used } of hashed) {
      // Those tell how far the others extend; and so does the backlog in "market".
      if (name.endsWith("-head") || name === "market" || used() === 0) continue;
      const last = used() - 1;
      for (const place of [0, last, ...Array.from({ length: 8 }, () => random.between(0, last))]) {
        const bit = 1 << random.between(0, 31);
        words[place] ^= bit;
        const differing = sweep().hashes.filter((hash, i) => hash !== clean[i]).length;
        const isOther = core.stateHash() !== whole;
        words[place] ^= bit;
        const isStamp = name === "orders" && place % ORDER_INTS >= HASHED_ORDER_INTS;
        const expected = isStamp ? [0, false] : [1, true];
        expect([name, place, differing, isOther]).toEqual([name, place, ...expected]);
      }
    }
    expect(sweep().hashes).toEqual(clean);
  });
});

test("unused words of rows are hashed as 0, wherever a slice begins and ends", () => {
  const random = new Random(7);
  const words = Int32Array.from({ length: 4 * ORDER_INTS }, () => random.between(1, 1e9));
  const cleared = withoutStamps(words);
  for (let i = 0; i < 500; i++) {
    const from = random.between(0, words.length);
    const to = random.between(from, words.length);
    const [rows, plain] = [new StateHash(), new StateHash()];
    rows.rows(words, from, to, ORDER_INTS, HASHED_ORDER_INTS);
    plain.words(cleared, from, to);
    expect(rows.digest()).toBe(plain.digest());
  }
});

test("a change in a head that holds an extent is found as well", () => {
  fill(4);
  const clean = sweep().hashes;
  for (const { name, words, used } of hashed) {
    if (!name.endsWith("-head") && name !== "market") continue;
    for (let place = 0; place < used(); place++) {
      words[place] += 1;
      const { hashes } = sweep();
      words[place] -= 1;
      expect([name, place, hashes]).not.toEqual([name, place, clean]);
    }
  }
});

test("a slice that starts beyond the end, because the state has become smaller, is empty, and the next starts again", () => {
  fill(5);
  for (const start of [extent(), extent() + 1, 2 ** 40]) {
    const hash = new StateHash();
    expect(core.hashSlice(hash, start, 100)).toBe(0);
    expect(hash.digest()).toBe(new StateHash().digest());
  }
});

test("the same commands give the same slices, whatever the capacity of the stores", () => {
  const records = recordStream(6, 400);
  const slices = [FUZZ_SYMBOLS, FUZZ_SYMBOLS + 1_000].map((symbolsMax) => {
    const other = createTestCore(symbolsMax);
    hashRun(other, records, 16);
    const hash = new StateHash();
    const starts: number[] = [];
    for (let start = 0; starts.length < 50; )
      starts.push((start = other.hashSlice(hash, start, 999)));
    return { starts, hash: hash.digest(), whole: other.stateHash() };
  });
  expect(slices[1]).toEqual(slices[0]);
});
