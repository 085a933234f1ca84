/**
 * `bun run bench:tree -- --tree DIR [--rounds N] [--seconds S] [--dir DIR]`: this checkout against another one, such as
 * the commit before a change. Compares durable orders a second over sockets, and orders in a second of the server's
 * processor time. Both exchanges run all the time and are measured in turns.
 */
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ENCODINGS, type Encoding } from "../../src/protocol/encoding.ts";
import { ENCODING_NAMES } from "../e2e/end-to-end.ts";
import { cancelAll } from "../load/exchange-admin.ts";
import { measureLoad } from "../load/measure.ts";
import { type ServerProcess, startExchange } from "../load/server-process.ts";
import { exchangeTarget } from "../load/target.ts";
import { compare, cpuRatio, type Round } from "../report/compare.ts";
import { printReport } from "../report/report.ts";

const LOAD = { connections: 16, in_flight: 256, symbols: 50 };

const { values } = parseArgs({
  args: Bun.argv.slice(2),
  options: {
    tree: { type: "string" },
    rounds: { type: "string", default: "15" },
    seconds: { type: "string", default: "2" },
    dir: { type: "string", default: tmpdir() },
  },
});
if (values.tree === undefined)
  throw new Error("--tree DIR is missing: the checkout to compare with");
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

const open = (tree: string) =>
  startExchange({ parentDir: values.dir, durability: "fsync", connections: 16, tree });
await using ours = await open(join(import.meta.dir, "..", ".."));
await using theirs = await open(resolve(values.tree));
const targets = new Map([
  [ours, await exchangeTarget(ours, LOAD)],
  [theirs, await exchangeTarget(theirs, LOAD)],
]);

async function measure(server: ServerProcess, encoding: Encoding) {
  const target = targets.get(server);
  if (target === undefined) throw new Error("a server without a target");
  const { in_flight } = LOAD;
  const plan = {
    ...target,
    encoding,
    flow: "balanced" as const,
    in_flight,
    warmup_s: 0.5,
    seconds,
  };
  const { perSecond, serverCpu, client } = await measureLoad(server, plan);
  if (client.rejected > 0)
    throw new Error(`Orders were refused: ${JSON.stringify(client.reject_codes)}`);
  await cancelAll(server.port, target.users);
  return { figure: perSecond, serverCpu };
}

const done: Record<Encoding, Round[]> = { json: [], msgpack: [] };
for (let round = 0; round < rounds; round++) {
  for (const encoding of ENCODINGS) {
    // The second one finds a warmer machine, so they also take turns in being first.
    const order = round % 2 === 0 ? [ours, theirs] : [theirs, ours];
    const first = await measure(order[0] as ServerProcess, encoding);
    const second = await measure(order[1] as ServerProcess, encoding);
    const [our, their] = round % 2 === 0 ? [first, second] : [second, first];
    const details = { cpu_ratio: cpuRatio(our, their) };
    done[encoding].push({ figure: our.figure, baseline: their.figure, details });
  }
}
printReport({
  bench: "tree",
  settings: { ...LOAD, durability: "fsync", rounds, seconds },
  comparisons: ENCODINGS.map((encoding) =>
    compare(
      {
        name: `durable ${ENCODING_NAMES[encoding]} orders`,
        unit: "orders/s",
        against: "the other checkout",
        better: "more",
      },
      done[encoding],
    ),
  ),
});
