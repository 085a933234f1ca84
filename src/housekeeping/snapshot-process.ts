/** Runs the process that takes a snapshot (`snapshot-worker.ts`). */
import { outputOf } from "../persistence/background-process.ts";
import type { SnapshotRequest, SnapshotTaken } from "./snapshot-request.ts";

/**
 * `program`: the command without its request. Rejects with what the process printed when it fails, and with the
 * signal's reason when `signal` ends it.
 */
export async function runSnapshotProcess(
  program: readonly string[],
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<SnapshotTaken> {
  const command = [...program, JSON.stringify(request)];
  try {
    const output = await outputOf(command, {
      // The request has all that the process needs.
      env: {},
      signal,
      // Only the last snapshot has no pauses: the stop of the exchange waits for it.
      isUrgent: request.pauseMs === 0,
    });
    return (await output.json()) as SnapshotTaken;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
