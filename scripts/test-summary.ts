/** How many test cases passed, failed and were skipped. */
export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Reads the lines with which `bun test` ends (" 12 pass", " 1 fail", …). A file that could not be
 * loaded counts as one failed case. A run that executed no case, ended without these lines, or
 * exited with an error that they do not show, has failed: at least one case counts as such.
 */
export function readTestSummary(output: string, exitCode: number | null): TestCounts {
  // What a test prints may look the same; the summary stands after it.
  const last = [...output.matchAll(/^ *\d+ pass$/gm)].at(-1);
  const summary = output.slice(last?.index ?? output.length);
  const passed = countOf(summary, "pass");
  const failed = countOf(summary, "fail");
  const skipped = countOf(summary, "skip") + countOf(summary, "todo");
  const unexplained = failed === 0 && (exitCode !== 0 || passed === 0);
  return { passed, failed: unexplained ? 1 : failed, skipped };
}

function countOf(summary: string, word: string): number {
  return Number(new RegExp(`^ *(\\d+) ${word}$`, "m").exec(summary)?.[1] ?? 0);
}

/** The skipped cases of a run, from its JUnit report: file and name, which says why. */
export function readSkipped(report: string): string[] {
  const cases = report.matchAll(/<testcase ([^>]*)>\s*<skipped/g);
  return [...cases].map(([, attributes = ""]) => {
    const of = (name: string): string =>
      decode(new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
    return [of("file"), of("classname"), of("name")].filter((part) => part !== "").join(" > ");
  });
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

function decode(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}
