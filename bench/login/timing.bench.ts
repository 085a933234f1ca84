/**
 * `bun bench/login/timing.bench.ts [--short] [--only TEXT]`: whether the time of a wrong login tells anything of what is
 * asked for: whether a key or a name exists, whether its user is disabled, how a token of an operator begins. In the
 * process, over REST and over WebSockets. See `tries.ts` for how they are compared. Exits with 1 where a difference is
 * found, unless it is `--short`. `--only` makes the comparisons alone whose line begins with it, for one that has minutes only.
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
/** Each takes a thread of the pool there and back. */
const NAMES_IN_PROCESS = isShort ? { tries: 100, keys: 5 } : { tries: 20_000, keys: 200 };
const OVER_SOCKETS = isShort
  ? { tries: 100, passwords: 4, names: 3 }
  : { tries: 4000, passwords: 400, names: 30 };

/** Whether the classes can be told apart; false of what is not asked for. */
async function tell(measured: Measured): Promise<boolean> {
  return measured.what.startsWith(values.only) && (await compare(measured));
}

/** The exchange is a process of its own: nothing that this one reads is in its way or at its hand. */
async function withExchange(parentDir: string): Promise<boolean[]> {
  process.env.WAIVER_GATEWAY__TRUSTED_PROXIES = "127.0.0.0/8";
  process.env.WAIVER_GATEWAY__AUTH__SIGN_UP = "true";
  await using exchange = await startExchange({ parentDir, durability: "none", connections: 16 });
  return [
    ...(await keysOverSockets(exchange, tell, OVER_SOCKETS)),
    ...(await namesOverSockets(exchange, tell, OVER_SOCKETS)),
    await adminTokenOverSockets(exchange, tell, OVER_SOCKETS),
  ];
}

const directory = mkdtempSync(join(tmpdir(), "waiver-login-bench-"));
try {
  const told = [
    ...(await keysInProcess(directory, tell, IN_PROCESS)),
    ...(await namesInProcess(directory, tell, NAMES_IN_PROCESS)),
    await adminTokensInProcess(directory, tell, IN_PROCESS),
    ...(await withExchange(directory)),
  ];
  // A short run is too short to tell.
  if (!isShort && told.includes(true)) process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true });
}
