/** A random stream as the records of a journal, and functions that run it. */
import { COMMAND_INTS } from "../../src/core/command.ts";
import { EventFlag, EventKind } from "../../src/core/event.ts";
import { E_COMMAND } from "../../src/core/event-layout.ts";
import { createRecords, type Records, writeCommand } from "./command-builder.ts";
import { CommandStream, FUZZ_SYMBOLS } from "./fuzz/command-stream.ts";
import { CoreRun } from "./run.ts";
import { createTestCore, type TestCore } from "./test-core.ts";

/** The records of a stream, with the order numbers that a first run assigned. */
export function recordStream(seed: number, count: number): Records {
  const records = createRecords(count);
  const stream = new CommandStream(seed);
  const run = new CoreRun(createTestCore(FUZZ_SYMBOLS));
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
  /** A hash of the bytes of all events, tick by tick. */
  events: string;
  /** The same without values that depend on how commands are divided into ticks. */
  told: string;
  state: string;
}

/** Applies all records to an empty core, `tickLength` records in a tick. */
export function hashRun(core: TestCore, records: Records, tickLength: number): RunHashes {
  const count = records.ints.length / COMMAND_INTS;
  const events = new Bun.CryptoHasher("sha256");
  const told = new Bun.CryptoHasher("sha256");
  for (let from = 0, tick = 1; from < count; from += tickLength, tick++) {
    core.beginTick(tick);
    const to = Math.min(count, from + tickLength);
    core.applyAll(records.ints, records.doubles, from, to);
    told.update(withoutPlaces(core));
    core.endTick();
    events.update(core.eventBuffer.ints.slice(0, core.events.end()));
  }
  return {
    events: events.digest("hex"),
    told: told.digest("hex"),
    state: core.stateHash().toString(16),
  };
}

/** The words of the tick's events, without indices in the tick and without its number. */
export function withoutPlaces({ events, eventBuffer }: TestCore): Int32Array {
  const ints = eventBuffer.ints.slice(0, events.end());
  for (let e = 0; e < ints.length; e = events.next(e)) {
    ints[e + E_COMMAND] = 0;
    const isUnchanged = (events.flags(e) & EventFlag.UNCHANGED) !== 0;
    // CHANGED_TICK ends the event.
    if (events.kind(e) === EventKind.ORDER && isUnchanged)
      ints.fill(0, events.next(e) - 2, events.next(e));
  }
  return ints;
}
