import { afterEach, beforeEach, expect, test } from "bun:test";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CancelCause } from "../../src/core/command.ts";
import { ArmedCancels } from "../../src/trading/armed-cancels.ts";

const { DISCONNECT, DEAD_MANS_SWITCH } = CancelCause;

let directory: string;
let path: string;
let warnings: string[];
let armed: ArmedCancels;

const open = () =>
  ArmedCancels.open({
    path,
    log: { warn: (_fields, message) => void warnings.push(message) },
  });

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "waiver-armed-"));
  path = join(directory, "armed");
  warnings = [];
  armed = open();
});
afterEach(() => {
  armed.close();
  rmSync(directory, { recursive: true, force: true });
});

/** As after a kill: nothing is closed first. */
function restart(): void {
  const before = armed;
  armed = open();
  before.close();
}

test("what is armed is there after a kill, each account once for each cause", () => {
  armed.arm(DISCONNECT, 3, 7);
  armed.arm(DISCONNECT, 3, 8);
  armed.arm(DEAD_MANS_SWITCH, 3, 7);
  armed.arm(DISCONNECT, 4, 9);
  armed.disarm(DISCONNECT, 4);
  restart();
  const left = [
    { cause: DISCONNECT, account: 3, user: 7 },
    { cause: DEAD_MANS_SWITCH, account: 3, user: 7 },
  ];
  expect(armed.all()).toMatchObject(left);
  // Until it is done, whatever happens meanwhile.
  restart();
  expect(armed.all()).toMatchObject(left);
  armed.disarm(DISCONNECT, 3);
  armed.disarm(DEAD_MANS_SWITCH, 3);
  armed.disarm(DEAD_MANS_SWITCH, 3);
  restart();
  expect(armed.all()).toEqual([]);
});

test("an account is armed until all who asked for it have taken it back", () => {
  armed.arm(DISCONNECT, 3, 7);
  armed.arm(DISCONNECT, 3, 7);
  armed.disarm(DISCONNECT, 3);
  restart();
  expect(armed.all()).toMatchObject([{ cause: DISCONNECT, account: 3, user: 7 }]);
});

test("the file is the owner's alone, and written only when an account's state changes", () => {
  expect(statSync(path).mode & 0o777).toBe(0o600);
  armed.arm(DEAD_MANS_SWITCH, 3, 7);
  for (let i = 0; i < 10; i++) {
    armed.arm(DEAD_MANS_SWITCH, 3, 7);
    armed.disarm(DEAD_MANS_SWITCH, 3);
  }
  expect(readFileSync(path, "utf8")).toBe("+2 3 7\n");
});

test("it does not grow with what was taken back", () => {
  armed.arm(DISCONNECT, 1, 1);
  for (let i = 0; i < 150_000; i++) {
    armed.arm(DISCONNECT, 1234, 5678);
    armed.disarm(DISCONNECT, 1234);
  }
  expect(statSync(path).size).toBeLessThan(1_100_000);
  restart();
  expect(armed.all()).toMatchObject([{ cause: DISCONNECT, account: 1, user: 1 }]);
});

test("a line that is cut off counts for nothing, nor does a damaged one, which is told", () => {
  armed.arm(DISCONNECT, 3, 7);
  appendFileSync(path, "+1 4");
  restart();
  expect(armed.all()).toMatchObject([{ cause: DISCONNECT, account: 3, user: 7 }]);
  expect(warnings).toEqual([]);
  appendFileSync(path, "+7 5 5\n+1 5\n-1 3 7\n\0\0\0\nx\n+2 6 1\n");
  restart();
  expect(armed.all()).toMatchObject([
    { cause: DISCONNECT, account: 3, user: 7 },
    { cause: DEAD_MANS_SWITCH, account: 6, user: 1 },
  ]);
  expect(warnings).toEqual(["damaged lines were left out"]);
});

test("a disk that cannot be written is told of once, and what comes later is kept with the rest", () => {
  rmSync(directory, { recursive: true });
  armed.close();
  armed.arm(DISCONNECT, 3, 7);
  armed.arm(DISCONNECT, 4, 7);
  expect(warnings).toEqual(["cancels for a crash not kept"]);
  mkdirSync(directory);
  armed.arm(DISCONNECT, 5, 7);
  restart();
  expect(armed.all().map(({ account }) => account)).toEqual([3, 4, 5]);
});
