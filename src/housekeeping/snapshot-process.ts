/** Runs the process that takes a snapshot (`snapshot-worker.ts`). */
import { outputOf } from "../persistence/background-process.ts";
import type { SnapshotRequest, SnapshotTaken } from "./snapshot-request.ts";

/** `program`: the command that takes a request. Rejects with what the process said when it fails, and when `signal` ends it. */
export async function runSnapshotProcess(
  program: readonly string[],
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<SnapshotTaken> {
  const command = [...program, JSON.stringify(request)];
  try {
    const output = await outputOf(command, {
      // The request says all that it needs.
      env: {},
      signal,
      // The last one, without pauses: the exchange waits for it.
      isUrgent: request.pauseMs === 0,
    });
    return (await output.json()) as SnapshotTaken;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
