/** The command line of `bench/load/run.ts`. */
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import type { Durability } from "../../src/persistence/wal/journal.ts";
import type { Encoding } from "../../src/protocol/encoding.ts";

export interface LoadOptions {
  encodings: Encoding[];
  connections: number;
  inFlight: number;
  symbols: number;
  durability: Durability;
  warmupSeconds: number;
  seconds: number;
  /** Runs of each encoding. The encodings take turns. */
  runs: number;
  /** The server's data is in a new directory in here, which is removed at the end. */
  parentDir: string;
  /** Measures `echo-server.ts` instead of an exchange. */
  isEcho: boolean;
}

export const USAGE = `End-to-end load: starts a server and sends it orders from another process. Prints one line for each run.

  bun bench/load/run.ts [options]

  --encoding json|msgpack|both   (both)
  --connections N                connections, each with its own user (16)
  --in-flight N                  unanswered orders on each connection (256)
  --symbols N                    symbols to trade (50)
  --durability fsync|interval|none  (fsync)
  --latency                      one connection with one order in flight
  --warmup SECONDS               time before the measurement (2)
  --seconds SECONDS              time of the measurement (5)
  --runs N                       runs of each encoding (5)
  --dir DIR                      directory for the server's temporary data (the system's temporary directory)
  --echo                         measure a bare server instead, which only sends a fixed acknowledgement
`;

const ENCODINGS: Record<string, Encoding[]> = {
  json: ["json"],
  msgpack: ["msgpack"],
  both: ["json", "msgpack"],
};

/** Reads the arguments. Throws an `Error` that names the wrong option and the values that it takes. */
export function parseOptions(args: string[]): LoadOptions | "help" {
  const { values } = parseArgs({
    args,
    options: {
      encoding: { type: "string", default: "both" },
      connections: { type: "string", default: "16" },
      "in-flight": { type: "string", default: "256" },
      symbols: { type: "string", default: "50" },
      durability: { type: "string", default: "fsync" },
      latency: { type: "boolean", default: false },
      warmup: { type: "string", default: "2" },
      seconds: { type: "string", default: "5" },
      runs: { type: "string", default: "5" },
      dir: { type: "string", default: tmpdir() },
      echo: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const encodings = ENCODINGS[values.encoding];
  if (encodings === undefined) throw new Error("--encoding takes json, msgpack or both");
  const { durability } = values;
  if (durability !== "fsync" && durability !== "interval" && durability !== "none") {
    throw new Error("--durability takes fsync, interval or none");
  }
  return {
    encodings,
    connections: values.latency ? 1 : count("connections", values.connections),
    inFlight: values.latency ? 1 : count("in-flight", values["in-flight"]),
    symbols: count("symbols", values.symbols),
    durability,
    warmupSeconds: count("warmup", values.warmup),
    seconds: count("seconds", values.seconds),
    runs: count("runs", values.runs),
    parentDir: values.dir,
    isEcho: values.echo,
  };
}

function count(option: string, value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new Error(`--${option} takes a whole number from 1, not "${value}"`);
  }
  return number;
}
