import { expect, test } from "bun:test";
import { COMMAND_DOUBLES, COMMAND_INTS } from "../../src/core/command.ts";
import { type Core, createCore } from "../../src/core/create.ts";
import { warmUp } from "../../src/execution/warm-up.ts";
import { eventLines } from "./event-lines.ts";
import { randomRecords } from "./flow.ts";

/** The events of a tick of these records. */
function run(core: Core, records: readonly Int32Array[]): string[] {
  const ints = new Int32Array(records.length * COMMAND_INTS);
  records.forEach((words, i) => {
    ints.set(words, i * COMMAND_INTS);
  });
  const doubles = new Float64Array(ints.buffer, 0, records.length * COMMAND_DOUBLES);
  core.beginTick(1);
  for (let i = 0; i < records.length; i++) core.apply(ints, doubles, i);
  core.endTick();
  return eventLines(core.events);
}

test("warming up leaves the core like new, in its content and in its later behaviour", () => {
  const [warm, cold] = [createCore(8), createCore(8)];
  warmUp(warm);
  const { view, events } = warm;
  expect([view.tick(), view.sequence(), view.trades(), events.end()]).toEqual([0, 0, 0, 0]);
  expect(warm.stateHash()).toBe(cold.stateHash());

  const records = randomRecords(1, 2000);
  const lines = run(warm, records);
  expect(lines.length).toBeGreaterThan(2000);
  expect(lines).toEqual(run(cold, records));
  expect(warm.stateHash()).toBe(cold.stateHash());
});
