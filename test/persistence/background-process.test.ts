import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { AuditPages } from "../../src/admin/audit/audit-pages.ts";
import { runSnapshotProcess } from "../../src/housekeeping/snapshot-process.ts";
import type { SnapshotRequest } from "../../src/housekeeping/snapshot-request.ts";
import { startBackgroundProcess } from "../../src/persistence/background-process.ts";
import { eventually } from "../lib/eventually.ts";

/** A program that prints the scheduling of each of its threads, once the compiler's and a worker's are there. */
const PROGRAM = `
const { readdirSync, readFileSync } = require("node:fs");
const worker = new Worker(URL.createObjectURL(new Blob(["postMessage(0); setInterval(() => {}, 1000)"])));
worker.onmessage = () => {
  // The name in brackets may have spaces; of what follows, nice is the 17th and the policy the 39th.
  const fields = (thread) =>
    readFileSync("/proc/self/task/" + thread + "/stat", "utf8").split(") ").pop().split(" ");
  const threads = readdirSync("/proc/self/task").map(fields);
  const priorities = threads.map((stat) => ({ nice: Number(stat[16]), policy: Number(stat[38]) }));
  console.log(JSON.stringify(priorities));
  process.exit(0);
};
`;

/** What a thread has that nobody lowered, and one behind the exchange, on this machine. */
const SCHED_OTHER = 0;
const SCHED_IDLE = 5;
const USUAL = { nice: getPriority(), policy: SCHED_OTHER };

const BEHIND =
  Bun.which("chrt") === null ? { ...USUAL, nice: 19 } : { ...USUAL, policy: SCHED_IDLE };

let dir: string;
let program: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "background-"));
  program = join(dir, "program.ts");
  await Bun.write(program, PROGRAM);
});
afterAll(() => rmSync(dir, { recursive: true }));

const { signal } = new AbortController();
const request = (pauseMs: number): SnapshotRequest => ({
  walDir: "wal",
  snapshotDir: "snapshots",
  symbolsMax: 8,
  through: 1,
  pauseMs,
});

/** Several threads, and all of them with that priority. */
function expectAll(threads: unknown, priority: object): void {
  const list = threads as unknown[];
  expect(list.length).toBeGreaterThan(2);
  expect(list).toEqual(list.map(() => priority));
}

test("every thread of a snapshot's process gives way", async () => {
  expectAll(await runSnapshotProcess([process.execPath, program], request(25), signal), BEHIND);
});

test("the last snapshot, which is waited for, does not", async () => {
  expectAll(await runSnapshotProcess([process.execPath, program], request(0), signal), USUAL);
});

test("every thread of the audit's process gives way", async () => {
  const pages = new AuditPages({
    command: [process.execPath, program],
    dataDir: "data",
    source: { walDir: "wal", snapshotDir: "snapshots", symbolsMax: 8 },
    durableTick: async () => 1,
  });
  const { entries } = JSON.parse(await pages.page(1, 5, signal));
  expectAll(entries[0], BEHIND);
});

test("it is killed by its signal, and finds nothing of the exchange's in its environment", async () => {
  const ending = new AbortController();
  const script = "console.log(JSON.stringify(process.env)); setInterval(() => {}, 1000)";
  const child = startBackgroundProcess([process.execPath, "-e", script], {
    env: { ONLY: "this" },
    signal: ending.signal,
  });
  const { value } = await child.stdout.getReader().read();
  expect(JSON.parse(new TextDecoder().decode(value))).toEqual({
    BUN_OPTIONS: "--no-orphans",
    // Bun's own, of that option.
    BUN_FEATURE_FLAG_NO_ORPHANS: "1",
    ONLY: "this",
  });
  ending.abort();
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
});

/** Starts a process behind itself, stops it, prints its id, and is killed. */
const KILLED = `
import { startBackgroundProcess } from "${join(import.meta.dir, "../../src/persistence/background-process.ts")}";
const command = [process.execPath, "-e", "console.log(1); setInterval(() => {}, 1000)"];
const { signal } = new AbortController();
const child = startBackgroundProcess(command, { env: {}, signal });
for await (const _ of child.stdout) break;
child.kill("SIGSTOP");
console.log(child.pid);
process.kill(process.pid, "SIGKILL");
`;

test.if(process.platform === "linux")(
  "it ends with the exchange that started it, also when the exchange is killed and it is stopped itself",
  async () => {
    const file = join(dir, "killed.ts");
    await Bun.write(file, KILLED);
    const exchange = Bun.spawn([process.execPath, file], { stdout: "pipe" });
    const pid = Number(await new Response(exchange.stdout).text());
    expect(pid).toBeGreaterThan(0);
    // A process that has ended is there until its new parent has looked.
    const state = () =>
      Bun.file(`/proc/${pid}/stat`)
        .text()
        .catch(() => ") Z");
    await eventually(async () => /\) [ZX]/.test(await state()));
  },
);
