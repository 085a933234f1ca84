/**
 * `bun bench/login/timing.bench.ts [--short] [--only TEXT]`: whether the time of a wrong login reveals a secret: that a
 * key or a name exists, that its user is disabled, or how an operator's token begins. Logins are timed in this process,
 * over REST and over WebSockets. `tries.ts` says how the times are compared. Exits with 1 if a difference is found,
 * unless the run is `--short`. `--only` runs only the comparisons whose line begins with TEXT.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startExchange } from "../load/server-process.ts";
import { adminTokensInProcess, keysInProcess, namesInProcess } from "./in-process.ts";
import { adminTokenOverSockets, keysOverSockets, namesOverSockets } from "./over-sockets.ts";
import { compare, type Measured } from "./tries.ts";

const { values } = parseArgs({
  args: Bun.argv.slice(2),
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});
const isShort = values.short;
const IN_PROCESS = isShort ? { tries: 1000, keys: 10 } : { tries: 100_000, keys: 500 };
/** Fewer tries, because each one waits for a thread of the pool. */
const NAMES_IN_PROCESS = isShort ? { tries: 100, keys: 5 } : { tries: 20_000, keys: 200 };
const OVER_SOCKETS = isShort
  ? { tries: 100, passwords: 4, names: 3 }
  : { tries: 4000, passwords: 400, names: 30 };

/** Whether the classes can be told apart; false for a comparison that `--only` leaves out. */
async function compareSelected(measured: Measured): Promise<boolean> {
  return measured.what.startsWith(values.only) && (await compare(measured));
}

/** Runs the comparisons over sockets. The exchange has its own process, so this one does not share its memory. */
async function withExchange(parentDir: string): Promise<boolean[]> {
  process.env.WAIVER_GATEWAY__TRUSTED_PROXIES = "127.0.0.0/8";
  process.env.WAIVER_GATEWAY__AUTH__SIGN_UP = "true";
  await using exchange = await startExchange({ parentDir, durability: "none", connections: 16 });
  return [
    ...(await keysOverSockets(exchange, compareSelected, OVER_SOCKETS)),
    ...(await namesOverSockets(exchange, compareSelected, OVER_SOCKETS)),
    await adminTokenOverSockets(exchange, compareSelected, OVER_SOCKETS),
  ];
}

const directory = mkdtempSync(join(tmpdir(), "waiver-login-bench-"));
try {
  const differences = [
    ...(await keysInProcess(directory, compareSelected, IN_PROCESS)),
    ...(await namesInProcess(directory, compareSelected, NAMES_IN_PROCESS)),
    await adminTokensInProcess(directory, compareSelected, IN_PROCESS),
    ...(await withExchange(directory)),
  ];
  // A short run has too few tries for a verdict.
  if (!isShort && differences.includes(true)) process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true });
}
