/**
 * Whether the time of a wrong login tells if its key exists: wrong secrets and wrong signatures, of keys that exist and of
 * keys that do not, in random order, each timed alone; in the process, and over a socket (`POST /api/v1/session`).
 * Welch's t over the faster nine tenths of both; beside it the same for two keys that both exist, which is what noise
 * gives. Beyond 4.5 a difference is held to be there.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { openExchange } from "../../src/exchange.ts";
import { IDENTITY_FILE, IdentityStore } from "../../src/identity/identity-store.ts";
import { UsedSignatures } from "../../src/identity/used-signatures.ts";
import { Callers } from "../../src/trading/caller.ts";
import { FailedLogins } from "../../src/trading/failed-logins.ts";
import { Logins } from "../../src/trading/logins.ts";
import { UserLimitsTable } from "../../src/trading/user-limits.ts";

const isShort = Bun.argv.includes("--short");
const IN_PROCESS = isShort ? 1000 : 60_000;
const OVER_SOCKET = isShort ? 100 : 6000;
const KEYS = 1000;
const KEPT = 0.9;

/** The classes that are compared: two of keys that exist, one of keys that do not. */
const CLASSES = ["exists", "exists too", "does not"] as const;
type Class = (typeof CLASSES)[number];

interface Try {
  api_key: string;
  api_secret?: string;
  timestamp?: number;
  signature?: string;
}

const hex = (bytes: number) =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");

/** One login that is wrong. As many keys do not exist as do, and each is tried as often: what is counted is tries. */
function wrongLogin(
  known: readonly string[],
  unknown: readonly string[],
  of: Class,
  proof: "secret" | "signature",
): Try {
  const keys = of === "does not" ? unknown : known;
  const half = keys.length / 2;
  const from = of === "exists too" ? half : 0;
  // A text of its own each time, as it comes from a client.
  const api_key = `ak_${keys[from + Math.floor(Math.random() * half)]?.slice(3)}`;
  if (proof === "secret") return { api_key, api_secret: `sk_${hex(32)}` };
  return { api_key, timestamp: Date.now(), signature: hex(32) };
}

function median(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Welch's t of two samples, over what is below the pooled quantile. */
function welch(a: readonly number[], b: readonly number[]): number {
  const pooled = [...a, ...b].sort((x, y) => x - y);
  const limit = pooled[Math.floor(pooled.length * KEPT)] ?? Number.POSITIVE_INFINITY;
  const [one, other] = [a, b].map((sample) => {
    const kept = sample.filter((value) => value <= limit);
    const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
    const variance = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (kept.length - 1);
    return { mean, error: variance / kept.length };
  }) as [Moments, Moments];
  return (one.mean - other.mean) / Math.sqrt(one.error + other.error);
}

interface Moments {
  mean: number;
  error: number;
}

async function measure(
  name: string,
  unit: string,
  tries: number,
  proof: "secret" | "signature",
  keys: readonly string[],
  time: (login: Try) => number | Promise<number>,
): Promise<void> {
  const strangers = keys.map(() => `ak_${hex(12)}`);
  const samples: Record<Class, number[]> = { exists: [], "exists too": [], "does not": [] };
  for (let i = 0; i < tries; i++) {
    for (const of of [...CLASSES].sort(() => Math.random() - 0.5)) {
      samples[of].push(await time(wrongLogin(keys, strangers, of, proof)));
    }
  }
  const [exists, too, not] = CLASSES.map((of) => samples[of]) as [number[], number[], number[]];
  const [known, unknown] = [exists, not].map((each) => median([...each].sort((a, b) => a - b)));
  console.log(
    `${name}, wrong ${proof}, ${tries} each: median ${known?.toFixed(2)} ${unit} where the key exists, ` +
      `${unknown?.toFixed(2)} where not; t ${welch(exists, not).toFixed(1)}, of noise ${welch(exists, too).toFixed(1)}`,
  );
}

const directory = mkdtempSync(join(tmpdir(), "waiver-login-bench-"));
try {
  const identity = await IdentityStore.open(join(directory, IDENTITY_FILE));
  await identity.createUser({ name: "Ann", permissions: ["trade"], accountNumber: 1 });
  const keys: string[] = [];
  for (let i = 0; i < (isShort ? 10 : KEYS); i++) keys.push((await identity.createKey(1)).api_key);
  const now = Date.now;
  const monotonic = () => performance.now();
  const path = join(directory, "used");
  const log = { warn: () => undefined };
  const limits = new UserLimitsTable({
    orders_per_second: 1,
    market_data_per_second: 1,
    burst_limit: 1,
  });
  const logins = new Logins({
    identity,
    signatures: UsedSignatures.open({ path, log, now, monotonic }),
    callers: new Callers({ limits, anonymousMarketData: true, monotonic }),
    failures: new FailedLogins(),
    lines: { write: () => undefined },
    now,
    monotonic,
  });
  for (const proof of ["secret", "signature"] as const) {
    await measure("in the process", "µs", IN_PROCESS, proof, keys, (login) => {
      const start = Bun.nanoseconds();
      logins.verify(login, "192.0.2.1");
      return (Bun.nanoseconds() - start) / 1000;
    });
  }
  await identity.close();

  const config = loadConfig({
    env: {
      WAIVER_PLAYERS__SOURCE: "offline",
      WAIVER_GATEWAY__HOST: "127.0.0.1",
      WAIVER_GATEWAY__RATE_LIMITS__HTTP_REQUESTS_PER_SECOND: "1000000",
    },
    overrides: { port: 0, dataDir: join(directory, "data") },
  });
  const mute = () => undefined;
  const quiet = { info: mute, warn: mute, error: mute };
  const exchange = await openExchange(config, quiet);
  const known: string[] = [];
  for (let i = 0; i < 10; i++) {
    const { api_key } = await exchange.operations.createUser({ name: "Ann" });
    known.push(api_key);
  }
  const url = `http://127.0.0.1:${exchange.port}/api/v1/session`;
  const headers = { "Content-Type": "application/json" };
  for (const proof of ["secret", "signature"] as const) {
    await measure("over a socket", "µs", OVER_SOCKET, proof, known, async (login) => {
      const body = JSON.stringify(login);
      const start = Bun.nanoseconds();
      const answer = await fetch(url, { method: "POST", headers, body });
      await answer.arrayBuffer();
      return (Bun.nanoseconds() - start) / 1000;
    });
  }
  await exchange.close();
} finally {
  rmSync(directory, { recursive: true });
}
