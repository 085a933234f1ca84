/** The tick without an edge: real core, ring, sequencer and journal, on a disk that the test holds. */
import { type Core, createCore } from "../../src/core/core.ts";
import { Control } from "../../src/execution/control.ts";
import { replay } from "../../src/execution/replay.ts";
import { TickLoop, type TickListener } from "../../src/execution/tick-loop.ts";
import type { Log } from "../../src/lib/log.ts";
import { MemoryPersistence } from "../../src/persistence/memory.ts";
import type { JournalOptions } from "../../src/persistence/wal/journal.ts";
import { InboundRing } from "../../src/router/inbound-ring.ts";
import { Sequencer } from "../../src/router/sequencer.ts";
import { Client } from "./client.ts";
import { HeldDisk } from "./held-disk.ts";
import { until } from "./until.ts";

export const SILENT: Log = { info: () => {}, warn: () => {}, error: () => {} };

export interface RigOptions {
  disk?: HeldDisk;
  ringCommands?: number;
  journal?: Partial<JournalOptions>;
  /** What is made from the events; told in the replay too. */
  records?: (core: Core) => TickListener[];
  listeners?: (core: Core) => TickListener[];
}

export function createRig(options: RigOptions = {}) {
  const core = createCore(8);
  const disk = options.disk ?? new HeldDisk();
  const records = options.records?.(core) ?? [];
  const listeners = options.listeners?.(core) ?? [];
  const backend = new MemoryPersistence(disk, { flush: "overlapped", ...options.journal });
  const clock = { now: 1000 };
  const sequencer = new Sequencer(() => clock.now);
  replay({ backend, core, sequencer, listeners: [...records, ...listeners], log: SILENT });
  const ring = new InboundRing(options.ringCommands ?? 1024);
  const failures: string[] = [];
  const ticks: number[] = [];
  const loop = new TickLoop({
    core,
    ring,
    sequencer,
    backend,
    records,
    listeners,
    metrics: {
      tickSeconds: { observe: () => {} },
      durableSeconds: { observe: () => {} },
      tickCommands: { observe: (commands) => ticks.push(commands) },
    },
    onFailure: (error) => failures.push(error.message),
  });
  const control = new Control(core, ring, loop);
  return {
    core,
    disk,
    backend,
    clock,
    sequencer,
    ring,
    loop,
    control,
    /** Why the storage failed, each time it was told. */
    failures,
    /** Commands of each tick that has been told of. */
    ticks,
    client: () => new Client(core, ring, () => loop.wake()),
    /** Resolves when a tick is in flight: applied, and its flush waits. */
    inFlight: () => until(() => disk.isWaiting),
  };
}

export type Rig = ReturnType<typeof createRig>;
