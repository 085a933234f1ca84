/** Whoever finds a warning in the log finds it in the runbook too. */
import { expect, test } from "bun:test";

/** `log.warn(members, "text")`, and the like. */
const COMPLAINT = /\blog\s*\.(?:warn|error|fatal)\(\s*(?:[\w.]+|\{[^;]*?\}),\s*"([^"]+)"/gs;

const runbook = (await Bun.file("docs/RUNBOOK.md").text()).replaceAll(/\s+/g, " ");

const told = new Set<string>();
for (const file of new Bun.Glob("src/**/*.ts").scanSync(".")) {
  for (const [, text = ""] of (await Bun.file(file).text()).matchAll(COMPLAINT)) told.add(text);
}

test("warnings and errors are found in the sources", () => {
  expect(told.size).toBeGreaterThan(30);
});

test.each([...told])("docs/RUNBOOK.md says what to do about: %s", (text) => {
  // After these it is explained what came before.
  const [line = ""] = text.split(/[:;]/);
  expect(runbook).toContain(`\`${line}`);
});
