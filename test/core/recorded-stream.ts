/** A random stream as the records that a journal would hold, and runs over it. */
import { COMMAND_INTS } from "../../src/core/command.ts";
import { type Core, createCore } from "../../src/core/core.ts";
import { E_COMMAND, E_HEAD, eventInts } from "../../src/core/event.ts";
import { createRecords, type Records, writeCommand } from "./command-builder.ts";
import { CommandStream, FUZZ_SYMBOLS } from "./fuzz/command-stream.ts";
import { CoreRun } from "./run.ts";

/** The records of a stream, with the order numbers that a first run gave. */
export function recordStream(seed: number, count: number): Records {
  const records = createRecords(count);
  const stream = new CommandStream(seed);
  const run = new CoreRun(createCore(FUZZ_SYMBOLS));
  for (let i = 0; i < count; i++) {
    run.beginTick();
    const command = stream.next();
    const stamp = { sequence: i + 1, timestamp: stream.now };
    writeCommand(command, run.numberOf(command), stamp, records, i);
    stream.hear(command, run.apply(command));
  }
  return records;
}

export interface RunHashes {
  /** Over the bytes of all events as they stood, tick by tick. */
  events: string;
  /** The same without the place that a command had in its tick. */
  told: string;
  state: string;
}

/** Applies all records, `tickLength` to a tick, to a core that is empty. */
export function hashRun(core: Core, records: Records, tickLength: number): RunHashes {
  const count = records.ints.length / COMMAND_INTS;
  const events = new Bun.CryptoHasher("sha256");
  const told = new Bun.CryptoHasher("sha256");
  for (let from = 0, tick = 1; from < count; from += tickLength, tick++) {
    core.beginTick(tick);
    const to = Math.min(count, from + tickLength);
    for (let i = from; i < to; i++) core.apply(records.ints, records.doubles, i);
    const bytes = core.events.bytes.slice(0, core.events.end() * 4);
    events.update(bytes);
    told.update(withoutPlaces(bytes));
  }
  return {
    events: events.digest("hex"),
    told: told.digest("hex"),
    state: core.stateHash().toString(16),
  };
}

/** The bytes of events without the place that each one's command had in its tick. */
export function withoutPlaces(bytes: Uint8Array): Uint8Array {
  const ints = new Int32Array(bytes.slice().buffer);
  for (let e = 0; e < ints.length; e += eventInts(ints[e + E_HEAD] ?? 0)) ints[e + E_COMMAND] = 0;
  return new Uint8Array(ints.buffer);
}
