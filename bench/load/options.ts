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
  /** Runs of each encoding; encodings take turns. */
  runs: number;
  /** Where the server's data goes, in a directory of its own that is removed afterwards. */
  parentDir: string;
  /** Against `echo-server.ts` instead of an exchange. */
  isEcho: boolean;
}

export const USAGE = `End-to-end load: starts a server, loads it from another process, prints one line a run.

  bun bench/load/run.ts [options]

  --encoding json|msgpack|both   (both)
  --connections N                one user each (16)
  --in-flight N                  unanswered orders a connection (256)
  --symbols N                    (50)
  --durability fsync|interval|none  (fsync)
  --latency                      one connection, one order in flight
  --warmup SECONDS               (2)
  --seconds SECONDS              (5)
  --runs N                       (5)
  --dir DIR                      where the server's data goes for the time (the system's temporary directory)
  --echo                         a bare server instead, which acknowledges without doing anything
`;

const ENCODINGS: Record<string, Encoding[]> = {
  json: ["json"],
  msgpack: ["msgpack"],
  both: ["json", "msgpack"],
};

/** Reads the arguments; throws an `Error` that names the option and what it takes. */
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
