/**
 * The process that verifies the journal beside the exchange: `waiver journal-check-worker REQUEST`, a
 * `JournalCheckRequest` as JSON. It reads every byte of the sealed segments and changes nothing. Prints a
 * `JournalCheckResult` as JSON, or exits with 1.
 */
import { JournalDamagedError } from "./persistence/backend.ts";
import type {
  JournalCheckRequest,
  JournalCheckResult,
} from "./persistence/journal-check-request.ts";
import { diskFileSystem } from "./persistence/wal/file-system.ts";
import { readJournalInSteps } from "./persistence/wal/recovery.ts";

function read({ walDir, through, pauseMs }: JournalCheckRequest): number {
  const steps = readJournalInSteps(walDir, () => undefined, diskFileSystem, { through });
  const parent = process.ppid;
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value.report.segments;
    Bun.sleepSync(pauseMs);
    // Nobody waits for the answer any more.
    if (process.ppid !== parent) process.exit(1);
  }
}

/** Retention may remove the oldest segments meanwhile: a fault is one when a second reading finds the same. */
function check(request: JournalCheckRequest): JournalCheckResult {
  const start = performance.now();
  for (let doubted = ""; ; ) {
    try {
      const segments = read(request);
      return { damage: null, segments, milliseconds: Math.round(performance.now() - start) };
    } catch (error) {
      if (String(error) !== doubted) {
        doubted = String(error);
        continue;
      }
      if (!(error instanceof JournalDamagedError)) throw error;
      const { file, offset, reason, advice } = error;
      const milliseconds = Math.round(performance.now() - start);
      return { damage: { file, offset, reason, advice }, segments: 0, milliseconds };
    }
  }
}

try {
  const request = JSON.parse(process.argv.at(-1) ?? "") as JournalCheckRequest;
  process.stdout.write(`${JSON.stringify(check(request))}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
