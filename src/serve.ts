/** `waiver serve`: configuration, logging, the exchange, the demo if asked for, and a clean end. */
import pino from "pino";
import type { ServeOptions } from "./admin/cli/commands/serve.ts";
import { type Config, loadConfig } from "./config/config.ts";
import { ConfigError } from "./config/config-error.ts";
import { startDemo } from "./demo/launch.ts";
import { openExchange } from "./exchange.ts";
import { LogOutput } from "./host/log-output.ts";
import { type Running, runUntilStopped } from "./host/run-until-stopped.ts";
import { storageAdvice } from "./persistence/storage-advice.ts";
import { showRecovery } from "./recovery-progress.ts";

/** Runs until it is asked to end; exits the process: 0 after a clean drain, 1 when it cannot start. */
export async function runServer(options: ServeOptions): Promise<void> {
  const config = readConfig(options);
  const output = new LogOutput({
    onResumed: (dropped) => log.warn({ dropped }, "lines of the log were dropped"),
  });
  const log = pino({ level: config.log.level, base: null }, output);
  try {
    await runUntilStopped({
      log,
      output,
      start: (signal) => start(config, options, { log, output, signal }),
      reload: () => reload(options, log, output),
    });
  } catch (error) {
    refuse(error);
  }
}

interface Surroundings {
  log: pino.Logger;
  output: LogOutput;
  /** Aborted when somebody asks for the end. */
  signal: AbortSignal;
}

async function start(
  config: Config,
  options: ServeOptions,
  { log, output, signal }: Surroundings,
): Promise<Running> {
  const onProgress = showRecovery(log);
  const exchange = await openExchange(config, log, { onProgress, signal, output });
  const { port, symbols, operations } = exchange;
  const host = {
    port,
    symbols,
    createUser: (user: Parameters<typeof operations.createUser>[0]) => operations.createUser(user),
  };
  const demo = options.demo
    ? await startDemo(host, config.dataDir, options.marketMakers, log)
    : null;
  log.info({ port, dataDir: config.dataDir }, "listening");
  return {
    async close() {
      demo?.stop();
      await exchange.close();
    },
  };
}

/** Takes up what can be changed while the exchange runs: the log's level, and the log itself when it was stuck. */
function reload(options: ServeOptions, log: pino.Logger, output: LogOutput): void {
  output.retry();
  try {
    log.level = load(options).log.level;
  } catch (error) {
    log.error({ error: String(error) }, "not reloaded");
    return;
  }
  log.info({ level: log.level }, "reloaded: the log's level; everything else needs a restart");
}

function readConfig(options: ServeOptions): Config {
  try {
    return load(options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

function load(options: ServeOptions): Config {
  return loadConfig({
    ...(options.config !== undefined && { path: options.config }),
    overrides: {
      ...(options.port !== undefined && { port: options.port }),
      ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
    },
  });
}

/** What stops a start says so in one line that a stranger understands. */
function refuse(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  const advice = storageAdvice(error);
  const todo = advice === null ? "" : `. ${advice}.`;
  process.stderr.write(`The exchange cannot start: ${message}${todo}\n`);
  process.exit(1);
}
