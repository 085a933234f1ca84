/**
 * Starts the demo: its accounts and its process. The keys are made at the first start, shown once on the
 * terminal, and kept in `<data_dir>/demo-accounts.json` (0600), so that a restart finds them again.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metrics } from "../analytics/metrics.ts";
import type { Health } from "../gateway/health.ts";
import { replaceFile } from "../host/replace-file.ts";
import { userNumber } from "../identity/user.ts";
import type { Log } from "../lib/log.ts";
import { accountNumber } from "../protocol/names.ts";
import { type DemoRole, type DemoUser, demoUsers, sharesOfNewcomers } from "./accounts.ts";
import type { DemoKeys } from "./market-makers.ts";
import { MarketMakersProcess } from "./market-makers-process.ts";
import { livePast, type PastParts, type PastSymbol } from "./past.ts";

const DEMO_ACCOUNTS_FILE = "demo-accounts.json";

/** What the demo needs of the exchange that it runs on. */
export interface DemoHost {
  readonly port: number;
  readonly isTls: boolean;
  readonly health: Health;
  readonly metrics: Metrics;
  symbols(): string[];
  listed(): readonly PastSymbol[];
  /** Whether the user who owns the account, by its number, has or had this key. */
  owns(apiKey: string, account: number): boolean;
  createUser(user: Omit<DemoUser, "role">): Promise<DemoKeys & { user_id: string }>;
  /** What the past of a new exchange is made with; null when the exchange is not new. */
  readonly past: Pick<PastParts, "control" | "clock"> | null;
}

/** Where text for people goes that is not in the log. */
interface Notes {
  write(text: string): void;
}

interface DemoAccount extends DemoKeys {
  name: string;
  role: DemoRole;
}

export interface Demo {
  /** Path of the file with the accounts. */
  readonly accountsFile: string;
  /** Numbers of the accounts for people, by name. */
  readonly traders: ReadonlyMap<string, number>;
  /** The shares that a user gets who signs up, by symbol. */
  readonly firstShares: Readonly<Record<string, number>>;
  /** Resolves when nobody trades any more. */
  stop(): Promise<void>;
}

/** Makes the accounts if there are none yet, and starts the market makers if `trades`. */
export async function startDemo(
  host: DemoHost,
  dataDir: string,
  trades: boolean,
  log: Log,
  notes: Notes,
): Promise<Demo> {
  const accountsFile = join(dataDir, DEMO_ACCOUNTS_FILE);
  const accounts = await openAccounts(host, accountsFile, log, notes);
  const traders = new Map(
    accounts
      .filter(({ role }) => role === "trader")
      .map(({ name, account_id }) => [name, accountNumber(account_id)]),
  );
  const firstShares = sharesOfNewcomers(host.listed());
  if (!trades) return { accountsFile, traders, firstShares, stop: async () => undefined };
  const keysOf = (role: DemoRole): DemoKeys[] => accounts.filter((each) => each.role === role);
  const options = {
    url: `${host.isTls ? "wss" : "ws"}://127.0.0.1:${host.port}`,
    makers: keysOf("maker"),
    takers: keysOf("taker"),
  };
  const makers = new MarketMakersProcess({ options, isTls: host.isTls, log });
  host.health.addReason("market makers", () => makers.reason(), Date.now);
  host.metrics.counter(
    "waiver_market_makers_restarts_total",
    "Times that the demo's market makers were started again",
    () => makers.restarts,
  );
  makers.start();
  log.info({ makers: options.makers.length, takers: options.takers.length }, "demo market open");
  return { accountsFile, traders, firstShares, stop: () => makers.stop() };
}

/**
 * The accounts in the file. Accounts that are missing are created, also after a start that was cut short. Accounts of another
 * exchange, which was there before, count as missing: here their numbers are other people's.
 */
async function openAccounts(
  host: DemoHost,
  path: string,
  log: Log,
  notes: Notes,
): Promise<DemoAccount[]> {
  const accounts = readAccounts(path).filter(({ api_key, account_id }) =>
    host.owns(api_key, accountNumber(account_id)),
  );
  const created: DemoAccount[] = [];
  const robots: { account: number; user: number }[] = [];
  let isPast = host.past === null;
  for (const { role, ...user } of demoUsers(host.symbols())) {
    // Traders are created after the past, so that their shares have a price.
    if (role === "trader" && !isPast) {
      await makePast(host, robots, log);
      isPast = true;
    }
    if (accounts.some(({ name }) => name === user.name)) continue;
    const { api_key, api_secret, account_id, user_id } = await host.createUser(user);
    robots.push({ account: accountNumber(account_id), user: userNumber(user_id) });
    const account = { name: user.name, role, api_key, api_secret, account_id };
    accounts.push(account);
    created.push(account);
    await replaceFile(path, `${JSON.stringify(accounts, null, 2)}\n`);
  }
  if (created.length > 0) notes.write(shown(created, path));
  return accounts;
}

async function makePast({ past, listed }: DemoHost, robots: PastParts["traders"][0][], log: Log) {
  if (past === null) return;
  const [first, second] = [robots[0], robots.at(-1)];
  if (first === undefined || second === undefined || first === second) return past.clock.letGo();
  const trades = await livePast({
    ...past,
    symbols: listed(),
    traders: [first, second],
    now: Date.now(),
  });
  log.info({ trades }, "demo: made the trades of the past");
}

/** Throws, naming the file and what to do, when it is not JSON. */
function readAccounts(path: string): DemoAccount[] {
  if (!existsSync(path)) return [];
  try {
    return JSON.parse(readFileSync(path, "utf8")) as DemoAccount[];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const advice = "Move it away: the demo then makes other accounts";
    throw new Error(`${path}: damaged: ${reason}. ${advice}`, { cause: error });
  }
}

/** The keys of the accounts for people, to be shown this once. */
function shown(accounts: readonly DemoAccount[], path: string): string {
  const traders = accounts.filter(({ role }) => role === "trader");
  if (traders.length === 0) return "";
  const lines = traders.map(
    ({ name, account_id, api_key, api_secret }) =>
      `  ${name.padEnd(6)} ${account_id}  api_key ${api_key}  api_secret ${api_secret}`,
  );
  return `\nDemo accounts, shown this once and kept in ${path}:\n${lines.join("\n")}\n\n`;
}
