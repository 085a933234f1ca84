/** The tick without an edge: real core, ring, sequencer and journal, whose disk is in memory. */

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

/** A new one each time would cost a second when the machine is busy: it takes much memory. */
const core = createCore(8);

export interface RigOptions {
  disk?: FaultyDisk;
  ringCommands?: number;
  journal?: Partial<JournalOptions>;
  /** Told in the replay too. */
  records?: (core: Core) => TickStage[];
  streams?: (core: Core) => TickStage[];
  onTick?: OnTick;
  onFailure?: () => void;
}

/** Opens the exchange that is on the disk, and ends the one that was open before: they share a core. */
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
    /** Why the storage failed, each time it was told. */
    failures,
    /** What a stage, a read or a waiter threw. */
    bugs,
    /** Commands of each tick that has been told of. */
    ticks,
    client: () => new Client(ring, () => loop.wake()),
    /** Resolves when a tick is in flight: applied, and its flush is held back. */
    inFlight: () => until(() => journal.isWaiting),
  };
}

export type Rig = ReturnType<typeof createRig>;
