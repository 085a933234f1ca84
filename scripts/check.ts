/**
 * `bun run check [--fast]`: everything that must hold before a change is done. Runs every step, two at a time and the
 * siege beside them, also after one that failed; says how each ended as it ends, what was skipped at the end, and then the line
 * "N passed, N failed": test cases, and each other step as one. Exits with 1 when anything failed. `--fast` leaves
 * out what takes longest: tests that start the exchange, long random ones, benches, the siege.
 */
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSkipped, readTestSummary, type TestCounts } from "./test-summary.ts";

interface Step {
  name: string;
  /** A script of package.json and its arguments. */
  command: readonly string[];
  /** It is a run of tests, each of which counts. */
  isTests?: boolean;
  /** It takes long: not with `--fast`. */
  isSlow?: boolean;
  /** It measures: nothing else runs meanwhile. */
  isAlone?: boolean;
  /** It waits more than it works: it runs beside the others from the start. */
  isBeside?: boolean;
}

/** Folders of tests that are a step of their own, the longest first, and whether they are slow. */
const TEST_FOLDERS: Readonly<Record<string, boolean>> = {
  integration: true,
  persistence: true,
  core: true,
  crash: true,
  web: true,
  chaos: true,
  simulation: true,
  compatibility: true,
  packaging: true,
};
/** Steps of test/integration, which takes longest. */
const INTEGRATION_PARTS = 3;

/** Ends a step that hangs. */
const STEP_TIME_MAX_MS = 20 * 60 * 1000;
/** How many steps run at once. */
const WORKERS = 2;
/** Longest output of a step that is shown although the step passed. */
const SHORT_OUTPUT_LINES = 3;

const isFast = Bun.argv.includes("--fast");
const steps = [...testSteps(), ...otherSteps()].filter(({ isSlow }) => !isFast || !isSlow);
const total = { passed: 0, failed: 0 };
const skipped: string[] = [];
const started = performance.now();

const together = steps.filter(({ isAlone, isBeside }) => !isAlone && !isBeside);
let next = 0;
await Promise.all([
  ...steps.filter(({ isBeside }) => isBeside).map(check),
  ...Array.from({ length: WORKERS }, async () => {
    for (let step = together[next++]; step !== undefined; step = together[next++]) {
      await check(step);
    }
  }),
]);
for (const step of steps.filter(({ isAlone }) => isAlone)) await check(step);

if (skipped.length > 0) {
  console.log(`${skipped.length} skipped:`);
  for (const name of skipped) console.log(`  ${name}`);
}
if (isFast) console.log("left out by --fast: slow tests, benches and the siege");
console.log(`in ${Math.round((performance.now() - started) / 1000)} s`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

function otherSteps(): Step[] {
  return [
    // Only whether they run: how fast the exchange is, the last step says.
    { name: "benches", command: ["bench", "--short"], isSlow: true },
    // Whether the exchange holds, but for how fast it is meanwhile.
    { name: "siege", command: ["siege", "--short"], isSlow: true, isBeside: true },
    { name: "types", command: ["typecheck"] },
    { name: "format", command: ["format:check"] },
    { name: "lint", command: ["lint"] },
    { name: "architecture", command: ["architecture"] },
    { name: "unused code", command: ["unused"] },
    { name: "speed", command: ["bench:guard"], isSlow: true, isAlone: true },
  ];
}

/** The tests, in steps that take about as long as each other. */
function testSteps(): Step[] {
  const step = (name: string, paths: readonly string[], isSlow: boolean): Step => ({
    name: `tests: ${name}`,
    command: ["test", "--only-failures", ...paths],
    isTests: true,
    isSlow,
  });
  const files = readdirSync("test/integration").filter((name) => name.endsWith(".test.ts"));
  const rest = readdirSync("test", { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !Object.hasOwn(TEST_FOLDERS, entry.name))
    .map(({ name }) => `test/${name}`);
  return [
    ...Array.from({ length: INTEGRATION_PARTS }, (_, part) => {
      const ofPart = files.filter((_, i) => i % INTEGRATION_PARTS === part);
      const paths = ofPart.map((name) => `test/integration/${name}`);
      return step(`integration ${part + 1}`, paths, true);
    }),
    ...Object.entries(TEST_FOLDERS)
      .filter(([folder]) => folder !== "integration")
      .map(([folder, isSlow]) => step(folder, [`test/${folder}`], isSlow)),
    step("the others", rest, false),
  ];
}

async function check(step: Step): Promise<void> {
  const begun = performance.now();
  const { output, exitCode } = await run(step);
  const counts = step.isTests ? readTestSummary(output, exitCode) : countOne(exitCode);
  total.passed += counts.passed;
  total.failed += counts.failed;
  report(step, counts, output, performance.now() - begun);
}

/**
 * Runs a script of package.json to its end; its exit code is null when it had to be killed. What it
 * prints goes through a file: a pipe would stay open as long as any process it left behind.
 */
async function run({
  command,
  isTests,
}: Step): Promise<{ output: string; exitCode: number | null }> {
  const dir = mkdtempSync(join(tmpdir(), "waiver-check-"));
  const path = join(dir, "output");
  const cases = join(dir, "cases.xml");
  const file = openSync(path, "w");
  const reporter = isTests ? ["--reporter=junit", `--reporter-outfile=${cases}`] : [];
  try {
    const child = Bun.spawn([process.execPath, "run", "--no-orphans", ...command, ...reporter], {
      stdio: ["ignore", file, file],
      timeout: STEP_TIME_MAX_MS,
      killSignal: "SIGKILL",
    });
    await child.exited;
    if (await Bun.file(cases).exists()) {
      skipped.push(...readSkipped(await Bun.file(cases).text()));
    }
    return { output: await Bun.file(path).text(), exitCode: child.exitCode };
  } finally {
    closeSync(file);
    rmSync(dir, { recursive: true });
  }
}

function countOne(exitCode: number | null): TestCounts {
  const passed = exitCode === 0 ? 1 : 0;
  return { passed, failed: 1 - passed, skipped: 0 };
}

function report(step: Step, counts: TestCounts, output: string, durationMs: number): void {
  const verdict = counts.failed === 0 ? "ok" : "FAILED";
  const seconds = (durationMs / 1000).toFixed(1);
  const cases = step.isTests
    ? `: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
    : "";
  console.log(`${step.name} ${verdict} (${seconds} s)${cases}`);
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  if (counts.failed > 0 || lines.length <= SHORT_OUTPUT_LINES) {
    for (const line of lines) console.log(`  ${line}`);
  }
}
