/**
 * Loaded into the besieged server before anything else: how long its thread works between one chance of a timer and the
 * next, which is what whoever comes meanwhile has to wait. It is the processor's time, not the clock's, so that what
 * others on the machine take is not in it. Writes a `LoopLine` to standard error ten times a second.
 */
import { readFileSync, writeSync } from "node:fs";
import type { LoopLine } from "./plan.ts";

const LOOK_EVERY_MS = 1;
const TELL_EVERY_MS = 100;
/** Shorter stretches are not told. */
const STRETCH_MS_MIN = 0.5;
const STANDARD_ERROR = 2;

let cpuMs = threadMs();
let toldCpuMs = cpuMs;
let toldAt = performance.now();
let waited = waitedMs();
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
  waited = waitedMs();
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
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds that this thread could have run and did not get a processor; 0 where the system does not say. */
function waitedMs(): number {
  try {
    return Number(readFileSync("/proc/thread-self/schedstat", "latin1").split(" ")[1]) / 1e6;
  } catch {
    return 0;
  }
}
