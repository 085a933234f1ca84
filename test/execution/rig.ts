/** The tick without an edge: real core, ring, sequencer and journal, whose disk is in memory. */
import { type Core, createCore } from "../../src/core/core.ts";
import { Control } from "../../src/execution/control.ts";
import { replay } from "../../src/execution/replay.ts";
import { StateCheck } from "../../src/execution/state-check.ts";
import { type TickListener, TickLoop } from "../../src/execution/tick-loop.ts";
import type { Log } from "../../src/lib/log.ts";
import type { JournalOptions } from "../../src/persistence/wal/journal.ts";
import { InboundRing } from "../../src/router/inbound-ring.ts";
import { Sequencer } from "../../src/router/sequencer.ts";
import { Client } from "./client.ts";
import { FaultyDisk, HeldJournal } from "./held-journal.ts";
import { until } from "./until.ts";

export const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** A new one each time would cost a second when the machine is busy: it takes much memory. */
const core = createCore(8);

export interface RigOptions {
  disk?: FaultyDisk;
  ringCommands?: number;
  journal?: Partial<JournalOptions>;
  /** What is made from the events; told in the replay too. */
  records?: (core: Core) => TickListener[];
  listeners?: (core: Core) => TickListener[];
}

/** Opens the exchange that is on the disk, and ends the one that was open before: they share a core. */
export function createRig(options: RigOptions = {}) {
  core.reset();
  const disk = options.disk ?? new FaultyDisk();
  const records = options.records?.(core) ?? [];
  const listeners = options.listeners?.(core) ?? [];
  const journal = new HeldJournal(disk, options.journal);
  const clock = { now: 1000 };
  const sequencer = new Sequencer(() => clock.now);
  const check = new StateCheck(core);
  const told = [...records, ...listeners];
  replay({ backend: journal, core, check, sequencer, listeners: told, log: SILENT });
  const ring = new InboundRing(options.ringCommands ?? 1024);
  const failures: string[] = [];
  const bugs: string[] = [];
  const ticks: number[] = [];
  const loop = new TickLoop({
    core,
    ring,
    sequencer,
    check,
    backend: journal,
    records,
    listeners,
    metrics: {
      tickSeconds: { observe: () => {} },
      durableSeconds: { observe: () => {} },
      tickCommands: { observe: (commands) => ticks.push(commands) },
    },
    onFailure: (error) => failures.push(error.message),
    onBug: (error) => bugs.push(String(error)),
  });
  const control = new Control(core, ring, loop);
  return {
    core,
    disk,
    journal,
    clock,
    sequencer,
    ring,
    loop,
    control,
    /** Why the storage failed, each time it was told. */
    failures,
    /** What somebody who was told threw. */
    bugs,
    /** Commands of each tick that has been told of. */
    ticks,
    client: () => new Client(core, ring, () => loop.wake()),
    /** Resolves when a tick is in flight: applied, and its flush is held back. */
    inFlight: () => until(() => journal.isWaiting),
  };
}

export type Rig = ReturnType<typeof createRig>;
