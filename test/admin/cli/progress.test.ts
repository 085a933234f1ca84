import { expect, test } from "bun:test";
import { ProgressBar, waiting, withBar } from "../../../src/admin/cli/progress.ts";
import { WrittenTerminal } from "./run-here.ts";

/** What a person sees of 40 steps, one each so many milliseconds. */
function seen(msPerLook?: number): string[] {
  const terminal = new WrittenTerminal(msPerLook === undefined ? {} : { msPerLook });
  const bar = new ProgressBar(terminal, "verifying");
  for (let i = 1; i <= 40; i++) bar.update(i, 40, `tick ${i}`);
  bar.end();
  return terminal.complaints.split("\r\x1b[K");
}

test("work of more than a second shows its progress ten times a second, and removes it at the end", () => {
  const lines = seen(50);
  expect(lines.slice(0, 3)).toEqual([
    "",
    "verifying [############............]  50 % tick 20, 1 s",
    "verifying [#############...........]  55 % tick 22, 1 s",
  ]);
  expect(lines.slice(-2)).toEqual(["verifying [########################] 100 % tick 40, 2 s", ""]);
  expect(lines).toHaveLength(13);
});

test("work of less than a second shows no progress, and nothing is shown without a terminal", () => {
  expect(seen(20)).toEqual([""]);
  expect(seen()).toEqual([""]);
});

test("the progress bar is removed also when the work fails, so that the error has its own line", async () => {
  const terminal = new WrittenTerminal({ msPerLook: 1000 });
  const failed = withBar(terminal, "replaying", (bar) => {
    bar.update(1, 4);
    throw new Error("damaged");
  });
  await expect(failed).rejects.toThrow("damaged");
  expect(terminal.complaints).toBe(
    "\r\x1b[Kreplaying [######..................]  25 % 1 s\r\x1b[K",
  );
});

test("a command that waits for an answer shows that it waits", async () => {
  const terminal = new WrittenTerminal({ msPerLook: 1000 });
  const answer = Promise.withResolvers<number>();
  const err = terminal.err.bind(terminal);
  terminal.err = (text) => {
    err(text);
    answer.resolve(5);
  };
  expect(await waiting(terminal, "waiting", answer.promise)).toBe(5);
  expect(terminal.complaints).toBe("\r\x1b[Kwaiting 1 s\r\x1b[K");
});
