import { expect, test } from "bun:test";
import { wrapped } from "../../../src/admin/cli/commands/status.ts";

test("a reason is wrapped between words, and cut if it is longer than its lines", () => {
  const words = Array.from({ length: 30 }, (_, i) => `word-${i}`);
  const text = words.join(" ");
  const whole = wrapped(text, 9);
  expect(whole.every((line) => line.startsWith("  word-") && line.length <= 80)).toBe(true);
  expect(whole.map((line) => line.trim()).join(" ")).toBe(text);
  const cut = wrapped(text, 2);
  expect(cut).toEqual([whole[0], `${whole[1]?.slice(0, 79)}…`] as string[]);
  expect(wrapped("x".repeat(200), 2)).toEqual([`  ${"x".repeat(78)}`, `  ${"x".repeat(77)}…`]);
  expect(wrapped("short", 1, "")).toEqual(["short"]);
  expect(wrapped("", 1, "")).toEqual([""]);
});
