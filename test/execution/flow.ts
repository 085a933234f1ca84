/** Random commands of every kind as records, and their way through a running exchange. */
import { COMMAND_INTS } from "../../src/core/command.ts";
import { type Core, createCore } from "../../src/core/core.ts";
import { CommandStream, FUZZ_SYMBOLS } from "../core/fuzz/command-stream.ts";
import { Random } from "../core/fuzz/random.ts";
import { CoreRun } from "../core/run.ts";
import type { Client } from "./client.ts";
import type { Rig } from "./rig.ts";
import { turn } from "./until.ts";

const core = createCore(FUZZ_SYMBOLS);

/** Records of a seed: orders, cancels and amendments of open orders, commands of the house, garbage. */
export function randomRecords(seed: number, count: number): Int32Array[] {
  const records: Int32Array[] = [];
  core.reset();
  const noting: Core = {
    ...core,
    apply(ints, doubles, index) {
      const c = index * COMMAND_INTS;
      records.push(ints.slice(c, c + COMMAND_INTS));
      core.apply(ints, doubles, index);
    },
  };
  const run = new CoreRun(noting);
  const stream = new CommandStream(seed);
  while (records.length < count) {
    const command = stream.next();
    stream.hear(command, run.apply(command));
  }
  return records;
}

/** Sends the records in ticks of random sizes, each by one of a few clients, who are returned. */
export async function sendInTicks(
  { client, clock, loop }: Rig,
  records: readonly Int32Array[],
  seed: number,
): Promise<Client[]> {
  const random = new Random(seed);
  const clients = [client(), client(), client()];
  for (const [i, words] of records.entries()) {
    random.pick(clients).sendRecord(`${i}`, words);
    if (random.once(20)) {
      // The clock of a machine may be set back.
      clock.now += random.between(-3, 9);
      await turn();
    }
  }
  await loop.drained();
  return clients;
}
