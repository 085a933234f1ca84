/** `waiver serve`: configuration, logging, the exchange, the demo if asked for, and a clean end. */
import pino from "pino";
import type { ServeOptions } from "./admin/cli/commands/serve.ts";
import { type Config, loadConfig } from "./config/config.ts";
import { ConfigError } from "./config/config-error.ts";
import { type DemoHost, startDemo } from "./demo/launch.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import { storageAdvice } from "./persistence/storage-advice.ts";
import { showRecovery } from "./recovery-progress.ts";

/** How long a drain may take before the process gives up on it. */
const DRAIN_TIMEOUT_MS = 20_000;

/** Runs until SIGTERM or SIGINT; exits the process: 0 after a clean drain, 1 when it cannot start. */
export async function runServer(options: ServeOptions): Promise<void> {
  const config = readConfig(options);
  const destination = pino.destination({ dest: 1, sync: false });
  const log = pino({ level: config.log.level, base: null }, destination);
  const exchange = await open(config, log, () => destination.flushSync());
  const demo = options.demo
    ? await startDemo(demoHost(exchange), config.dataDir, options.marketMakers, log)
    : null;

  /** Says why, makes sure that it is read, and ends. */
  const exit = (code: number, fields: object, message: string): never => {
    if (code === 0) log.info(fields, message);
    else log.fatal(fields, message);
    destination.flushSync();
    process.exit(code);
  };
  let isEnding = false;
  const end = async (signal: string): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    log.info({ signal }, "draining");
    setTimeout(() => exit(1, { signal }, "the drain took too long"), DRAIN_TIMEOUT_MS).unref();
    demo?.stop();
    try {
      await exchange.close();
    } catch (error) {
      exit(1, { signal, error: String(error) }, "not closed cleanly");
    }
    exit(0, { signal }, "closed");
  };
  process.on("uncaughtException", (error) => {
    exit(1, { error: String(error), stack: error.stack }, "a bug ended the exchange");
  });
  process.on("SIGTERM", () => void end("SIGTERM"));
  process.on("SIGINT", () => void end("SIGINT"));
  log.info({ port: exchange.port, dataDir: config.dataDir }, "listening");
}

function demoHost({ port, symbols, operations }: Exchange): DemoHost {
  return { port, symbols, createUser: (user) => operations.createUser(user) };
}

function readConfig(options: ServeOptions): Config {
  try {
    return loadConfig({
      ...(options.config !== undefined && { path: options.config }),
      overrides: {
        ...(options.port !== undefined && { port: options.port }),
        ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
      },
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/** What stops a start says so in one line that a stranger understands. */
async function open(config: Config, log: pino.Logger, flush: () => void): Promise<Exchange> {
  try {
    return await openExchange(config, log, showRecovery(log, flush));
  } catch (error) {
    flush();
    const message = error instanceof Error ? error.message : String(error);
    const advice = storageAdvice(error);
    const todo = advice === null ? "" : `. ${advice}.`;
    process.stderr.write(`The exchange cannot start: ${message}${todo}\n`);
    process.exit(1);
  }
}
