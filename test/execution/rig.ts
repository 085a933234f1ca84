/** The tick without a gateway: real core, ring, sequencer and journal. The journal's disk is in memory. */

import { type Core, createCore } from "../../src/core/create.ts";
import type { TickStage } from "../../src/core/tick-output.ts";
import { Control } from "../../src/execution/control.ts";
import { ExecutionManager } from "../../src/execution/execution-manager.ts";
import { LocalCommandLog } from "../../src/execution/local-command-log.ts";
import { recover } from "../../src/execution/replay.ts";
import { StateCheck } from "../../src/execution/state-check.ts";
import { TickLoop } from "../../src/execution/tick-loop.ts";
import type { OnTick } from "../../src/execution/tick-times.ts";
import { Lifecycle } from "../../src/lib/lifecycle.ts";
import type { JournalOptions } from "../../src/persistence/wal/journal.ts";
import { InboundRing } from "../../src/router/inbound-ring.ts";
import { Sequencer } from "../../src/router/sequencer.ts";
import { SILENT } from "../lib/logs.ts";
import { until } from "../lib/until.ts";
import { Client } from "./client.ts";
import { FaultyDisk, HeldJournal } from "./held-journal.ts";
import { tickTimes } from "./tick-metrics.ts";

/** Shared by all tests: it takes much memory, so a new one could take a second on a busy machine. */
const core = createCore(8);

export interface RigOptions {
  disk?: FaultyDisk;
  ringCommands?: number;
  journal?: Partial<JournalOptions>;
  /** Stages that also run during the replay. */
  records?: (core: Core) => TickStage[];
  streams?: (core: Core) => TickStage[];
  onTick?: OnTick;
  onFailure?: () => void;
}

/** Opens the exchange that is on the disk, and closes the one that was open before. They share one core. */
export function createRig(options: RigOptions = {}) {
  core.reset();
  const disk = options.disk ?? new FaultyDisk();
  const records = options.records?.(core) ?? [];
  const streams = options.streams?.(core) ?? [];
  const journal = new HeldJournal(disk, options.journal);
  const clock = { now: 1000 };
  const sequencer = new Sequencer(() => clock.now);
  const check = new StateCheck(core);
  recover({ backend: journal, core, check, sequencer, records, log: SILENT });
  const ring = new InboundRing(options.ringCommands ?? 1024);
  const failures: string[] = [];
  const bugs: string[] = [];
  const ticks: number[] = [];
  const onBug = (error: unknown): void => void bugs.push(String(error));
  const loop = new TickLoop({
    ring,
    manager: new ExecutionManager({ core, beforeReplies: records, afterReplies: streams, onBug }),
    createLog: (follower) => new LocalCommandLog({ sequencer, check, backend: journal }, follower),
    times: tickTimes({ ticks, ...(options.onTick && { onTick: options.onTick }) }),
    onFailure(error) {
      failures.push(error.message);
      options.onFailure?.();
    },
    onBug,
  });
  const lifecycle = new Lifecycle();
  const control = new Control(ring, loop, lifecycle);
  return {
    core,
    disk,
    journal,
    clock,
    sequencer,
    ring,
    loop,
    control,
    lifecycle,
    /** The reason of each storage failure that was reported. */
    failures,
    /** What a stage, a read or a waiter threw. */
    bugs,
    /** The number of commands of each tick that was reported. */
    ticks,
    client: () => new Client(ring, () => loop.wake()),
    /** Resolves when a tick is applied while its flush is held back. */
    inFlight: () => until(() => journal.isWaiting),
  };
}

export type Rig = ReturnType<typeof createRig>;
