import { expect, test } from "bun:test";
import type { VictimFigures } from "../../../bench/siege/figures.ts";
import { progressLine, siegeTable } from "../../../bench/siege/report.ts";
import type { AttackResult } from "../../../bench/siege/siege.ts";

const figures = (p99: number): VictimFigures => ({
  orders: 100,
  p50: 0.8,
  p99,
  max: p99,
  servedP99: p99 - 0.5,
  echoP99: 1.5,
  unanswered: 0,
  refused: {},
  loop: { cpuShare: 0.07, waitedShare: 0.02, p99Ms: 0.5, longestMs: 2.25 },
});

const held: AttackResult = {
  attack: { name: "pings", section: 1, about: "Sends pings.", run: async () => "" },
  report: {
    event: "done",
    tried: "9 pings",
    answers: { 42902: 2, ok: 7 },
    closes: { 1008: 1 },
    faults: [],
    processor: { share: 0.35, waited: 0.02 },
  },
  damage: {
    quiet: figures(2),
    attacked: figures(3),
    recovered: figures(2),
    memoryPeakMib: 300,
    memoryAfterMib: 280,
    isMemoryKept: false,
    logBytesPerSecond: 0,
    closedClients: [],
    tradingFault: undefined,
    faults: [],
  },
  cpuShare: 0.514,
  errors: { 42902: 2 },
  faults: [],
  doubts: [],
  rounds: 1,
};

const unclear: AttackResult = { ...held, doubts: ["victim's p99 9.0 ms, over 6.0"] };

const failed: AttackResult = {
  ...held,
  errors: undefined,
  damage: { ...held.damage, closedClients: ["market data 1 (4008)"] },
  faults: ["connections closed: market data 1 (4008)"],
};

test("a line tells how one attack ended", () => {
  expect(progressLine(held)).toBe("pings: held");
  expect(progressLine(unclear)).toBe("pings: unclear: victim's p99 9.0 ms, over 6.0");
  expect(progressLine(failed)).toBe("pings: FAILED: connections closed: market data 1 (4008)");
});

test("a machine that was busy before any attack is named", () => {
  const busy = { ...held, damage: { ...held.damage, quiet: figures(12.34) } };
  expect(siegeTable([busy]).slice(-2)).toEqual([
    "this machine is busy: quiet p99 up to 12.3 ms",
    "1 held, 0 unclear, 0 failed",
  ]);
});

test("the table tells figures, what was tried and answered, and the verdict", () => {
  const story = [
    "    section 1: Sends pings.",
    "    tried: 9 pings",
    "    answered: ok × 7, 42902 × 2; closed: 1008 × 1",
    "    the attacker's thread had 35 % of a processor, and waited 2 % for one",
  ];
  const figuresText =
    "0.8 / 3.0 / 3.0          2.5     1.5   × 1.5  7 % / 2 % / 0.5 / 2.3                   7 % / 2 % / 0.5 / 2.3  300  51 %";
  expect(siegeTable([held, unclear, failed])).toEqual([
    "attack  quiet p50/p99/max ms  attacked p50/p99/max ms  served  echo  p99    quiet thread, waited, wait p99/longest  attacked thread        MiB  CPU   closed  verdict",
    `pings   0.8 / 2.0 / 2.0       ${figuresText}  0/22    held`,
    ...story,
    "    errors by the server's count: 42902 × 2",
    "    memory after the recovery: 280 MiB",
    `pings   0.8 / 2.0 / 2.0       ${figuresText}  0/22    unclear`,
    ...story,
    "    errors by the server's count: 42902 × 2",
    "    memory after the recovery: 280 MiB",
    "    unclear: victim's p99 9.0 ms, over 6.0",
    `pings   0.8 / 2.0 / 2.0       ${figuresText}  1/22    FAILED`,
    ...story,
    "    the server's metrics did not answer",
    "    memory after the recovery: 280 MiB",
    "    FAILED: connections closed: market data 1 (4008)",
    "1 held, 1 unclear, 1 failed",
  ]);
});
