/** Runs the process that takes a snapshot (`src/snapshot-worker.ts`). */
import type { SnapshotRequest, SnapshotTaken } from "./snapshot-request.ts";

/** `program`: the file to run. Rejects with what the process said when it fails, and when `signal` ends it. */
export async function runSnapshotProcess(
  program: string,
  request: SnapshotRequest,
  signal: AbortSignal,
): Promise<SnapshotTaken> {
  const child = Bun.spawn([process.execPath, program, JSON.stringify(request)], {
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
