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
 * Runs the exchange until the process is asked to end, and then exits the process: with 0 after an orderly end, with 1
 * when the exchange cannot start or close. Throws `ConfigError` before it opens anything.
 */
export async function runServer(options: ServeOptions): Promise<void> {
  const config = load(options);
  const output = new LogOutput({
    onResumed: (dropped) => log.warn({ dropped }, "lines of the log were dropped"),
  });
  const log = pino({ level: config.log.level, base: null }, inForm(config.log, output));
  // Notes for people, beside the log. A terminal that is stopped must not stop the exchange.
  const notes = new LogOutput({ open: () => openLogSink(2) });
  let exchange: Exchange | null = null;
  let isReloadDue = false;
  const onOpen = (opened: Exchange): void => {
    exchange = opened;
    if (isReloadDue) void reload(options, opened, log);
  };
  // A start uses the certificates that it has read, so a reload waits until the start is over.
  const onReload = (): void => {
    output.retry();
    if (exchange !== null) return void reload(options, exchange, log);
    isReloadDue = true;
    log.info({}, "reloads when the start is over");
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
  /** Aborted when the process is asked to end. */
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
    // Collects the garbage of the start, the compiler's too. It takes 10 to 20 ms, and nobody waits for an answer yet.
    // The system gets the memory back a tenth of a second later, so this runs before the listeners open.
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
    owns: (key: string, account: number) => people.demoLogins.owns(key, account),
    createUser: (user: Parameters<typeof operations.createUser>[0]) => operations.createUser(user),
  };
  const demo = options.demo ? await openDemo().catch(closeAfter) : null;
  if (demo !== null) people.openDemo(demo.traders, demo.firstShares);
  log.info({ port, dataDir: config.dataDir }, "listening");
  log.info(whereToLook(config, port, demo?.accountsFile), "where to look");
  return {
    async close() {
      await demo?.stop();
      await exchange.close();
    },
    cut: exchange.cut,
  };

  /** The exchange is open already, so it is closed in order before the start fails. */
  async function closeAfter(error: unknown): Promise<never> {
    await exchange.close();
    throw error;
  }

  /** The demo's code is loaded only when a demo is asked for. */
  async function openDemo(): Promise<Demo> {
    const { startDemo } = await import("./demo/launch.ts");
    return startDemo(host, config.dataDir, options.marketMakers, log, notes);
  }
}

async function pastClock(): Promise<PastClock> {
  const { PastClock } = await import("./demo/past.ts");
  return new PastClock(Date.now());
}

/**
 * Reads the configuration again and applies what can change in a running exchange: the log's level and certificates.
 */
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

/** Members of the log line "where to look", for the person who has just started the exchange. */
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

/** Defaults of a demo. It listens on this machine only, because everybody who reads the log knows its keys. */
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

/** Prints in one line, for people, why the exchange cannot start and what to do about it. Exits with 1. */
function refuse(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  const advice = storageAdvice(error) ?? memoryAdvice(error);
  const todo = advice === null ? "" : `. ${advice}.`;
  process.stderr.write(`The exchange cannot start: ${message}${todo}\n`);
  process.exit(1);
}

/** What to do when the memory of a table, reserved as a whole, is not to be had. Null for any other error. */
function memoryAdvice(error: unknown): string | null {
  if (!(error instanceof RangeError) || error.message !== "Out of memory") return null;
  return "The tables take memory only where they are used, but addresses for all of it: lift the limit of those (ulimit -v unlimited, LimitAS=infinity of systemd), and let the system overcommit (vm.overcommit_memory = 0 or 1)";
}
