import { describe, expect, test } from "bun:test";
import { C_HEAD, COMMAND_INTS, CommandKind } from "../../src/core/command.ts";
import { createCore } from "../../src/core/create.ts";
import { createReplay, recover } from "../../src/execution/replay.ts";
import { StateCheck, StateDivergedError } from "../../src/execution/state-check.ts";
import type { CommandBatch } from "../../src/persistence/backend.ts";
import { Sequencer } from "../../src/router/sequencer.ts";
import { FUZZ_SYMBOLS } from "../core/fuzz/command-stream.ts";
import { SILENT } from "../lib/logs.ts";
import { MemoryPersistence } from "../persistence/memory-persistence.ts";
import { batchesOf } from "../records/state-run.ts";
import { addFalseCent } from "./false-cent.ts";
import { randomRecords, sendInTicks } from "./flow.ts";
import { FaultyDisk } from "./held-journal.ts";
import { createRig } from "./rig.ts";

const COMMANDS = 6_000;
/** In journals that are there already; another number makes every one of them stray. */
const WORDS_PER_COMMAND = 16;
const core = createCore(FUZZ_SYMBOLS);

/** The batches with the state checks that a live exchange gives them. */
function live(seed: number, commandsMax: number): CommandBatch[] {
  const batches = batchesOf(randomRecords(seed, COMMANDS), seed, commandsMax);
  core.reset();
  const check = new StateCheck(core);
  for (const batch of batches) {
    check.stamp(batch);
    core.beginTick(batch.tick);
    for (let i = 0; i < batch.count; i++) core.apply(batch.ints, batch.doubles, i);
    core.endTick();
  }
  return batches;
}

/** Replays into the empty core. */
function replayAll(batches: readonly CommandBatch[]): void {
  core.reset();
  const apply = createReplay({ core, check: new StateCheck(core), records: [] });
  for (const batch of batches) apply(batch);
}

/** The batch with a note in place of its last command. */
function withoutLast(batch: CommandBatch): CommandBatch {
  const ints = batch.ints.slice();
  ints[(batch.count - 1) * COMMAND_INTS + C_HEAD] = CommandKind.NOTE;
  return { ...batch, ints, doubles: new Float64Array(ints.buffer) };
}

/** The tick at which the replay was found to stray. */
function strayedAt(replaying: () => void): number {
  try {
    replaying();
  } catch (error) {
    if (error instanceof StateDivergedError) return error.tick;
    throw error;
  }
  throw new Error("nothing was found");
}

/** The tick with which the first sweep that began after `tick` is through. */
function sweptAfter(batches: readonly CommandBatch[], tick: number): number {
  const starts = batches.filter((batch) => batch.tick > tick && batch.checkStart === 0);
  const [, end] = starts;
  if (end === undefined) throw new Error("the stream is too short for a sweep");
  return end.tick;
}

describe("a replay compares its state with what the live exchange recorded", () => {
  test.each([
    [1, 1],
    [2, 7],
    [3, 40],
    [4, 400],
    [5, 1_500],
  ])("stream %d in ticks of up to %d commands agrees", (seed, commandsMax) => {
    const batches = live(seed, commandsMax);
    replayAll(batches);
    const starts = batches.map(({ checkStart }) => checkStart);
    expect(starts.filter((start) => start === 0).length).toBeGreaterThan(1);
    batches.slice(1).forEach(({ checkStart }, i) => {
      const { checkStart: before, count } = batches[i] ?? { checkStart: 0, count: 0 };
      expect([0, before + count * WORDS_PER_COMMAND]).toContain(checkStart);
    });
  });

  test("a command that is missing in the replay is found before the next sweep ends", () => {
    let found = 0;
    for (const seed of [11, 12, 13, 14]) {
      const batches = live(seed, 40);
      const hash = core.stateHash();
      for (const tick of [2, 3, 4, 5, 6, 7, 8]) {
        const altered = batches.map((batch) => (batch.tick === tick ? withoutLast(batch) : batch));
        replayAll(altered.map((batch) => ({ ...batch, checkStart: -1 })));
        // A command that was refused, or whose effect is gone, is not missed.
        if (core.stateHash() === hash) continue;
        const strayed = strayedAt(() => replayAll(altered));
        expect(strayed).toBeGreaterThan(tick);
        expect(strayed).toBeLessThanOrEqual(sweptAfter(batches, tick));
        found++;
      }
    }
    expect(found).toBeGreaterThan(5);
  });

  test("says what happened and what to do", () => {
    const { message, name } = new StateDivergedError(77);
    expect(name).toBe("StateDivergedError");
    expect(message).toMatch(/tick 77/);
  });
});

describe("batches without a check, as format version 1 has them", () => {
  test("are replayed without a comparison", () => {
    const batches = live(30, 40).map((batch) => ({ ...batch, checkStart: -1 }));
    replayAll(batches.slice(100));
  });

  test("do not affect the checks of the batches around them", () => {
    const batches = live(31, 40).map((batch) =>
      batch.tick % 3 === 0 ? { ...batch, checkStart: -1, checkHigh: 1, checkLow: 2 } : batch,
    );
    replayAll(batches);
    const later = batches.filter(({ tick }) => tick !== 4);
    expect(strayedAt(() => replayAll(later))).toBeGreaterThan(4);
  });
});

describe("over restarts", () => {
  /** What stands in the journal of a disk, checked by a replay of all of it. */
  function journalOf(disk: FaultyDisk): { tick: number; checkStart: number; count: number }[] {
    const batches: { tick: number; checkStart: number; count: number }[] = [];
    const copy = new FaultyDisk();
    for (const name of disk.list("wal")) copy.place(`wal/${name}`, disk.contents(`wal/${name}`));
    new MemoryPersistence(copy).recover({
      apply: ({ tick, checkStart, count }) => void batches.push({ tick, checkStart, count }),
    });
    return batches;
  }

  test("the sweep continues where it was, however the exchange ended", async () => {
    const disk = new FaultyDisk();
    for (const seed of [41, 42, 43, 44]) {
      const rig = createRig({ disk, ringCommands: 256 });
      await sendInTicks(rig, randomRecords(seed, 700), seed);
      expect([rig.failures, rig.bugs]).toEqual([[], []]);
      disk.crash();
    }
    createRig({ disk });
    disk.crash();
    const batches = journalOf(disk);
    expect(batches.length).toBeGreaterThan(100);
    batches.slice(1).forEach(({ checkStart }, i) => {
      const { checkStart: before, count } = batches[i] ?? { checkStart: 0, count: 0 };
      expect([0, before + count * WORDS_PER_COMMAND]).toContain(checkStart);
    });
    expect(batches.filter(({ checkStart }) => checkStart > 0).length).toBeGreaterThan(50);
  });

  test("a start whose replay differs is refused, and the message names the tick", async () => {
    const disk = new FaultyDisk();
    const rig = createRig({ disk, ringCommands: 256 });
    await sendInTicks(rig, randomRecords(50, 1_500), 50);
    const hash = rig.core.stateHash();
    await rig.journal.close();
    const into = (symbols: typeof core) =>
      recover({
        backend: new MemoryPersistence(disk),
        core: symbols,
        check: new StateCheck(symbols),
        sequencer: new Sequencer(() => 0),
        records: [],
        log: SILENT,
      });
    // A replay into a state that is not the one it was: a cent is there too much.
    core.reset();
    addFalseCent(core);
    expect(() => into(core)).toThrow(StateDivergedError);
    expect(() => into(core)).toThrow(/its state before tick \d+ is not the one/);
    const { core: same } = createRig({ disk });
    expect(same.stateHash()).toBe(hash);
  });
});
