import { expect, test } from "bun:test";
import { createCore } from "../../src/core/core.ts";
import { warmUp } from "../../src/execution/warm-up.ts";
import { generateCommands } from "./flow.ts";
import { CoreRun } from "../core/run.ts";

test("leaves the core as if it were new, in what it holds and in what it will do", () => {
  const warm = createCore(8);
  warmUp(warm);
  expect([warm.stateHash(), warm.tick(), warm.sequence(), warm.trades(), warm.events.end()]).toEqual([
    createCore(8).stateHash(),
    0,
    0,
    0,
    0,
  ]);
  const runs = [new CoreRun(warm), new CoreRun()];
  for (const command of generateCommands(2000)) {
    const [events, asNew] = runs.map((run) => run.apply(command));
    expect(events).toEqual(asNew);
  }
  expect(runs[0].core.stateHash()).toBe(runs[1].core.stateHash());
});
