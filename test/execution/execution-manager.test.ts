import { expect, test } from "bun:test";
import { C_HEAD, COMMAND_INTS, CommandKind } from "../../src/core/command.ts";
import { createCore } from "../../src/core/create.ts";
import type { TickOutput, TickStage } from "../../src/core/tick-output.ts";
import { ExecutionManager, SLICE_COMMANDS } from "../../src/execution/execution-manager.ts";
import { type CommandBatch, NO_STATE_CHECK } from "../../src/persistence/backend.ts";

const core = createCore(1);

/** A batch of so many notes. */
function notes(tick: number, count: number): CommandBatch {
  const ints = new Int32Array(count * COMMAND_INTS);
  for (let i = 0; i < count; i++) ints[i * COMMAND_INTS + C_HEAD] = CommandKind.NOTE;
  const doubles = new Float64Array(ints.buffer);
  return {
    ...{ tick, firstSequence: 11, timestamp: 77, count, ...NO_STATE_CHECK },
    ...{ first: 0, ints, doubles },
  };
}

/** A manager whose stages note that they were told, after `fail` has let them. */
function open(fail: (name: string) => void = () => undefined) {
  core.reset();
  const told: string[] = [];
  const bugs: unknown[] = [];
  const stage = (name: string): TickStage => ({
    onTick({ tick }) {
      fail(name);
      told.push(`${name} ${tick}`);
    },
  });
  const manager = new ExecutionManager({
    core,
    beforeReplies: [stage("first A"), stage("first B")],
    afterReplies: [stage("later A"), stage("later B")],
    onBug: (error) => bugs.push(error),
  });
  return { manager, told, bugs };
}

test("the first stages run, then the replies, then the later stages; none runs before its turn", () => {
  const { manager, told, bugs } = open();
  const batch = notes(1, 1);
  manager.apply(batch);
  expect(told).toEqual([]);
  manager.tell(batch, ({ tick }) => told.push(`reply ${tick}`));
  expect(told).toEqual(["first A 1", "first B 1", "reply 1", "later A 1", "later B 1"]);
  expect(bugs).toEqual([]);
});

test.each(["first A", "first B", "reply", "later A", "later B"])(
  "a %s that throws stops no other stage, and no later tick",
  (bad) => {
    const error = new Error(`a bad ${bad}`);
    const { manager, told, bugs } = open((name) => {
      if (name === bad) throw error;
    });
    for (const tick of [1, 2]) {
      const batch = notes(tick, 1);
      manager.apply(batch);
      manager.tell(batch, () => {
        if (bad === "reply") throw error;
        told.push(`reply ${tick}`);
      });
    }
    const all = ["first A", "first B", "reply", "later A", "later B"];
    const others = all.filter((name) => name !== bad);
    expect(told).toEqual([1, 2].flatMap((tick) => others.map((name) => `${name} ${tick}`)));
    expect(bugs).toEqual([error, error]);
  },
);

test("its output is one value: the tick, its time, and the reply to each command", () => {
  const { manager } = open();
  // More than there is room for at first.
  for (const count of [1, 3, 5_000, 2]) {
    const batch = notes(9, count);
    manager.apply(batch);
    const outputs: TickOutput[] = [];
    manager.tell(batch, (output) => outputs.push(output));
    const [{ replies, trades, levels, ...output }] = outputs;
    expect(outputs.length).toBe(1);
    expect(output).toEqual({
      tick: 9,
      timestamp: 77,
      sequence: 10 + count,
      count,
      events: core.events,
      hasDone: true,
      holdings: core.events.next(replies[count - 1]),
    });
    expect([trades.count, levels.count]).toEqual([0, 0]);
    const { events } = core;
    for (let i = 0; i < count; i++) {
      expect([events.isReply(replies[i]), events.command(replies[i])]).toEqual([true, i]);
    }
  }
});

test("a tick is applied in slices, and the owner of the manager can act before each slice", () => {
  core.reset();
  const applied: number[] = [];
  const manager = new ExecutionManager({
    ...{ core, beforeReplies: [], afterReplies: [] },
    beforeSlice: () => applied.push(eventCount()),
    onBug(error) {
      throw error;
    },
  });
  const count = 2 * SLICE_COMMANDS + 1;
  const batch = notes(1, count);
  manager.apply(batch);
  expect(applied).toEqual([0, SLICE_COMMANDS, 2 * SLICE_COMMANDS]);
  manager.tell(batch, () => undefined);
});

/** Of the tick so far: a note has one. */
function eventCount(): number {
  const { events } = core;
  let count = 0;
  for (let e = 0; e < events.end(); e = events.next(e)) count++;
  return count;
}
