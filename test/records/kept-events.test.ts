/** What the accounts' streams keep of what they told. */
import { describe, expect, test } from "bun:test";
import type { Store } from "../../src/lib/store.ts";
import { AccountStreams } from "../../src/records/account-streams.ts";
import { buy, depositCash } from "../core/command-builder.ts";
import { CommandStream } from "../core/fuzz/command-stream.ts";
import { Random } from "../core/fuzz/random.ts";
import { tickOf } from "../execution/flow.ts";
import { TickRun } from "../execution/tick-run.ts";
import { linesFrom, newLines } from "./stream-lines.ts";
import { core, MEBIBYTE, openStreams, SET_UP } from "./stream-run.ts";

/** As in stream-blocks.ts. */
const BLOCK_BYTES = 1_024;

/** What each account was told, in order, with the numbers that the lines begin with. */
class Kept {
  readonly #lines: string[][] = [];

  hear(streams: AccountStreams): void {
    for (const line of newLines(streams)) {
      const [, account, seq] = /^(\d+)#(\d+) /.exec(line) ?? [];
      const lines = (this.#lines[Number(account)] ??= []);
      lines[Number(seq) - 1] = line;
    }
  }

  /** The account's events from `seq` on. */
  from(account: number, seq: number): string[] {
    return this.#lines[account]?.slice(seq - 1) ?? [];
  }
}

/** Accounts that random streams may open. */
const ACCOUNTS = 12;

describe("what is replayed is what was told", () => {
  test.each([1, 2, 3])("from any seq, with room for everything (stream %d)", (seed) => {
    const { streams, run } = openStreams({ bytes: 8 * MEBIBYTE });
    const [stream, random, kept] = [new CommandStream(seed), new Random(seed), new Kept()];
    for (let i = 0; i < 2_000; i++) {
      tickOf(run, stream);
      kept.hear(streams);
    }
    for (let account = 0; account < ACCOUNTS; account++) {
      const last = streams.lastSeq(account);
      expect(kept.from(account, 1).length).toBe(last);
      expect(streams.oldestSeq(account)).toBe(1);
      for (const from of [1, random.between(1, last + 1), last, last + 1]) {
        if (from < 1) continue;
        expect(linesFrom(streams, account, from)).toEqual(kept.from(account, from));
      }
    }
  });

  test.each([1, 2, 3])("with little room, from what is kept on (stream %d)", (seed) => {
    const bytes = 12 * BLOCK_BYTES;
    const { streams, run } = openStreams({ bytes });
    const [stream, kept] = [new CommandStream(seed), new Kept()];
    let lost = 0;
    for (let i = 0; i < 2_000; i++) {
      tickOf(run, stream);
      kept.hear(streams);
      if (i % 100 !== 99) continue;
      for (let account = 0; account < ACCOUNTS; account++) {
        const [oldest, last] = [streams.oldestSeq(account), streams.lastSeq(account)];
        if (oldest > 1) lost++;
        const lines = linesFrom(streams, account);
        expect(lines).toEqual(kept.from(account, oldest));
        expect(lines.length).toBe(last + 1 - oldest);
      }
    }
    expect(lost).toBeGreaterThan(10);
  });

  test("page by page: it stops where it is told to, and says where it goes on", () => {
    const { streams, tick } = openStreams();
    tick(...SET_UP);
    for (let i = 0; i < 300; i++) tick(depositCash({ account: 1, amount: 1 }));
    const seen: number[] = [];
    let pagesRead = 0;
    for (let from = 5; from <= streams.lastSeq(1); pagesRead++) {
      let left = 7;
      from = streams.replay(1, from, (seq) => {
        seen.push(seq);
        return --left > 0;
      });
    }
    expect(seen).toEqual(Array.from({ length: 297 }, (_, i) => i + 5));
    expect(pagesRead).toBe(43);
    expect(streams.replay(1, 302, () => false)).toBe(302);
    expect([streams.oldestSeq(3), streams.replay(3, 1, () => true)]).toEqual([1, 1]);
  });
});

describe("limits", () => {
  const ioc = buy({ account: 1, price: 1, quantity: 1, timeInForce: "IOC" });

  test("an account keeps its newest 100,000 events at least", () => {
    const { streams, tick, run } = openStreams({ bytes: 64 * MEBIBYTE });
    tick(...SET_UP);
    const orders = Array.from({ length: 1_000 }, () => ioc);
    const kept: number[] = [];
    for (let i = 0; i < 300; i++) {
      run.tick(orders);
      kept.push(streams.lastSeq(1) + 1 - streams.oldestSeq(1));
    }
    expect(streams.lastSeq(1)).toBe(300_001);
    expect(kept[98]).toBe(99_001);
    expect(Math.min(...kept.slice(99))).toBeGreaterThanOrEqual(100_000);
    expect(Math.max(...kept)).toBeLessThanOrEqual(131_072 + 60);
    let next = streams.oldestSeq(1);
    streams.replay(1, next, (seq) => seq === next++);
    expect(next).toBe(300_002);
  });

  test("of one tick with more than an account may keep, the last ones are told and kept", () => {
    const { streams, tick } = openStreams({ bytes: MEBIBYTE, eventsPerAccountMax: 200 });
    tick(...SET_UP);
    const told = tick(
      ...Array.from({ length: 1_000 }, () => ioc),
      depositCash({ account: 2, amount: 1 }),
    );
    const oldest = streams.oldestSeq(1);
    expect(streams.lastSeq(1)).toBe(1_001);
    expect(1_002 - oldest).toBeWithin(140, 261);
    const expected = Array.from(
      { length: 1_002 - oldest },
      (_, i) => `1#${oldest + i} order, 1 left`,
    );
    expect(told).toEqual([...expected, "2#2 cash 1 + 0"]);
    expect(linesFrom(streams, 1).length).toBe(1_002 - oldest);
  });

  test("of one tick with more than all memory, the last ones are told and kept", () => {
    const { streams, tick } = openStreams({ bytes: 4 * BLOCK_BYTES });
    tick(...SET_UP);
    const told = tick(...Array.from({ length: 1_000 }, () => ioc));
    const oldest = streams.oldestSeq(1);
    expect([streams.lastSeq(1), streams.oldestSeq(2)]).toEqual([1_001, 1]);
    expect(told).toEqual(
      Array.from({ length: 1_002 - oldest }, (_, i) => `1#${oldest + i} order, 1 left`),
    );
    expect(told.length).toBeGreaterThan(20);
  });

  test("a loud account takes no event from a quiet one", () => {
    const { streams, tick } = openStreams({ bytes: 10 * BLOCK_BYTES });
    tick(...SET_UP);
    for (let i = 0; i < 40; i++) tick(depositCash({ account: 2, amount: 1 }));
    const quiet = linesFrom(streams, 2);
    expect(quiet.length).toBe(41);
    for (let i = 0; i < 3_000; i++) tick(ioc);
    expect(streams.oldestSeq(1)).toBeGreaterThan(2_000);
    expect(linesFrom(streams, 2)).toEqual(quiet);
  });
});

/** What a snapshot does: as much as is used, into empty memory. */
function copy(from: readonly Store[], to: readonly Store[]): void {
  expect(to.map(({ name }) => name)).toEqual(from.map(({ name }) => name));
  for (const [i, { words: memory, used }] of from.entries()) {
    to[i]?.words.set(memory.subarray(0, used()));
  }
}

test.each([1, 2, 3])(
  "taken in from a snapshot, it tells and keeps the same (stream %d)",
  (seed) => {
    core.reset();
    const bytes = 16 * BLOCK_BYTES;
    const original = new AccountStreams(core.view, { bytes });
    const restored = new AccountStreams(core.view, { bytes });
    const told: AccountStreams[] = [original];
    const run = new TickRun(core, [
      {
        onTick(output) {
          for (const streams of told) streams.onTick(output);
        },
      },
    ]);
    const stream = new CommandStream(seed);
    for (let i = 0; i < 1_000; i++) tickOf(run, stream);
    copy(original.stores, restored.stores);
    told.push(restored);
    const all = (streams: AccountStreams) =>
      Array.from({ length: ACCOUNTS }, (_, account) => linesFrom(streams, account));
    expect(all(restored)).toEqual(all(original));
    for (let i = 0; i < 500; i++) {
      tickOf(run, stream);
      expect(newLines(restored)).toEqual(newLines(original));
    }
    expect(all(restored)).toEqual(all(original));
    const memory = (streams: AccountStreams) =>
      streams.stores.map(({ name, words: words_, used }) => [name, words_.slice(0, used())]);
    expect(memory(restored)).toEqual(memory(original));
  },
);
