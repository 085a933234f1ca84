import { expect, test } from "bun:test";
import type { VictimFigures } from "../../../bench/siege/figures.ts";
import { type Damage, type Rule, verdictOf } from "../../../bench/siege/verdict.ts";

const RULE: Rule = {
  ratioMax: 3,
  p99MsMax: 50,
  loopMsMax: 10,
  memoryMibMax: 1000,
  memoryAfterMibMax: 500,
  logBytesPerSecondMax: 2048,
};

const figures = (p99: number): VictimFigures => ({
  orders: 100,
  p50: 1,
  p99,
  max: p99,
  servedP99: p99,
  echoP99: 0,
  unanswered: 0,
  refused: {},
  loop: { cpuShare: 0.2, waitedShare: 0, p99Ms: 10, longestMs: 50 },
});

const NONE: Damage = {
  quiet: figures(2),
  attacked: figures(6),
  recovered: figures(6),
  memoryPeakMib: 1000,
  memoryAfterMib: 500,
  isMemoryKept: false,
  logBytesPerSecond: 2048,
  closedClients: [],
  tradingFault: undefined,
  faults: [],
};

test("an exchange at every bound holds", () => {
  expect(verdictOf(NONE, RULE)).toEqual({ faults: [], doubts: [] });
});

test.each<[string, Partial<Damage>, string]>([
  ["over three times", { attacked: figures(6.1) }, "victim's p99 6.1 ms, over 6.0"],
  [
    "over 50 ms",
    { quiet: figures(40), attacked: figures(50.1) },
    "victim's p99 50.1 ms, over 50.0",
  ],
  [
    "unanswered",
    { attacked: { ...figures(6), unanswered: 3 } },
    "3 orders were not answered in time",
  ],
  [
    "refused",
    { attacked: { ...figures(6), refused: { 40910: 2 } } },
    "victim was refused: 40910 × 2",
  ],
  [
    "slow ever after",
    { recovered: figures(7) },
    "victim's p99 7.0 ms after the recovery, over 6.0",
  ],
  [
    "a busy thread",
    {
      attacked: {
        ...figures(6),
        loop: { cpuShare: 0.2, waitedShare: 0, p99Ms: 10.1, longestMs: 50 },
      },
    },
    "p99 of waiting for the server's thread 10.1 ms",
  ],
  [
    "a thread that is held",
    {
      attacked: { ...figures(6), loop: { cpuShare: 0.2, waitedShare: 0, p99Ms: 9, longestMs: 51 } },
    },
    "the server's thread was held for 51 ms",
  ],
  ["memory", { memoryPeakMib: 1001 }, "memory 1001 MiB, over 1000"],
  ["memory for good", { memoryAfterMib: 501 }, "memory still 501 MiB, over 500"],
  ["log", { logBytesPerSecond: 4096 }, "logged 4 KiB a second"],
  ["readers", { closedClients: ["a (4008)", "b (cut)"] }, "connections closed: a (4008), b (cut)"],
  [
    "many",
    { closedClients: ["a", "b", "c", "d", "e"] },
    "connections closed: a, b, c and 2 others",
  ],
  ["no trade", { tradingFault: "40910" }, "no trade: 40910"],
  ["the attacker's own", { faults: ["an echo"] }, "an echo"],
])("fails: %s", (_name, change, fault) => {
  expect(verdictOf({ ...NONE, ...change }, RULE)).toEqual({ faults: [fault], doubts: [] });
});

test("where the bare echo took as long at the same time, it may be the machine", () => {
  const attacked = { ...figures(36), echoP99: 30 };
  expect(verdictOf({ ...NONE, attacked }, RULE)).toEqual({
    faults: [],
    doubts: ["victim's p99 36.0 ms, over 6.0, but the echo's is 30.0"],
  });
  expect(verdictOf({ ...NONE, attacked: { ...attacked, p99: 36.1 } }, RULE)).toEqual({
    faults: ["victim's p99 36.1 ms, over 6.0"],
    doubts: [],
  });
});

test("where the server and the victim had no processor, it may be the machine", () => {
  const attacked = { ...figures(36), servedP99: 6 };
  expect(verdictOf({ ...NONE, attacked }, RULE)).toEqual({
    faults: [],
    doubts: ["victim's p99 36.0 ms, over 6.0, but 6.0 without waits for a processor"],
  });
  expect(verdictOf({ ...NONE, attacked: { ...attacked, servedP99: 6.1 } }, RULE)).toEqual({
    faults: ["victim's p99 36.0 ms, over 6.0"],
    doubts: [],
  });
});

test("memory that holds orders need not come back", () => {
  expect(verdictOf({ ...NONE, memoryAfterMib: 900, isMemoryKept: true }, RULE).faults).toEqual([]);
});
