/** Recovery: the journal's ticks through the core and everything that is made from its events. */
import type { Core } from "../core/core.ts";
import type { Log } from "../lib/log.ts";
import type { PersistenceBackend } from "../persistence/backend.ts";
import type { Sequencer } from "../router/sequencer.ts";
import type { TickListener } from "./tick-loop.ts";

export interface ReplayParts {
  backend: PersistenceBackend;
  core: Core;
  sequencer: Sequencer;
  listeners: readonly TickListener[];
  log: Log;
}

/** Leaves the backend open for the next tick. Throws `JournalDamagedError` and tells nobody anything. */
export function replay({ backend, core, sequencer, listeners, log }: ReplayParts): void {
  const start = performance.now();
  const report = backend.recover((batch) => {
    core.beginTick(batch.tick);
    for (let i = 0; i < batch.count; i++) core.apply(batch.ints, batch.doubles, i);
    for (const listener of listeners) listener.tick(batch);
  });
  if (report.torn !== null) {
    log.warn(report.torn, "torn tail cut off: a tick that nobody had been told of");
  }
  sequencer.resume(report.lastTick, report.lastSequence, report.lastTimestamp);
  backend.open();
  const { segments, batches, commands, lastTick } = report;
  const milliseconds = Math.round(performance.now() - start);
  const hash = core.stateHash().toString(16).padStart(16, "0");
  log.info({ segments, ticks: batches, commands, lastTick, hash, milliseconds }, "recovered");
}
