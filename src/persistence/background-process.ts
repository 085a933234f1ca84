/** Starts the processes that work behind the exchange: they get the processor only when nothing else wants it. */
import { journalDescriptors } from "../host/descriptor-reserve.ts";
import { ENDS_WITH_ITS_PARENT } from "../host/own-program.ts";

/**
 * The command that starts another one in the scheduler's idle class where there is `chrt`, or else with the
 * lowest priority. The priority is set before the program begins, because each thread inherits it from the
 * thread that creates it: set later, it would reach one thread, and not those of the compiler and the
 * garbage collector.
 */
const STARTERS = [
  ["chrt", "--idle", "0"],
  ["nice", "-n", "19"],
];
const starter =
  STARTERS.map(([command = "", ...rest]) => [Bun.which(command) ?? "", ...rest]).find(
    ([path]) => path !== "",
  ) ?? [];

export interface BackgroundOptions {
  /** What the process finds in its environment. It has none of the exchange's secrets. */
  env: Readonly<Record<string, string>>;
  /** Kills the process when aborted. */
  signal: AbortSignal;
  /** Somebody waits for the process: it runs with normal priority. */
  isUrgent?: boolean;
}

/**
 * Starts `command`; what it prints is read from `stdout` and `stderr`. It is in a process group of its own: the Ctrl-C
 * of a terminal, which the exchange answers with a last snapshot, does not reach it. It ends with the exchange.
 */
export function startBackgroundProcess(
  command: readonly string[],
  { env, signal, isUrgent = false }: BackgroundOptions,
): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  return journalDescriptors.use(() =>
    Bun.spawn(isUrgent ? [...command] : [...starter, ...command], {
      env: { ...ENDS_WITH_ITS_PARENT, ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      detached: true,
      signal,
      killSignal: "SIGKILL",
    }),
  );
}

/** Runs `command` to its end and returns its output. Rejects with its `stderr` when it fails, or with how it ended. */
export async function outputOf(
  command: readonly string[],
  options: BackgroundOptions,
): Promise<Blob> {
  const child = startBackgroundProcess(command, options);
  const [exitCode, output, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).blob(),
    new Response(child.stderr).text(),
  ]);
  if (exitCode === 0) return output;
  throw new Error(errors.trim() || `the process ended with ${child.signalCode ?? exitCode}`);
}
