/** Runs the process that takes a snapshot (`snapshot-worker.ts`). */
import { startBackgroundProcess } from "../persistence/background-process.ts";
import type { SnapshotRequest, SnapshotTaken } from "./snapshot-request.ts";

/** `program`: the command that takes a request. Rejects with what the process said when it fails, and when `signal` ends it. */
export async function runSnapshotProcess(
  program: readonly string[],
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<SnapshotTaken> {
  const command = [...program, JSON.stringify(request)];
  const child = startBackgroundProcess(command, {
    // The request says all that it needs.
    env: {},
    signal,
    // The last one, without pauses: the exchange waits for it.
    isUrgent: request.pauseMs === 0,
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
