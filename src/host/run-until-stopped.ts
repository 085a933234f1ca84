/**
 * The life of the process, from its start to an orderly end:
 *
 * ```
 *   start ──► running ──► draining ──► exit 0
 *     │          │            └── asked again to end: logs that it is draining already
 *     │          └── SIGTERM, SIGINT, SIGHUP of a closed terminal, npm or npx ended
 *     └── asked to end before it is ready: the start is given up, exit 0
 * ```
 */

import { isatty } from "node:tty";
import { watchLaunchers } from "./launchers.ts";
import type { LogOutput } from "./log-output.ts";
import { StopRequest } from "./stop-request.ts";

/** How long a drain may take before the process exits without its end. */
const DRAIN_TIMEOUT_MS = 20_000;

/** How long the last lines of the log are waited for. After a bug it is short: nothing else must go on meanwhile. */
const LAST_LINES_MS = 1000;
const LAST_LINES_OF_BUG_MS = 100;

/** How long clients are waited for when a drain took too long. */
const CUT_TIMEOUT_MS = 1000;

export interface Running {
  close(): Promise<void>;
  /** Ends all connections, when `close` did not end in time. */
  cut(): Promise<void>;
}

export interface RunOptions {
  log: {
    info(fields: object, message: string): void;
    fatal(fields: object, message: string): void;
  };
  /** Where the log goes. */
  output: LogOutput;
  /** Resolves when the exchange runs. Rejects with the reason of `signal` when it gave up because of that. */
  start(signal: AbortSignal): Promise<Running>;
  /** How long a drain may take; 20 s unless it says otherwise. */
  drainTimeoutMs?: number;
  /** Called on a SIGHUP without a terminal: loads again what can change without a restart. */
  reload(): void;
}

/** Exits the process, with 0 after an orderly end and 1 otherwise. Rejects when `start` fails by itself, with its error. */
export async function runUntilStopped(options: RunOptions): Promise<never> {
  const { log, output, start, drainTimeoutMs = DRAIN_TIMEOUT_MS } = options;
  const stop = new StopRequest((why) => {
    log.info({ signal: why }, "already draining; kill -9 ends it at once");
  });
  const exit = async (code: number, fields: object, message: string): Promise<never> => {
    if (code === 0) log.info(fields, message);
    else log.fatal(fields, message);
    await output.drained(LAST_LINES_MS);
    process.exit(code);
  };
  listen(stop, options);

  let running: Running | null = null;
  const closing = stop.asked().then((why) => {
    log.info({ signal: why }, "draining");
    const giveUp = async (): Promise<never> => {
      // The system keeps a process that waits for a disk, with its sockets. So clients are told before it is left.
      await Promise.race([running?.cut(), Bun.sleep(CUT_TIMEOUT_MS)]);
      return await exit(1, { signal: why }, "the drain took too long");
    };
    setTimeout(giveUp, drainTimeoutMs).unref();
    return why;
  });
  try {
    running = await start(stop.signal);
  } catch (error) {
    if (error !== stop.signal.reason) throw error;
    return await exit(0, { signal: await closing }, "ended before it was ready");
  }
  const signal = await closing;
  try {
    await running.close();
  } catch (error) {
    return await exit(1, { signal, error: String(error) }, "not closed cleanly");
  }
  return await exit(0, { signal }, "closed");
}

/** Listens for signals, launchers that end, uncaught errors, and output that fails. */
function listen(stop: StopRequest, { log, output, reload }: RunOptions): void {
  // Asked now: a terminal that was closed does not count as one any more.
  const hasTerminal = [0, 1, 2].some(isatty);
  process.on("SIGTERM", () => stop.ask("SIGTERM"));
  process.on("SIGINT", () => stop.ask("SIGINT"));
  process.on("SIGHUP", () => {
    if (hasTerminal) stop.ask("SIGHUP");
    else reload();
  });
  watchLaunchers(({ pid }) => stop.ask(`process ${pid}, which started the exchange, is gone`));
  const onBug = (error: unknown): void => {
    const stack = error instanceof Error ? error.stack : undefined;
    log.fatal({ error: String(error), stack }, "a bug ended the exchange");
    void output.drained(LAST_LINES_OF_BUG_MS).then(() => process.exit(1));
  };
  process.on("uncaughtException", onBug);
  // Without this, Bun would end the process before the log has the error.
  process.on("unhandledRejection", onBug);
  // When nobody reads standard output, lines printed for people are lost, but the exchange goes on.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
}
