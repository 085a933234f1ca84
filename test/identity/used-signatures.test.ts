import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsedSignatures } from "../../src/identity/used-signatures.ts";

const START = 1_800_000_000_000;

let directory: string;
let clock: number;
/** Never set back. */
let elapsed: number;
let warnings: string[];
let used: UsedSignatures;

const open = () =>
  UsedSignatures.open({
    path: join(directory, "used"),
    log: { warn: (_fields, message) => void warnings.push(message) },
    now: () => clock,
    monotonic: () => elapsed,
  });

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "waiver-used-"));
  clock = START;
  elapsed = 0;
  warnings = [];
  used = open();
});
afterEach(() => {
  used.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Lets time pass. */
function pass(ms: number): void {
  clock += ms;
  elapsed += ms;
}

/** As after a kill: nothing is closed first. */
function restart(): void {
  const before = used;
  used = open();
  before.close();
}

test("a signature is taken once for each key and timestamp, while its timestamp is recent enough", () => {
  expect(used.take("a", START)).toBe(true);
  expect([used.take("a", START), used.take("b", START), used.take("a", START + 1)]).toEqual([
    false,
    true,
    true,
  ]);
  // A timestamp ahead of the clock counts until the clock is a window past it.
  expect(used.take("a", START + 5000)).toBe(true);
  pass(10_000);
  expect(used.take("a", START + 5000)).toBe(false);
});

test("a signature that was taken before a restart is not taken after it", () => {
  used.take("a", START);
  used.take("a", START - 5000);
  restart();
  expect([used.take("a", START), used.take("a", START + 1)]).toEqual([false, true]);
  pass(4999);
  restart();
  expect([used.take("a", START), used.take("a", START + 1)]).toEqual([false, false]);
  expect(statSync(join(directory, "used")).mode & 0o777).toBe(0o600);
});

test("signatures that are too old are forgotten, in memory and in the file", () => {
  for (let i = 0; i < 100; i++) used.take("a", START + i);
  pass(60_100);
  used.take("b", clock);
  restart();
  expect(readFileSync(join(directory, "used"), "utf8")).toBe(`b ${clock}\n`);
});

test("after the clock is set back by less than a minute no signature is taken twice", () => {
  expect(used.take("a", START + 5000)).toBe(true);
  clock -= 49_999;
  expect(used.take("a", START + 5000)).toBe(false);
  restart();
  // As late as the clock lets it in.
  pass(59_999);
  expect(used.take("a", START + 5000)).toBe(false);
});

test("when a clock that was ahead is right again, new signatures are taken, also after a restart", () => {
  const days = 40 * 86_400_000;
  clock += days;
  expect(used.take("a", clock)).toBe(true);
  clock -= days;
  expect(used.take("a", clock)).toBe(true);
  restart();
  expect([used.take("a", clock), used.take("a", clock + 1)]).toEqual([false, true]);
  expect(readFileSync(join(directory, "used"), "utf8")).toBe(`a ${START}\na ${START + 1}\n`);
});

test("a torn line and foreign text are skipped", () => {
  used.take("a", START);
  appendFileSync(join(directory, "used"), "b 18000\n\nx\nc d e 1\nb 1800000000000");
  restart();
  expect(used.take("a", START)).toBe(false);
  expect(used.take("b", START)).toBe(false);
  expect(used.take("c", START)).toBe(true);
});

test("the file stays small, and is complete after it was rewritten", () => {
  const perBurst = 5000;
  for (let burst = 0; burst < 20; burst++) {
    for (let i = 0; i < perBurst; i++) used.take(`ak_${i}`.padEnd(27, "0"), clock);
    pass(60_001);
  }
  const size = statSync(join(directory, "used")).size;
  expect(size).toBeLessThan(2 * (1 << 20));
  clock -= 60_001;
  restart();
  expect(used.take("ak_4999".padEnd(27, "0"), clock)).toBe(false);
});

test("a disk that refuses writes is logged once, and signatures are still taken only once", () => {
  rmSync(directory, { recursive: true });
  used.close();
  expect([used.take("a", START), used.take("a", START), used.take("a", START + 1)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(warnings).toEqual(["signature not kept"]);
  mkdirSync(directory);
  expect(used.take("a", START + 2)).toBe(true);
  restart();
  expect([used.take("a", START), used.take("a", START + 2)]).toEqual([false, false]);
});
