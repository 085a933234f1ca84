import { expect, test } from "bun:test";
import { COMMAND_DOUBLES, COMMAND_INTS } from "../../src/core/command.ts";
import { type Core, createCore } from "../../src/core/core.ts";
import { warmUp } from "../../src/execution/warm-up.ts";
import { randomRecords } from "./flow.ts";

/** What a tick of these records does, as bytes of events. */
function run(core: Core, records: readonly Int32Array[]): Uint8Array {
  const ints = new Int32Array(records.length * COMMAND_INTS);
  records.forEach((words, i) => {
    ints.set(words, i * COMMAND_INTS);
  });
  const doubles = new Float64Array(ints.buffer, 0, records.length * COMMAND_DOUBLES);
  core.beginTick(1);
  for (let i = 0; i < records.length; i++) core.apply(ints, doubles, i);
  return core.events.bytes.slice(0, core.events.end() * 4);
}

test("leaves the core as if it were new, in what it holds and in what it will do", () => {
  const [warm, cold] = [createCore(8), createCore(8)];
  warmUp(warm);
  const clock = [warm.tick(), warm.sequence(), warm.trades(), warm.events.end()];
  expect(clock).toEqual([0, 0, 0, 0]);
  expect(warm.stateHash()).toBe(cold.stateHash());

  const records = randomRecords(1, 2000);
  const events = run(warm, records);
  expect(events.length).toBeGreaterThan(2000 * 64);
  expect(Buffer.compare(events, run(cold, records))).toBe(0);
  expect(warm.stateHash()).toBe(cold.stateHash());
});
