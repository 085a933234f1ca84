/**
 * Is loaded into the besieged server before its own code. Measures how long the thread works from one turn of a timer
 * to the next: an event that comes meanwhile has to wait that long. It measures processor time, so that other work on
 * the machine does not count. Writes a `LoopLine` to standard error ten times a second.
 */
import { ptr } from "bun:ffi";
import { writeSync } from "node:fs";
import { openCLibrary } from "../../src/host/c-library.ts";
import type { LoopLine } from "./plan.ts";
import { threadTime } from "./thread-time.ts";

const LOOK_EVERY_MS = 1;
const TELL_EVERY_MS = 100;
/** Shorter stretches are not reported. */
const STRETCH_MS_MIN = 0.5;
const STANDARD_ERROR = 2;

/** The clock of `clock_gettime(2)`. `process.threadCpuUsage` can be some milliseconds behind. */
const CLOCK_THREAD_CPUTIME_ID = 3;
const library = openCLibrary({ clock_gettime: { args: ["i32", "ptr"], returns: "i32" } });
const time = new BigInt64Array(2);
const timeAt = ptr(time);

let cpuMs = threadMs();
let toldCpuMs = cpuMs;
let toldAt = performance.now();
let waited = threadTime().waitedMs;
let stretches: number[] = [];

setInterval(look, LOOK_EVERY_MS).unref();

function look(): void {
  const before = cpuMs;
  cpuMs = threadMs();
  const stretch = cpuMs - before;
  if (stretch >= STRETCH_MS_MIN) stretches.push(Math.round(stretch * 100) / 100);
  const now = performance.now();
  if (now - toldAt >= TELL_EVERY_MS) tell(now);
}

function tell(now: number): void {
  const waitedBefore = waited;
  waited = threadTime().waitedMs;
  const line: LoopLine = {
    event: "loop",
    at: Date.now(),
    wallMs: now - toldAt,
    cpuMs: cpuMs - toldCpuMs,
    waitedMs: waited - waitedBefore,
    stretches,
  };
  toldAt = now;
  toldCpuMs = cpuMs;
  stretches = [];
  writeSync(STANDARD_ERROR, `${JSON.stringify(line)}\n`);
}

function threadMs(): number {
  if (library?.clock_gettime(CLOCK_THREAD_CPUTIME_ID, timeAt) === 0) {
    return Number(time[0]) * 1000 + Number(time[1]) / 1e6;
  }
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
