/** Runs the process that takes a snapshot (`src/snapshot-worker.ts`). */
import type { SnapshotRequest, SnapshotTaken } from "./snapshot-request.ts";

/**
 * What starts a process that runs only when nobody else wants to: the scheduler's idle class where there is
 * `chrt`, or else the lowest priority. Set before it begins, because each thread inherits it from the one that
 * makes it.
 */
const STARTERS = [
  ["chrt", "--idle", "0"],
  ["nice", "-n", "19"],
];
const behind =
  STARTERS.map(([command = "", ...rest]) => [Bun.which(command) ?? "", ...rest]).find(
    ([path]) => path !== "",
  ) ?? [];

/** `program`: the file to run. Rejects with what the process said when it fails, and when `signal` ends it. */
export async function runSnapshotProcess(
  program: string,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<SnapshotTaken> {
  // The last one, without pauses, is in nobody's way.
  const starter = request.pauseMs === 0 ? [] : behind;
  const child = Bun.spawn([...starter, process.execPath, program, JSON.stringify(request)], {
    // The request says all that it needs: none of the exchange's secrets.
    env: {},
    stdio: ["ignore", "pipe", "pipe"],
    signal,
    killSignal: "SIGKILL",
  });
  const [exitCode, output, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (exitCode === 0) return JSON.parse(output) as SnapshotTaken;
  signal.throwIfAborted();
  throw new Error(errors.trim() || `the process ended with ${child.signalCode ?? exitCode}`);
}
