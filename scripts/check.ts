/**
 * `bun run check [--fast]`: everything that must hold before a change is done. Runs every step, three at a time and those
 * that mostly wait beside them, also after one that failed; says how each ended as it ends, what was skipped at the end,
 * and then the line "N passed, N failed": test cases, and each other step as one. Exits with 1 when anything failed.
 * `--fast` leaves out what takes longest: tests that start the exchange, long random ones, benches, the siege.
 * Otherwise it first compiles the exchange to one file, which the tests start in place of the sources.
 */
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readSkipped, readTestSummary, type TestCounts } from "./test-summary.ts";

interface Step {
  name: string;
  /** A script of package.json and its arguments. */
  command: readonly string[];
  /** It is a run of tests, which are counted one by one. */
  isTests?: boolean;
  /** It takes long: not with `--fast`. */
  isSlow?: boolean;
  /** It measures: nothing else runs meanwhile. */
  isAlone?: boolean;
  /** It mostly waits: it runs beside the others, in turn with the other steps that mostly wait. */
  isBeside?: boolean;
}

interface Ended {
  output: string;
  /** Null when it had to be killed. */
  exitCode: number | null;
  /** Of all its processes, except those that no process waited for. */
  processorSeconds: number;
}

/** Folders of tests that are steps of their own, the longest first. They are slow. */
const TEST_FOLDERS = [
  ...["integration", "web", "packaging", "persistence", "core", "crash"],
  ...["chaos", "compatibility", "simulation"],
];
/** Not slow, and one step: its tests parse the same files, which one process does once. */
const HOUSE = "house";
/**
 * Into how many steps test/integration is cut, and what is in no such folder. A process of tests keeps their tables, and
 * the longer it runs the longer the system takes to give it new ones: 131 files take 75 s of processors in one, 51 in ten.
 */
const INTEGRATION_PARTS = 6;
const OTHERS_PARTS = 6;

/** Ends a step that hangs. */
const STEP_TIME_MAX_MS = 20 * 60 * 1000;
/** How many steps run at once: one more than a small machine has processors, as each waits for disks and processes. */
const WORKERS = 3;
/**
 * How many of the steps that mostly wait run at once: one after the other they would take as long as all
 * others.
 */
const WAITERS = 2;
/** Longest output of a step that is shown although the step passed. */
const SHORT_OUTPUT_LINES = 3;

/** What `TESTED_PROGRAM` names in the environment of tests (test/integration/server-process.ts). */
const TESTED_PROGRAM = resolve("dist/tested/waiver");

const isFast = Bun.argv.includes("--fast");
const steps = allSteps().filter(({ isSlow }) => !isFast || !isSlow);
const total = { passed: 0, failed: 0, processorSeconds: 0 };
const skipped: string[] = [];
const started = performance.now();

/** For the environment of tests. */
const tested: { TESTED_PROGRAM?: string } = {};
const program: Step = { name: "one file", command: ["binary", "--out", TESTED_PROGRAM] };
if (!isFast && (await check(program))) tested.TESTED_PROGRAM = TESTED_PROGRAM;

const beside = steps.filter(({ isBeside }) => isBeside);
const together = steps.filter(({ isAlone, isBeside }) => !isAlone && !isBeside);
await Promise.all([
  ...Array.from({ length: WAITERS }, () => checkInTurn(beside)),
  ...Array.from({ length: WORKERS }, () => checkInTurn(together)),
]);
await checkInTurn(steps.filter(({ isAlone }) => isAlone));

if (skipped.length > 0) {
  console.log(`${skipped.length} skipped:`);
  for (const name of skipped) console.log(`  ${name}`);
}
if (isFast) console.log("left out by --fast: slow tests, benches and the siege");
const seconds = Math.round((performance.now() - started) / 1000);
console.log(`in ${seconds} s, ${Math.round(total.processorSeconds)} s of processors`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

/** The longest first, so that at the end no long one is left to run alone. */
function allSteps(): Step[] {
  const paths = filesOf("test/integration");
  const rest = readdirSync("test", { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && ![...TEST_FOLDERS, HOUSE].includes(entry.name))
    .flatMap(({ name }) => filesOf(`test/${name}`))
    .sort();
  const [, ...folders] = TEST_FOLDERS;
  return [
    // With the slash at the end: test/web alone would match test/webhooks, too.
    ...folders.map((folder) => testStep(folder, [`test/${folder}/`], true)),
    ...inParts("integration", paths, INTEGRATION_PARTS, true),
    // This tells only whether they run; the last step measures how fast the exchange is.
    { name: "benches", command: ["bench", "--short"], isSlow: true },
    ...inParts("the others", rest, OTHERS_PARTS, false),
    testStep(HOUSE, [`test/${HOUSE}/`], false),
    // Whether the exchange withstands it; how fast it is meanwhile does not count.
    { name: "siege", command: ["siege", "--short"], isSlow: true, isBeside: true },
    { name: "types", command: ["typecheck"] },
    { name: "format and lint", command: ["style"] },
    { name: "architecture", command: ["architecture"] },
    { name: "unused code", command: ["unused"] },
    { name: "speed", command: ["bench:guard"], isSlow: true, isAlone: true },
  ];
}

function filesOf(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const tests = names.filter((name) => name.endsWith(".test.ts")).sort();
  return tests.map((name) => `${folder}/${name}`);
}

/** Steps that take about as long as each other. */
function inParts(name: string, paths: readonly string[], parts: number, isSlow: boolean): Step[] {
  return Array.from({ length: parts }, (_, part) => {
    const ofPart = paths.filter((_path, i) => i % parts === part);
    return testStep(`${name} ${part + 1}`, ofPart, isSlow);
  });
}

function testStep(name: string, paths: readonly string[], isSlow: boolean): Step {
  const command = ["test", "--only-failures", ...paths];
  // They wait for networks that they break on purpose, for the disk, and for programs that they install.
  const isBeside = ["chaos", "persistence", "packaging"].includes(name);
  return { name: `tests: ${name}`, command, isTests: true, isSlow, isBeside };
}

async function checkInTurn(waiting: Step[]): Promise<void> {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await check(step);
}

/** Whether it passed. */
async function check(step: Step): Promise<boolean> {
  const begun = performance.now();
  const { output, exitCode, processorSeconds } = await run(step);
  const counts = step.isTests ? readTestSummary(output, exitCode) : countOne(exitCode);
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.processorSeconds += processorSeconds;
  const seconds = (performance.now() - begun) / 1000;
  const took = `${seconds.toFixed(1)} s, ${processorSeconds.toFixed(1)} s of processors`;
  report(step, counts, output, took);
  return counts.failed === 0;
}

/**
 * Runs a script of package.json to its end. What it prints goes through a file: a pipe would stay open as long as any
 * process it left behind.
 */
async function run({ command, isTests }: Step): Promise<Ended> {
  const dir = mkdtempSync(join(tmpdir(), "waiver-check-"));
  const path = join(dir, "output");
  const cases = join(dir, "cases.xml");
  const file = openSync(path, "w");
  const reporter = isTests ? ["--reporter=junit", `--reporter-outfile=${cases}`] : [];
  try {
    const child = Bun.spawn([process.execPath, "run", "--no-orphans", ...command, ...reporter], {
      env: { ...process.env, ...(isTests && tested) },
      stdio: ["ignore", file, file],
      timeout: STEP_TIME_MAX_MS,
      killSignal: "SIGKILL",
    });
    await child.exited;
    if (await Bun.file(cases).exists()) {
      skipped.push(...readSkipped(await Bun.file(cases).text()));
    }
    return {
      output: await Bun.file(path).text(),
      exitCode: child.exitCode,
      processorSeconds: Number(child.resourceUsage()?.cpuTime.total ?? 0) / 1e6,
    };
  } finally {
    closeSync(file);
    rmSync(dir, { recursive: true });
  }
}

function countOne(exitCode: number | null): TestCounts {
  const passed = exitCode === 0 ? 1 : 0;
  return { passed, failed: 1 - passed, skipped: 0 };
}

function report(step: Step, counts: TestCounts, output: string, took: string): void {
  const verdict = counts.failed === 0 ? "ok" : "FAILED";
  const cases = step.isTests
    ? `: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
    : "";
  console.log(`${step.name} ${verdict} (${took})${cases}`);
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  if (counts.failed > 0 || lines.length <= SHORT_OUTPUT_LINES) {
    for (const line of lines) console.log(`  ${line}`);
  }
}
