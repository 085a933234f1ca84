import { describe, expect, test } from "bun:test";
import { createCore } from "../../src/core/create.ts";
import type { TickOutput, TickStage } from "../../src/core/tick-output.ts";
import { createReplay, recover } from "../../src/execution/replay.ts";
import { StateCheck } from "../../src/execution/state-check.ts";
import { NO_STATE_CHECK } from "../../src/persistence/backend.ts";
import { ExchangeState } from "../../src/records/exchange-state.ts";
import { Sequencer } from "../../src/router/sequencer.ts";
import { SILENT } from "../lib/logs.ts";
import { MemoryPersistence } from "../persistence/memory-persistence.ts";
import { known } from "../records/state-run.ts";
import { newLines } from "../records/stream-lines.ts";
import { eventLines } from "./event-lines.ts";
import { randomRecords, sendInTicks } from "./flow.ts";
import { FaultyDisk } from "./held-journal.ts";
import { createRig } from "./rig.ts";

const STREAM_BYTES = 4 * 1024 * 1024;

/** The records of an exchange, with a note of all that they were told and told. */
class Witness implements TickStage {
  /** By tick: when it was, its events, its replies, and what the accounts' streams tell of it. */
  readonly ticks: (Pick<TickOutput, "tick" | "timestamp" | "sequence" | "count"> & {
    events: string[];
    replies: number[];
    told: string[];
  })[] = [];

  constructor(readonly state: ExchangeState) {}

  onTick({ tick, timestamp, sequence, count, events, replies }: TickOutput): void {
    this.ticks.push({
      tick,
      timestamp,
      sequence,
      count,
      events: eventLines(events),
      replies: [...replies.subarray(0, count)],
      told: newLines(this.state.streams),
    });
  }

  /** All that it was told, and what is known in the end. */
  known() {
    return { ticks: [...this.ticks], known: known(this.state) };
  }
}

function start(disk: FaultyDisk) {
  let witness: Witness | undefined;
  const rig = createRig({
    disk,
    ringCommands: 256,
    journal: { flush: "overlapped" },
    records(core) {
      const state = new ExchangeState(8, { core, streamBytes: STREAM_BYTES });
      witness = new Witness(state);
      return [...state.records, witness];
    },
  });
  return { rig, witness: witness as Witness };
}

describe("a restart after a power failure", () => {
  for (const seed of [1, 2, 3, 4]) {
    test(`has the same events and the same state (seed ${seed})`, async () => {
      const disk = new FaultyDisk();
      const live = start(disk);
      await sendInTicks(live.rig, randomRecords(seed, 1500), seed);
      const known = live.witness.known();
      expect(known.ticks.length).toBeGreaterThan(20);
      expect(known.ticks.flatMap(({ told }) => told).length).toBeGreaterThan(500);
      disk.crash();
      const again = start(disk);
      expect(again.witness.known()).toEqual(known);

      // And goes on where it was, though the machine's clock has been set back.
      again.rig.clock.now = 500;
      await sendInTicks(again.rig, randomRecords(seed + 10, 300), seed);
      const knownThen = again.witness.known();
      expect(knownThen.ticks.map(({ tick }) => tick)).toEqual(knownThen.ticks.map((_, i) => i + 1));
      const times = knownThen.ticks.map(({ timestamp }) => timestamp);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      disk.crash();
      expect(start(disk).witness.known()).toEqual(knownThen);
    });
  }

  test("does not have the tick that was in flight, and gives its number again", async () => {
    const disk = new FaultyDisk();
    const live = start(disk);
    await sendInTicks(live.rig, randomRecords(7, 200), 7);
    const known = live.witness.known();
    const lastTick = live.rig.core.view.tick();
    live.rig.journal.isHolding = true;
    const client = live.rig.client();
    for (const [i, words] of randomRecords(8, 20).entries()) client.sendRecord(`${i}`, words);
    await live.rig.inFlight();
    expect(client.told).toEqual([]);
    disk.crash();

    const again = start(disk);
    expect(again.witness.known()).toEqual(known);
    expect([again.rig.sequencer.tick, again.rig.sequencer.sequence]).toEqual([lastTick, 200]);
  });
});

test("a replay runs the same stages as the live exchange, with the same outputs", async () => {
  const { rig, witness } = start(new FaultyDisk());
  const records = randomRecords(5, 600);
  await sendInTicks(rig, records, 5);
  const live = witness.known();
  rig.core.reset();
  const state = new ExchangeState(8, { core: rig.core, streamBytes: STREAM_BYTES });
  const again = new Witness(state);
  const apply = createReplay({ ...state, records: [...state.records, again] });
  new MemoryPersistence(rig.disk).recover({ apply });
  expect(again.known()).toEqual(live);
});

test("a replay ends with the error that a stage throws", () => {
  const core = createCore(8);
  const bad: TickStage = {
    onTick() {
      throw new Error("a bad stage");
    },
  };
  const apply = createReplay({ core, check: new StateCheck(core), records: [bad] });
  const [ints] = randomRecords(1, 1);
  const header = { tick: 1, firstSequence: 1, timestamp: 1, count: 1, ...NO_STATE_CHECK };
  const batch = { ...header, first: 0, ints, doubles: new Float64Array(ints.buffer) };
  expect(() => apply(batch)).toThrow("a bad stage");
});

test("logs what was recovered, and what a torn tail lost", async () => {
  const disk = new FaultyDisk();
  const { rig } = start(disk);
  await sendInTicks(rig, randomRecords(3, 60), 3);
  await rig.journal.close();
  const path = `wal/${disk.list("wal").find((name) => name.startsWith("wal_"))}`;
  disk.place(path, disk.contents(path).slice(0, -1));

  const lines: [level: string, fields: object, message: string][] = [];
  const log = {
    info: (fields: object, message: string) => void lines.push(["info", fields, message]),
    warn: (fields: object, message: string) => void lines.push(["warn", fields, message]),
    error: SILENT.error,
  };
  const core = createCore(8);
  const sequencer = new Sequencer(() => 0);
  const backend = new MemoryPersistence(disk);
  recover({ backend, core, check: new StateCheck(core), sequencer, records: [], log });
  const hash = core.stateHash().toString(16).padStart(16, "0");
  const { tick: lastTick, sequence: commands } = sequencer;
  expect(lines).toEqual([
    ["warn", expect.any(Object), "torn tail cut off: a tick that nobody had been told of"],
    [
      "info",
      {
        snapshot: null,
        segments: 1,
        ticks: lastTick,
        commands,
        lastTick,
        hash,
        snapshotMs: expect.any(Number),
        journalMs: expect.any(Number),
        openMs: expect.any(Number),
        milliseconds: expect.any(Number),
      },
      "recovered",
    ],
  ]);
  expect(lastTick).toBe(rig.core.view.tick() - 1);
});
