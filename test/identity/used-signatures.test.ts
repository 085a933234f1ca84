import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsedSignatures } from "../../src/identity/used-signatures.ts";

const START = 1_800_000_000_000;

let directory: string;
let clock: number;
let warnings: string[];
let used: UsedSignatures;

const open = () =>
  UsedSignatures.open({
    path: join(directory, "used"),
    log: { warn: (_fields, message) => void warnings.push(message) },
    now: () => clock,
  });

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "waiver-used-"));
  clock = START;
  warnings = [];
  used = open();
});
afterEach(() => {
  used.close();
  rmSync(directory, { recursive: true, force: true });
});

/** As after a kill: nothing is closed first. */
function restart(): void {
  const before = used;
  used = open();
  before.close();
}

test("a signature is taken once for each key and timestamp, as long as the clock lets it in", () => {
  expect(used.take("a", START)).toBe(true);
  expect([used.take("a", START), used.take("b", START), used.take("a", START + 1)]).toEqual([
    false,
    true,
    true,
  ]);
  // A timestamp ahead of the clock counts until the clock is a window past it.
  expect(used.take("a", START + 5000)).toBe(true);
  clock = START + 10_000;
  expect(used.take("a", START + 5000)).toBe(false);
});

test("what was taken before a restart is not taken after it", () => {
  used.take("a", START);
  used.take("a", START - 5000);
  restart();
  expect([used.take("a", START), used.take("a", START + 1)]).toEqual([false, true]);
  clock += 4999;
  restart();
  expect([used.take("a", START), used.take("a", START + 1)]).toEqual([false, false]);
  expect(statSync(join(directory, "used")).mode & 0o777).toBe(0o600);
});

test("too old ones are forgotten, in memory and in the file", () => {
  for (let i = 0; i < 100; i++) used.take("a", START + i);
  clock = START + 10_100;
  used.take("b", clock);
  restart();
  expect(readFileSync(join(directory, "used"), "utf8")).toBe(`b ${clock}\n`);
});

test("the clock never goes back, neither while it runs nor over a restart", () => {
  used.take("a", START);
  clock = START - 3_600_000;
  expect(used.now()).toBe(START);
  expect(used.take("a", START)).toBe(false);
  restart();
  expect(used.now()).toBe(START - 5000);
  expect(used.take("a", START)).toBe(false);
});

test("a torn line and foreign text are passed over", () => {
  used.take("a", START);
  appendFileSync(join(directory, "used"), "b 18000\n\nx\nc d e 1\nb 1800000000000");
  restart();
  expect(used.take("a", START)).toBe(false);
  expect(used.take("b", START)).toBe(false);
  expect(used.take("c", START)).toBe(true);
});

test("the file stays small, and is whole after it was written anew", () => {
  const perBurst = 5000;
  for (let burst = 0; burst < 20; burst++) {
    for (let i = 0; i < perBurst; i++) used.take(`ak_${i}`.padEnd(27, "0"), clock);
    clock += 10_001;
  }
  const size = statSync(join(directory, "used")).size;
  expect(size).toBeLessThan(2 * (1 << 20));
  clock -= 10_001;
  restart();
  expect(used.take("ak_4999".padEnd(27, "0"), clock)).toBe(false);
});

test("a disk that takes nothing is told once, and signatures are still taken once", () => {
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
