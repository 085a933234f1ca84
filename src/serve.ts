/** `waiver serve`: configuration, logging, the exchange, the demo if asked for, and a clean end. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isatty } from "node:tty";
import pino from "pino";
import type { ServeOptions } from "./admin/cli/commands/serve.ts";
import { ADMIN_TOKEN_FILE } from "./admin/token.ts";
import { type Config, loadConfig, originOf } from "./config/config.ts";
import type { Demo } from "./demo/launch.ts";
import type { PastClock } from "./demo/past.ts";
import { type Exchange, openExchange } from "./exchange.ts";
import { inForm, isForPeople } from "./host/log-form.ts";
import { LogOutput } from "./host/log-output.ts";
import { openLogSink } from "./host/log-sink.ts";
import { type Running, runUntilStopped } from "./host/run-until-stopped.ts";
import { storageAdvice } from "./persistence/storage-advice.ts";
import { showRecovery } from "./recovery-progress.ts";

/**
 * Runs until it is asked to end; exits the process: 0 after a clean drain, 1 when it cannot start. Throws `ConfigError`
 * before anything is tried.
 */
export async function runServer(options: ServeOptions): Promise<void> {
  const config = load(options);
  const output = new LogOutput({
    onResumed: (dropped) => log.warn({ dropped }, "lines of the log were dropped"),
  });
  const log = pino({ level: config.log.level, base: null }, inForm(config.log, output));
  // What is said to people beside the log: a terminal that is stopped does not stop the exchange either.
  const notes = new LogOutput({ open: () => openLogSink(2) });
  let exchange: Exchange | null = null;
  let isReloadDue = false;
  const onOpen = (opened: Exchange): void => {
    exchange = opened;
    if (isReloadDue) void reload(options, opened, log);
  };
  // A start holds the certificates that it has read until it is over.
  const onReload = (): void => {
    output.retry();
    if (exchange !== null) return void reload(options, exchange, log);
    isReloadDue = true;
    log.info({}, "is reloaded when the start is over");
  };
  try {
    await runUntilStopped({
      log,
      output,
      start: (signal) => start(config, options, { log, output, notes, signal, onOpen }),
      reload: onReload,
    });
  } catch (error) {
    refuse(error);
  }
}

interface Surroundings {
  log: pino.Logger;
  output: LogOutput;
  /** Standard error. */
  notes: LogOutput;
  /** Aborted when somebody asks for the end. */
  signal: AbortSignal;
  /** Called with the exchange when it takes orders. */
  onOpen(exchange: Exchange): void;
}

async function start(
  config: Config,
  options: ServeOptions,
  { log, output, notes, signal, onOpen }: Surroundings,
): Promise<Running> {
  const onProgress = showRecovery(log, isatty(2) && !isForPeople(config.log) ? notes : null);
  const clock = options.demo && isNew(config) ? await pastClock() : null;
  const stamp = clock === null ? Date.now : () => clock.now();
  const exchange = await openExchange(config, log, {
    ...{ onProgress, signal, output, stamp },
    // What the start has left behind, what the compiler has used among it: 10 to 20 ms that nobody waits for yet. The
    // memory is given back a tenth of a second later, so not only just before `listening`.
    beforeEdge: () => Bun.gc(true),
  });
  onOpen(exchange);
  const { port, symbols, listed, operations, people, health, metrics } = exchange;
  const past = clock && { clock, control: exchange.control };
  const host = {
    port,
    past,
    ...{ listed, health, metrics },
    isTls: config.gateway.isTls,
    symbols,
    createUser: (user: Parameters<typeof operations.createUser>[0]) => operations.createUser(user),
  };
  const demo = options.demo ? await openDemo() : null;
  if (demo !== null) people.openDemo(demo.traders, demo.firstShares);
  log.info({ port, dataDir: config.dataDir }, "listening");
  log.info(whereToLook(config, port, demo?.accountsFile), "where to look");
  return {
    async close() {
      await demo?.stop();
      await exchange.close();
    },
  };

  /** Loaded only for who asks for it. */
  async function openDemo(): Promise<Demo> {
    const { startDemo } = await import("./demo/launch.ts");
    return startDemo(host, config.dataDir, options.marketMakers, log, notes);
  }
}

async function pastClock(): Promise<PastClock> {
  const { PastClock } = await import("./demo/past.ts");
  return new PastClock(Date.now());
}

/** Takes up what can be changed while the exchange runs: the log's level and the certificates. */
async function reload(options: ServeOptions, exchange: Exchange, log: pino.Logger): Promise<void> {
  try {
    const config = load(options);
    await exchange.renewCertificates(config.gateway.certificates);
    log.level = config.log.level;
  } catch (error) {
    log.error({ error: String(error) }, "not reloaded");
    return;
  }
  const { level } = log;
  log.info({ level }, "reloaded: the log's level, certificates; everything else needs a restart");
}

/** What the line "where to look" names, for the person who has just started it. */
function whereToLook({ gateway, dataDir, adminToken }: Config, port: number, keys?: string) {
  const page = `${originOf(gateway, port)}/`;
  return {
    page,
    docs: `${page}docs`,
    adminToken: adminToken === null ? join(dataDir, ADMIN_TOKEN_FILE) : "WAIVER_ADMIN_TOKEN",
    keys: keys ?? "waiver user create",
  };
}

/** Whether there is no journal yet. */
function isNew({ persistence }: Config): boolean {
  return !existsSync(persistence.walDir) || readdirSync(persistence.walDir).length === 0;
}

/** Of a demo, where nothing else is configured. Its keys are known to all who read the log: it stays on this machine. */
const DEMO_DEFAULTS = {
  "gateway.host": "127.0.0.1",
  "gateway.auth.sign_up": true,
  "gateway.auth.sign_up_cash": 10_000_000,
};

function load(options: ServeOptions): Config {
  return loadConfig({
    path: options.config,
    ...(options.demo && { defaults: DEMO_DEFAULTS }),
    overrides: { port: options.port, dataDir: options.dataDir, logFormat: options.log },
  });
}

/** What stops a start says so in one line that a stranger understands. */
function refuse(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  const advice = storageAdvice(error) ?? memoryAdvice(error);
  const todo = advice === null ? "" : `. ${advice}.`;
  process.stderr.write(`The exchange cannot start: ${message}${todo}\n`);
  process.exit(1);
}

/** All tables are reserved whole at a start. Null for any other error. */
function memoryAdvice(error: unknown): string | null {
  if (!(error instanceof RangeError) || error.message !== "Out of memory") return null;
  return "The tables take memory only where they are used, but addresses for all of it: lift the limit of those (ulimit -v unlimited, LimitAS=infinity of systemd), and let the system overcommit (vm.overcommit_memory = 0 or 1)";
}
