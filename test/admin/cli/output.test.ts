import { expect, test } from "bun:test";
import { columns, date, fields, print } from "../../../src/admin/cli/output.ts";
import type { Program } from "../../../src/admin/cli/root-command.ts";
import { WrittenTerminal } from "./run-here.ts";

test("a time is printed as a date; a number that cannot be a date stays a number", () => {
  expect([date(0), date(8.64e15), date(8.64e15 + 1), date(null, "never")]).toEqual([
    "1970-01-01T00:00:00.000Z",
    "+275760-09-13T00:00:00.000Z",
    "8640000000000001",
    "never",
  ]);
});

test("a table wraps long text between words, and never breaks a word", () => {
  const words = Array.from({ length: 30 }, (_, i) => `word-${i}`);
  const secret = "s".repeat(90);
  for (const table of [
    fields({ reason: words.join(" "), secret, count: 5 }),
    columns(["reason", "secret"], [[words.join(" "), secret]]),
  ]) {
    expect(table).toContain(secret);
    const cells = table.split("\n").flatMap((line) => line.split("│").map((cell) => cell.trim()));
    const lines = cells.filter((cell) => cell.startsWith("word-"));
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.every((line) => line.length <= 72)).toBe(true);
    expect(lines.join(" ").split(" ")).toEqual(words);
  }
});

test("a table that is wider than the terminal becomes a list of names and values for each row", () => {
  const rows = [
    ["ann", "one\ntwo"],
    ["bob", "three"],
  ];
  const wide = columns(["name", "keys"], rows, 16);
  expect(wide.split("\n").map((line) => line.replaceAll(/ +/g, " "))).toEqual([
    "┌──────┬───────┐",
    "│ name │ keys │",
    "├──────┼───────┤",
    "│ ann │ one │",
    "│ │ two │",
    "│ bob │ three │",
    "└──────┴───────┘",
  ]);
  expect(columns(["name", "keys"], rows, 15).split("\n")).toEqual([
    ...["┌──────┬─────┐", "│ name │ ann │", "│ keys │ one │", "│      │ two │", "└──────┴─────┘"],
    ...["┌──────┬───────┐", "│ name │ bob   │", "│ keys │ three │", "└──────┴───────┘"],
  ]);
});

test("terminal control characters do not shift the columns of a table", () => {
  const name = "\u001b[31mred\u202e\u200b";
  const lines = columns(["name"], [[name], ["ann"]]).split("\n");
  expect(new Set(lines.map((line) => Bun.stringWidth(line))).size).toBe(1);
  expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test("text from others is printed without terminal control characters, and unchanged in JSON", () => {
  const terminal = new WrittenTerminal({});
  const program = { terminal, opts: () => options } as unknown as Program;
  const options = { json: false };
  const answer = { version: "\u001b[31mred\nnext\u202e", bun: "1" };
  print(program, "version", answer, ({ version }) => version);
  expect(terminal.written).toBe(" [31mred\nnext \n");
  terminal.written = "";
  options.json = true;
  print(program, "version", answer, () => "");
  expect(JSON.parse(terminal.written)).toEqual(answer);
});

test("an empty list is reported as empty", () => {
  expect(columns(["webhook", "account"], [], 80)).toBe("None.");
});
