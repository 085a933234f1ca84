/**
 * `bun run check`: everything that must hold before a change is done. Runs every step, also after
 * one that failed, and ends with the line "N passed, N failed": test cases, and each other step as
 * one. Exits with 1 when anything failed.
 */
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTestSummary, type TestCounts } from "./test-summary.ts";

interface Step {
  name: string;
  /** A script of package.json and its arguments. */
  command: readonly string[];
  /** Counts what the step checked; without it the step is one check. */
  count?: (output: string, exitCode: number | null) => TestCounts;
}

const STEPS: readonly Step[] = [
  { name: "format", command: ["format:check"] },
  { name: "lint", command: ["lint"] },
  { name: "types", command: ["typecheck"] },
  { name: "architecture", command: ["architecture"] },
  { name: "unused code", command: ["unused"] },
  { name: "tests", command: ["test", "--only-failures"], count: readTestSummary },
  { name: "benches", command: ["bench", "--short"] },
];

/** Ends a step that hangs. */
const STEP_TIME_MAX_MS = 20 * 60 * 1000;
/** Longest output of a step that is shown although the step passed. */
const SHORT_OUTPUT_LINES = 3;

const total = { passed: 0, failed: 0 };
for (const step of STEPS) {
  const started = performance.now();
  const { output, exitCode } = await run(step.command);
  const counts = (step.count ?? countOne)(output, exitCode);
  total.passed += counts.passed;
  total.failed += counts.failed;
  report(step, counts, output, performance.now() - started);
}
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed === 0 ? 0 : 1);

/**
 * Runs a script of package.json to its end; its exit code is null when it had to be killed. What it
 * prints goes through a file: a pipe would stay open as long as any process it left behind.
 */
async function run(
  command: readonly string[],
): Promise<{ output: string; exitCode: number | null }> {
  const dir = mkdtempSync(join(tmpdir(), "waiver-check-"));
  const path = join(dir, "output");
  const file = openSync(path, "w");
  try {
    const child = Bun.spawn([process.execPath, "run", "--no-orphans", ...command], {
      stdio: ["ignore", file, file],
      timeout: STEP_TIME_MAX_MS,
      killSignal: "SIGKILL",
    });
    await child.exited;
    return { output: await Bun.file(path).text(), exitCode: child.exitCode };
  } finally {
    closeSync(file);
    rmSync(dir, { recursive: true });
  }
}

function countOne(_output: string, exitCode: number | null): TestCounts {
  const passed = exitCode === 0 ? 1 : 0;
  return { passed, failed: 1 - passed, skipped: 0 };
}

function report(step: Step, counts: TestCounts, output: string, durationMs: number): void {
  const verdict = counts.failed === 0 ? "ok" : "FAILED";
  const seconds = (durationMs / 1000).toFixed(1);
  const cases =
    step.count === undefined
      ? ""
      : `: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
  console.log(`${step.name} ${verdict} (${seconds} s)${cases}`);
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  if (counts.failed > 0 || lines.length <= SHORT_OUTPUT_LINES) {
    for (const line of lines) console.log(`  ${line}`);
  }
}
