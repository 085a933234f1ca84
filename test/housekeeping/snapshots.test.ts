import { beforeEach, describe, expect, test } from "bun:test";
import {
  C_HEAD,
  C_SEQUENCE_F64,
  C_TIMESTAMP_F64,
  COMMAND_INTS,
  CommandKind,
} from "../../src/core/command.ts";
import { createCore } from "../../src/core/create.ts";
import { TickIndex } from "../../src/execution/tick-index.ts";
import type { SnapshotRequest, SnapshotTaken } from "../../src/housekeeping/snapshot-request.ts";
import { Snapshots } from "../../src/housekeeping/snapshots.ts";
import type { PersistenceBackend } from "../../src/persistence/backend.ts";
import type { ControlPort } from "../../src/router/control.ts";
import { logTo } from "../lib/logs.ts";
import { turn, until } from "../lib/until.ts";

const INTERVAL_ORDERS = 100;
const SPACING_MS = 1_000;
const DIRECTORIES = { walDir: "wal", snapshotDir: "snapshots" };

const core = createCore(8);
beforeEach(() => core.reset());

/** A tick of one command, number `sequence`. */
function applyNote(tick: number, sequence: number, timestamp = 0): void {
  const ints = new Int32Array(COMMAND_INTS);
  const doubles = new Float64Array(ints.buffer);
  ints[C_HEAD] = CommandKind.NOTE;
  doubles[C_SEQUENCE_F64] = sequence;
  doubles[C_TIMESTAMP_F64] = timestamp;
  core.beginTick(tick);
  core.apply(ints, doubles, 0);
  core.endTick();
}

/** A process that was begun. */
interface Run {
  request: SnapshotRequest;
  signal: AbortSignal;
  done(): void;
  fail(reason: string): void;
}

/** Snapshots of an exchange of which nothing is real but the core, whose clock the tests set. */
function open(last = { tick: 0, sequence: 0, timestamp: 0, bytes: 0 }, changePercent = 0) {
  const runs: Run[] = [];
  const lines: [level: string, message: string][] = [];
  const log = logTo((level, _, message) => lines.push([level, message]));
  const listeners: ((through: number) => void)[] = [];
  const journal = { segment: 1, hasBatches: false, sealed: 0 };
  const backend: Pick<PersistenceBackend, "rotate" | "sealedThrough" | "onSealed"> = {
    rotate() {
      if (journal.hasBatches) journal.segment++;
      journal.hasBatches = false;
      return journal.segment - 1;
    },
    sealedThrough: () => journal.sealed,
    onSealed: (listener) => void listeners.push(listener),
  };
  let reading: Promise<void> = Promise.resolve();
  const control: Pick<ControlPort, "read"> = {
    read: async (read) => {
      await reading;
      return read();
    },
  };
  let taken = 0;
  let monotonic = 0;
  const snapshots = new Snapshots(
    {
      core,
      control: control as ControlPort,
      backend: backend as PersistenceBackend,
      directories: DIRECTORIES,
      intervalCommands: INTERVAL_ORDERS,
      spacingMs: SPACING_MS,
      changePercent,
      run(request, signal) {
        const { promise, resolve, reject } = Promise.withResolvers<SnapshotTaken>();
        signal.addEventListener("abort", () => reject(new Error("killed")));
        if (signal.aborted) reject(new Error("killed"));
        const tick = core.view.tick();
        const done = () => resolve(answer(tick));
        runs.push({ request, signal, done, fail: (reason) => reject(new Error(reason)) });
        return promise;
      },
      onTaken: () => void taken++,
      log,
      monotonic: () => monotonic,
    },
    last,
  );
  return {
    snapshots,
    runs,
    lines,
    listeners,
    journal,
    taken: () => taken,
    /** The segments up to this one are sealed. */
    seal(through = journal.segment - 1): void {
      journal.sealed = through;
      for (const listener of listeners) listener(through);
    },
    /** Seals the segment that the next process is for; `count` processes have begun then. */
    async begun(count: number): Promise<void> {
      await until(() => journal.segment === count + 1);
      this.seal();
      await until(() => runs.length === count);
    },
    /** The tick in which so many orders have been placed in all, at a time; the wall clock may say another. */
    tick(orders: number, time: number, timestamp = time): void {
      monotonic = time;
      const tick = core.view.tick() + 1;
      applyNote(tick, orders, timestamp);
      journal.hasBatches = true;
      const output = new TickIndex(core.events);
      output.read(tick, timestamp, orders, 1);
      snapshots.onTick(output);
    },
    pass(milliseconds: number): void {
      monotonic += milliseconds;
    },
    /** Reads wait until the answer is called. */
    hold(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      reading = promise;
      return resolve;
    },
    /** The journal has been closed. */
    closeJournal(): void {
      journal.sealed = journal.hasBatches ? journal.segment : journal.segment - 1;
      for (const listener of listeners) listener(journal.sealed);
    },
  };
}

function answer(tick: number): SnapshotTaken {
  const file = `snapshots/snapshot_${tick}.snap`;
  const stateHash = "0000000000000001";
  return { file, tick, sequence: tick, stateHash, bytes: 4_096, commands: 7, milliseconds: 250 };
}

/** A moment that is later than every spacing since 1970. */
const NOW = 1_800_000_000_000;

describe("when one is due", () => {
  test("as soon as there are enough orders", async () => {
    const rig = open();
    rig.tick(INTERVAL_ORDERS - 1, NOW);
    await turn();
    expect([rig.journal.segment, rig.runs.length]).toEqual([1, 0]);
    rig.tick(INTERVAL_ORDERS, NOW);
    await until(() => rig.journal.segment === 2);
    expect(rig.runs).toEqual([]);
    rig.seal();
    await until(() => rig.runs.length === 1);
    expect(rig.runs[0]?.request).toEqual({
      ...DIRECTORIES,
      through: 1,
      symbolsMax: 8,
      pauseMs: 25,
      stateHash: expect.any(String),
    });
    rig.runs[0]?.done();
    await until(() => rig.taken() === 1);
    expect(rig.snapshots.counters).toEqual({
      taken: 1,
      failed: 0,
      lastMilliseconds: 250,
    });
    expect(rig.lines).toEqual([["info", "snapshot taken"]]);
    const newest = { sequence: INTERVAL_ORDERS, timestamp: NOW, bytes: 4_096 };
    expect(rig.snapshots.newest).toMatchObject(newest);
  });

  test("counted from the snapshot that the last start used", async () => {
    const rig = open({ tick: 50, sequence: 1_000, timestamp: NOW - 1, bytes: 0 });
    rig.tick(1_000 + INTERVAL_ORDERS - 1, NOW);
    await turn();
    expect(rig.journal.segment).toBe(1);
    rig.tick(1_000 + INTERVAL_ORDERS, NOW);
    await until(() => rig.journal.segment === 2);
  });

  describe("not before a replay costs more than another snapshot:", () => {
    /** A snapshot of a million bytes, and how much the journal has to grow. */
    const openAfterLong = (changePercent: number) =>
      open({ tick: 0, sequence: 0, timestamp: 0, bytes: 1_000_000 }, changePercent);
    /** A tick of 128 bytes, and so many commands. */
    const commandsOf = (journalBytes: number): number => (journalBytes - 128) / 128;

    test("the journal has grown by that part of the last snapshot", async () => {
      const rig = openAfterLong(32);
      rig.tick(commandsOf(320_000) - 1, NOW);
      await turn();
      expect(rig.journal.segment).toBe(1);
      rig.tick(commandsOf(320_000) - 1, NOW);
      await until(() => rig.journal.segment === 2);
    });

    test("the next is measured by the length of the one that was taken", async () => {
      const rig = openAfterLong(1);
      rig.tick(commandsOf(320_000), NOW);
      await rig.begun(1);
      rig.runs[0]?.done(); // 4,096 bytes
      await until(() => rig.taken() === 1);
      rig.tick(commandsOf(320_000) + INTERVAL_ORDERS, NOW + SPACING_MS);
      await until(() => rig.journal.segment === 3);
    });

    test("a million commands are always enough", async () => {
      const rig = open({ tick: 0, sequence: 0, timestamp: 0, bytes: 2 ** 40 }, 1000);
      rig.tick(999_999, NOW);
      await turn();
      expect(rig.journal.segment).toBe(1);
      rig.tick(1_000_000, NOW);
      await until(() => rig.journal.segment === 2);
    });
  });

  test("orders that came during a snapshot count for the next one, which keeps the minimum distance", async () => {
    const rig = open();
    rig.tick(INTERVAL_ORDERS, NOW);
    await rig.begun(1);
    for (let i = 1; i < 5; i++)
      rig.tick(INTERVAL_ORDERS + i * INTERVAL_ORDERS, NOW + SPACING_MS * i);
    await turn();
    expect([rig.journal.segment, rig.runs.length]).toEqual([2, 1]);
    rig.runs[0]?.done();
    await until(() => rig.taken() === 1);
    rig.tick(10 * INTERVAL_ORDERS, NOW + SPACING_MS - 1);
    await turn();
    expect(rig.journal.segment).toBe(2);
    rig.tick(10 * INTERVAL_ORDERS, NOW + SPACING_MS);
    await rig.begun(2);
    rig.runs[1]?.done();
    await until(() => rig.taken() === 2);
    rig.tick(11 * INTERVAL_ORDERS - 1, NOW + 9 * SPACING_MS);
    await turn();
    expect(rig.journal.segment).toBe(3);
  });

  test("also while the journal's time stands still because the wall clock was set back", async () => {
    const rig = open();
    rig.tick(INTERVAL_ORDERS, NOW);
    await rig.begun(1);
    rig.runs[0]?.done();
    await until(() => rig.taken() === 1);
    rig.tick(2 * INTERVAL_ORDERS, NOW + SPACING_MS - 1, NOW);
    await turn();
    expect(rig.journal.segment).toBe(2);
    rig.tick(3 * INTERVAL_ORDERS, NOW + SPACING_MS, NOW);
    await rig.begun(2);
  });

  test("after a failure it is tried again, but not before the minimum time", async () => {
    const rig = open();
    rig.tick(INTERVAL_ORDERS, NOW);
    await rig.begun(1);
    rig.runs[0]?.fail("no space left");
    await until(() => rig.snapshots.failure !== null);
    rig.tick(INTERVAL_ORDERS + 1, NOW + SPACING_MS - 1);
    await turn();
    expect(rig.journal.segment).toBe(2);
    rig.tick(INTERVAL_ORDERS + 2, NOW + SPACING_MS);
    await rig.begun(2);
    expect(rig.runs[1]?.request.through).toBe(2);
  });
});

describe("one that is asked for", () => {
  test("waits until its own segment is sealed, not only an earlier one", async () => {
    const rig = open();
    rig.tick(1, NOW);
    const taken = rig.snapshots.take();
    await until(() => rig.journal.segment === 2);
    rig.tick(2, NOW);
    rig.seal(0);
    await turn();
    expect(rig.runs).toEqual([]);
    rig.seal(1);
    await until(() => rig.runs.length === 1);
    rig.runs[0]?.done();
    expect(await taken).toEqual(answer(2));
  });

  test("is late if it runs for more than ten minutes", async () => {
    const rig = open();
    expect(rig.snapshots.slowness()).toBeNull();
    rig.tick(INTERVAL_ORDERS, NOW);
    await until(() => rig.journal.segment === 2);
    rig.pass(599_999);
    expect(rig.snapshots.slowness()).toBeNull();
    rig.pass(1);
    expect(rig.snapshots.slowness()).toBe(
      "a snapshot has taken longer than 10 minutes and goes on",
    );
    rig.seal();
    await until(() => rig.runs.length === 1);
    rig.runs[0]?.done();
    await until(() => rig.taken() === 1);
    expect(rig.snapshots.slowness()).toBeNull();
  });

  test("joins the one that is running", async () => {
    const rig = open();
    rig.tick(INTERVAL_ORDERS, NOW);
    const asked = [rig.snapshots.take(), rig.snapshots.take()];
    await rig.begun(1);
    asked.push(rig.snapshots.take());
    rig.runs[0]?.done();
    expect(await Promise.all(asked)).toEqual(asked.map(() => answer(1)));
    expect([rig.runs.length, rig.taken()]).toEqual([1, 1]);
  });

  test("again, though nothing has happened since, is after the same segment", async () => {
    const rig = open();
    rig.tick(1, NOW);
    for (const i of [0, 1]) {
      const taken = rig.snapshots.take();
      await turn();
      rig.seal();
      await until(() => rig.runs.length === i + 1);
      expect(rig.runs[i]?.request.through).toBe(1);
      rig.runs[i]?.done();
      await taken;
    }
  });

  test("before the first tick is refused, and nothing is run", async () => {
    const rig = open();
    expect(rig.snapshots.take()).rejects.toThrow("there has been no tick yet");
    await turn();
    expect(rig.runs).toEqual([]);
    rig.tick(1, NOW);
    const taken = rig.snapshots.take();
    await rig.begun(1);
    rig.runs[0]?.done();
    expect(await taken).toEqual(answer(1));
  });

  test("that fails reports the reason until another one succeeds", async () => {
    const rig = open();
    rig.tick(1, NOW);
    const failing = rig.snapshots.take();
    await rig.begun(1);
    rig.runs[0]?.fail("the replay strays");
    expect(failing).rejects.toThrow("the replay strays");
    await until(() => rig.snapshots.failure !== null);
    expect(rig.snapshots.failure?.message).toBe("the replay strays");
    expect([rig.snapshots.counters.failed, rig.taken()]).toEqual([1, 0]);
    expect(rig.lines).toEqual([["error", "snapshot failed; earlier snapshots are kept"]]);

    const next = rig.snapshots.take();
    await until(() => rig.runs.length === 2);
    rig.runs[1]?.done();
    await next;
    expect(rig.snapshots.failure).toBeNull();
    expect([rig.snapshots.counters.failed, rig.snapshots.counters.taken]).toEqual([1, 1]);
  });

  test("when the journal cannot be rotated fails alone", async () => {
    const rig = open();
    rig.tick(1, NOW);
    const { journal } = rig;
    Object.defineProperty(journal, "hasBatches", {
      configurable: true,
      get() {
        throw new Error("storage failed");
      },
    });
    expect(rig.snapshots.take()).rejects.toThrow("storage failed");
    await until(() => rig.snapshots.failure !== null);
    Object.defineProperty(journal, "hasBatches", { value: true, writable: true });
    const next = rig.snapshots.take();
    await rig.begun(1);
    rig.runs[0]?.done();
    expect(await next).toEqual(answer(1));
  });
});

test("however many are taken, the journal has one listener, and it does nothing in between", async () => {
  const rig = open();
  for (let i = 1; i <= 20; i++) {
    rig.tick(i, NOW);
    const taken = rig.snapshots.take();
    await rig.begun(i);
    rig.seal();
    rig.runs[i - 1]?.done();
    await taken;
    rig.seal();
  }
  expect([rig.listeners.length, rig.taken(), rig.runs.length]).toEqual([1, 20, 20]);
});

describe("the last one", () => {
  test("is of the end of the closed journal, and has to give the live state's hash", async () => {
    const rig = open();
    rig.tick(3, NOW);
    rig.closeJournal();
    const closed = rig.snapshots.takeLast(60_000);
    await until(() => rig.runs.length === 1);
    const stateHash = core.stateHash().toString(16).padStart(16, "0");
    const request = { ...DIRECTORIES, through: 1, symbolsMax: 8, stateHash, pauseMs: 0 };
    expect(rig.runs[0]?.request).toEqual(request);
    rig.runs[0]?.done();
    await closed;
    expect(rig.taken()).toBe(1);
  });

  test("is not needed if nothing came after the previous one, or nothing ever", async () => {
    const rig = open({ tick: 4, sequence: 0, timestamp: NOW, bytes: 0 });
    core.beginTick(4);
    rig.journal.sealed = 2;
    await rig.snapshots.takeLast(60_000);
    const unused = open();
    await unused.snapshots.takeLast(60_000);
    expect([rig.runs, unused.runs]).toEqual([[], []]);
  });

  test("is not needed right after one that was asked for", async () => {
    const rig = open();
    rig.tick(1, NOW);
    const taken = rig.snapshots.take();
    await rig.begun(1);
    rig.runs[0]?.done();
    await taken;
    rig.closeJournal();
    await rig.snapshots.takeLast(60_000);
    expect(rig.runs.length).toBe(1);
  });

  test("replaces the one that is running", async () => {
    const rig = open();
    rig.tick(INTERVAL_ORDERS, NOW);
    await rig.begun(1);
    const joined = rig.snapshots.take();
    rig.tick(INTERVAL_ORDERS + 1, NOW);
    rig.closeJournal();
    const closed = rig.snapshots.takeLast(60_000);
    expect(joined).rejects.toThrow("killed");
    await until(() => rig.runs.length === 2);
    expect(rig.runs.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(rig.runs[1]?.request.through).toBe(2);
    rig.runs[1]?.done();
    await closed;
    expect([rig.taken(), rig.snapshots.failure]).toEqual([1, null]);
  });

  test("replaces one whose segment was not sealed yet", async () => {
    const rig = open();
    rig.tick(INTERVAL_ORDERS, NOW);
    await until(() => rig.journal.segment === 2);
    const waiting = rig.snapshots.take();
    const closed = rig.snapshots.takeLast(60_000);
    expect(waiting).rejects.toThrow("ended before it was done");
    await closed;
    expect(rig.runs).toEqual([]);
  });

  test("replaces one that still waited for a moment between two ticks", async () => {
    const rig = open();
    const release = rig.hold();
    rig.tick(INTERVAL_ORDERS, NOW);
    const waiting = rig.snapshots.take();
    waiting.catch(() => undefined);
    const closed = rig.snapshots.takeLast(60_000);
    release();
    await closed;
    expect(waiting).rejects.toThrow();
    expect(rig.runs).toEqual([]);
  });

  test("is given up if it takes too long, so that shutdown does not wait", async () => {
    const rig = open();
    rig.tick(1, NOW);
    rig.closeJournal();
    await rig.snapshots.takeLast(1);
    expect(rig.runs.map(({ signal }) => String(signal.reason))).toEqual([
      "Error: it was not done 0.001 s after the stop; the next start replays the journal",
    ]);
    expect([rig.taken(), rig.snapshots.counters.failed]).toEqual([0, 1]);
  });

  test("may fail: the journal contains everything", async () => {
    const rig = open();
    rig.tick(1, NOW);
    rig.closeJournal();
    const closed = rig.snapshots.takeLast(60_000);
    await until(() => rig.runs.length === 1);
    rig.runs[0]?.fail("no space left");
    await closed;
    expect(rig.snapshots.failure?.message).toBe("no space left");
  });

  test("is the last: none is begun or asked for any more", async () => {
    const rig = open();
    rig.tick(1, NOW);
    rig.closeJournal();
    const closed = rig.snapshots.takeLast(60_000);
    await until(() => rig.runs.length === 1);
    expect(rig.snapshots.take()).rejects.toThrow("shutting down");
    rig.tick(10 * INTERVAL_ORDERS, NOW);
    rig.runs[0]?.done();
    await closed;
    rig.tick(20 * INTERVAL_ORDERS, 2 * NOW);
    expect(rig.snapshots.take()).rejects.toThrow("shutting down");
    await turn();
    expect([rig.runs.length, rig.journal.segment]).toEqual([1, 1]);
  });
});
