/**
 * Whether the time of a wrong login tells if its key, or its name, exists: wrong secrets, signatures and passwords, in the
 * process, over REST and over WebSockets, each try from an address of its own where there is a limit on tries. See
 * `tries.ts` for how they are compared. Exits with 1 where a difference is found, unless it is `--short`. `--only TEXT`
 * makes the comparisons alone whose line begins with it, for one that has minutes only.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { IDENTITY_FILE, IdentityStore } from "../../src/identity/identity-store.ts";
import { UsedSignatures } from "../../src/identity/used-signatures.ts";
import { Callers } from "../../src/trading/caller.ts";
import { FailedLogins } from "../../src/trading/failed-logins.ts";
import { Logins } from "../../src/trading/logins.ts";
import { UserLimitsTable } from "../../src/trading/user-limits.ts";
import { createLoadUser } from "../load/exchange-admin.ts";
import { type ServerProcess, startExchange } from "../load/server-process.ts";
import { compare, type Measured, type Subjects } from "./tries.ts";

const { values } = parseArgs({
  args: Bun.argv.slice(2),
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});
const isShort = values.short;
const IN_PROCESS = isShort ? 1000 : 100_000;
const OVER_SOCKET = isShort ? 100 : 4000;
const PASSWORDS = isShort ? 10 : 200;
/** Of each class. */
const KEYS = isShort ? 10 : 500;
const NAMES = isShort ? 3 : 30;

/** Whether the classes can be told apart; false of what is not asked for. */
async function tell(measured: Measured): Promise<boolean> {
  return measured.what.startsWith(values.only) && (await compare(measured));
}

type Proof = "secret" | "signature";
const PROOFS: readonly Proof[] = ["secret", "signature"];

const hex = (bytes: number): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");

/** As many that do not exist as there are of each half that does. */
function subjectsOf(known: readonly string[], make: () => string): Subjects {
  const half = known.length / 2;
  return {
    exists: known.slice(0, half),
    "exists too": known.slice(half),
    "does not": Array.from({ length: half }, make),
  };
}

function wrongLogin(key: string, proof: Proof) {
  // A text of its own each time, as it comes from a client.
  const api_key = `ak_${key.slice(3)}`;
  if (proof === "secret") return { api_key, api_secret: `sk_${hex(32)}` };
  return { api_key, timestamp: Date.now(), signature: hex(32) };
}

let addresses = 0;
/** A network that has not been used before. */
function nextAddress(): string {
  addresses++;
  return `10.${addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}`;
}

const since = (start: number): number => (Bun.nanoseconds() - start) / 1000;

async function inProcess(directory: string): Promise<boolean[]> {
  const identity = await IdentityStore.open(join(directory, IDENTITY_FILE));
  await identity.createUser({ name: "Ann", permissions: ["trade"], accountNumber: 1 });
  const keys: string[] = [];
  for (let i = 0; i < 2 * KEYS; i++) keys.push((await identity.createKey(1)).api_key);
  const subjects = subjectsOf(keys, () => `ak_${hex(12)}`);
  const now = Date.now;
  const monotonic = (): number => performance.now();
  const rates = { orders_per_second: 1, market_data_per_second: 1, burst_limit: 1 };
  const limits = new UserLimitsTable(rates);
  const path = join(directory, "used");
  const logins = new Logins({
    identity,
    signatures: UsedSignatures.open({ path, log: { warn: () => undefined }, now, monotonic }),
    callers: new Callers({ limits, anonymousMarketData: true, monotonic }),
    failures: new FailedLogins(),
    lines: { write: () => undefined },
    now,
    monotonic,
  });
  const told: boolean[] = [];
  for (const proof of PROOFS) {
    const time = (key: string): number => {
      const login = wrongLogin(key, proof);
      const start = Bun.nanoseconds();
      logins.verify(login, "192.0.2.1");
      return since(start);
    };
    const what = `in the process, wrong ${proof}`;
    told.push(await tell({ what, subjects, tries: IN_PROCESS, sample: "key", time }));
  }
  await identity.close();
  return told;
}

/** The answer to one `POST /session`, as long as it takes. */
async function timeSession(port: number, login: object): Promise<number> {
  const body = JSON.stringify(login);
  const headers = { "Content-Type": "application/json", "X-Forwarded-For": nextAddress() };
  const start = Bun.nanoseconds();
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/session`, {
    method: "POST",
    headers,
    body,
  });
  const text = await answer.text();
  const taken = since(start);
  if (answer.status !== 401) throw new Error(text);
  return taken;
}

/** The answer to one `auth.login` on a connection of its own. */
async function timeLogin(port: number, params: object): Promise<number> {
  const headers = { "X-Forwarded-For": nextAddress() };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/orders`, { headers });
  const settled = (name: "onopen" | "onmessage" | "onclose"): Promise<Event> =>
    new Promise((resolve) => {
      socket[name] = resolve;
    });
  await settled("onopen");
  const frame = JSON.stringify({ id: 1, method: "auth.login", params });
  const answer = settled("onmessage");
  const start = Bun.nanoseconds();
  socket.send(frame);
  const { data } = (await answer) as MessageEvent;
  const taken = since(start);
  if (!String(data).includes("40101")) throw new Error(String(data));
  const closed = settled("onclose");
  socket.close();
  await closed;
  return taken;
}

async function overSockets(exchange: ServerProcess): Promise<boolean[]> {
  const { port } = exchange;
  const keys: string[] = [];
  for (let i = 0; i < 2 * NAMES; i++) {
    keys.push((await createLoadUser(exchange, "Ann", [])).api_key);
  }
  const ofKeys = subjectsOf(keys, () => `ak_${hex(12)}`);
  const told: boolean[] = [];
  for (const proof of PROOFS) {
    for (const [way, time] of [
      ["REST", timeSession],
      ["WebSocket", timeLogin],
    ] as const) {
      const what = `over ${way}, wrong ${proof}`;
      told.push(
        await tell({
          ...{ what, subjects: ofKeys, tries: OVER_SOCKET, sample: "try" },
          time: (key) => time(port, wrongLogin(key, proof)),
        }),
      );
    }
  }
  const names: string[] = [];
  for (let i = 0; i < 2 * NAMES; i++) {
    const name = `u${hex(8)}`;
    await signUp(port, name);
    names.push(name);
  }
  const what = "over REST, wrong password";
  const subjects = subjectsOf(names, () => `u${hex(8)}`);
  const time = (name: string): Promise<number> =>
    timeSession(port, { name, password: `wrong ${hex(8)}` });
  told.push(await tell({ what, subjects, tries: PASSWORDS, sample: "try", time }));
  return told;
}

async function signUp(port: number, name: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/users`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Forwarded-For": nextAddress() },
    body: JSON.stringify({ name, password: `right ${hex(8)}` }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

/** The exchange is a process of its own: nothing that this one reads is in its way or at its hand. */
async function withExchange(parentDir: string): Promise<boolean[]> {
  process.env.WAIVER_GATEWAY__TRUSTED_PROXIES = "127.0.0.0/8";
  process.env.WAIVER_GATEWAY__AUTH__SIGN_UP = "true";
  await using exchange = await startExchange({ parentDir, durability: "none", connections: 16 });
  return await overSockets(exchange);
}

const directory = mkdtempSync(join(tmpdir(), "waiver-login-bench-"));
try {
  const told = [...(await inProcess(directory)), ...(await withExchange(directory))];
  // A short run is too short to tell.
  if (!isShort && told.includes(true)) process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true });
}
