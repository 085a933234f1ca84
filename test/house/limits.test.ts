import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The table of ARCHITECTURE.md of the limits in the code: names, file, value, and what happens at the limit. */
const page = readFileSync("ARCHITECTURE.md", "utf8");
const rows = page
  .slice(page.indexOf("\nIn the code:\n"), page.indexOf("\nMemory for the core's tables"))
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter((cells) => cells.length === 6 && cells[1]?.startsWith("`"))
  .map(([, names = "", file = "", value = ""]) => ({
    names: [...names.matchAll(/`([A-Z0-9_]+)`/g)].map(([, name = ""]) => name),
    file: file.replaceAll("`", ""),
    value,
  }));

test("there is a table", () => {
  expect(rows.length).toBeGreaterThan(20);
});

test.each(rows)("$names in $file", ({ names, file, value }) => {
  const path = join("src", file);
  expect(existsSync(path)).toBe(true);
  const source = readFileSync(path, "utf8");
  for (const name of names) {
    const number = numberOf(source, name);
    // What is made of other constants is not worked out here; that it is there is.
    if (number === null) expect(source).toMatch(new RegExp(`const ${name}\\b`));
    else expect(wordsFor(number).some((word) => value.includes(word))).toBe(true);
  }
});

/** The number that a constant is given in a source, by digits and operators alone; null when it has others. */
function numberOf(source: string, name: string): number | null {
  const text = new RegExp(`const ${name}(?:: [^=]+)? = ([^;]+);`).exec(source)?.[1] ?? "";
  if (!/^[\d_\s*+\-<>().x a-f]+$/.test(text)) return null;
  return Number(new Function(`return ${text};`)());
}

/** How a table may write it. */
function wordsFor(number: number): string[] {
  const words = [number.toLocaleString("en-US"), String(number)];
  for (const [i, unit] of ["KiB", "MiB", "GiB"].entries()) {
    words.push(`${number / 1024 ** (i + 1)} ${unit}`);
  }
  const power = Math.log2(number + 1);
  if (Number.isInteger(power)) words.push(`2^${power} - 1`);
  words.push(`${number / 1000} s`, `${number / 60_000} minutes`);
  return words;
}
