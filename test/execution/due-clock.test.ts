import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { CommandKind } from "../../src/core/command.ts";
import type { Core } from "../../src/core/create.ts";
import { DueClock } from "../../src/execution/due-clock.ts";
import { ErrorCode } from "../../src/protocol/errors.ts";
import {
  type ControlCommand,
  type ControlPort,
  UnavailableError,
} from "../../src/router/control.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const NEVER = Number.POSITIVE_INFINITY;
const DAY_MS = 86_400_000;

/** A clock over a core of which only the next due time is known; it is 1000 o'clock. */
function open(due: number) {
  const core = { due: () => state.due };
  const state = { due, now: 1000, fault: null as Error | null };
  const commands: ControlCommand[] = [];
  const control = {
    submit: async (command: ControlCommand) => {
      commands.push(command);
      if (state.fault !== null) throw state.fault;
    },
  } as unknown as ControlPort;
  const warnings: string[] = [];
  const log = {
    info: () => {},
    warn: (_fields: object, message: string) => void warnings.push(message),
    error: () => {},
  };
  const clock = new DueClock(core as Core, control, () => state.now, log);
  /** Lets time pass; how often the core was woken. */
  const wait = async (ms: number): Promise<number> => {
    state.now += ms;
    jest.advanceTimersByTime(ms);
    for (let i = 0; i < 10; i++) await Promise.resolve();
    expect(commands).toEqual(commands.map(() => ({ kind: CommandKind.CLOCK })));
    return commands.splice(0).length;
  };
  return { state, clock, wait, warnings };
}

test("wakes the core once when something is due, and not before", async () => {
  const { wait } = open(1500);
  expect([await wait(499), await wait(1), await wait(DAY_MS)]).toEqual([0, 1, 0]);
});

test("wakes the core at once for what is overdue, as after a start", async () => {
  for (const due of [0, 900, 1000]) {
    const { wait } = open(due);
    expect(await wait(1)).toBe(1);
  }
});

test("does nothing if nothing is due", async () => {
  const { wait } = open(NEVER);
  expect(await wait(DAY_MS)).toBe(0);
});

test("follows the core when the next due time becomes later, earlier, or none", async () => {
  const { state, clock, wait } = open(NEVER);
  const due = (at: number): void => {
    state.due = at;
    clock.onTick();
  };
  due(5000);
  due(2000);
  expect([await wait(999), await wait(1)]).toEqual([0, 1]);
  due(9000);
  due(NEVER);
  expect(await wait(DAY_MS)).toBe(0);
  due(state.now + 10);
  clock.onTick();
  clock.onTick();
  expect([await wait(9), await wait(1)]).toEqual([0, 1]);
});

test("wakes the core again if the same time is still due after the tick", async () => {
  const { clock, wait } = open(1000);
  expect(await wait(0)).toBe(1);
  clock.onTick();
  expect(await wait(1)).toBe(1);
});

test("waits for days without waking anything", async () => {
  const { state, wait } = open(1000 + 30 * DAY_MS);
  let woken = 0;
  for (let hour = 1; hour < 30 * 24; hour++) woken += await wait(DAY_MS / 24);
  expect([woken, state.now]).toEqual([0, 1000 + 30 * DAY_MS - DAY_MS / 24]);
  expect(await wait(DAY_MS / 24)).toBe(1);
});

test("finds within a second, without any tick, what a step of the clock makes due", async () => {
  const { state, wait } = open(1000 + 2 * 3_600_000);
  expect(await wait(5000)).toBe(0);
  state.now += 2 * 3_600_000;
  expect(await wait(1000)).toBe(1);
});

test("waits again for what a step back of the clock makes not yet due", async () => {
  const { state, wait } = open(11_000);
  state.now -= 60_000;
  expect([await wait(10_000), await wait(59_999), await wait(1)]).toEqual([0, 0, 1]);
});

test("tries again while the ring is full, and logs that", async () => {
  const { state, wait, warnings } = open(1000);
  state.fault = new UnavailableError(ErrorCode.OVERLOADED, "overloaded");
  expect([await wait(0), await wait(99), await wait(1), await wait(100)]).toEqual([1, 0, 1, 1]);
  state.fault = null;
  expect([await wait(100), await wait(DAY_MS)]).toEqual([1, 0]);
  expect(warnings).toEqual(Array(3).fill("expiries, pauses and auctions have to wait"));
});

test("does nothing after a storage failure: the restart will do it", async () => {
  const { state, wait, warnings } = open(1000);
  state.fault = new UnavailableError(ErrorCode.STORAGE_FAILED, "storage failed");
  expect([await wait(0), await wait(DAY_MS)]).toEqual([1, 0]);
  expect(warnings).toHaveLength(1);
});

test("does nothing once it is stopped", async () => {
  const { state, clock, wait, warnings } = open(1500);
  clock.stop();
  state.due = 1200;
  clock.onTick();
  expect(await wait(DAY_MS)).toBe(0);

  const retrying = open(1000);
  retrying.state.fault = new UnavailableError(ErrorCode.OVERLOADED, "overloaded");
  await retrying.wait(0);
  retrying.clock.stop();
  expect(await retrying.wait(DAY_MS)).toBe(0);
  expect(warnings).toEqual([]);
});
