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

test("what takes longer than a second is shown, ten times a second, and then taken away", () => {
  const lines = seen(50);
  expect(lines.slice(0, 3)).toEqual([
    "",
    "verifying [############............]  50 % tick 20, 1 s",
    "verifying [#############...........]  55 % tick 22, 1 s",
  ]);
  expect(lines.slice(-2)).toEqual(["verifying [########################] 100 % tick 40, 2 s", ""]);
  expect(lines).toHaveLength(13);
});

test("what is over within a second is not shown, nor where nobody looks", () => {
  expect(seen(20)).toEqual([""]);
  expect(seen()).toEqual([""]);
});

test("a bar is taken away also where the work fails, so that its error stands on a line of its own", async () => {
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

test("who waits for an answer sees that he does, until it is there", async () => {
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
