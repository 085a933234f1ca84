import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownProgram } from "../../src/host/own-program.ts";
import { JournalCheck } from "../../src/persistence/journal-check.ts";
import { LocalPersistence } from "../../src/persistence/local.ts";
import { segmentName } from "../../src/persistence/wal/layout.ts";
import { makeBatches, write } from "./journals.ts";

const root = mkdtempSync(join(tmpdir(), "waiver-check-"));
afterAll(() => rmSync(root, { recursive: true }));

const PROGRAM = ownProgram("journal-check-worker");

/** A journal of four segments, and how many of them are sealed. */
async function journal(): Promise<{ walDir: string; through: number }> {
  const walDir = mkdtempSync(join(root, "wal-"));
  const backend = new LocalPersistence({ directory: walDir, segmentBytes: 1024 });
  backend.recover({ apply: () => {} });
  backend.open();
  await write(backend, makeBatches(Array(12).fill(1)));
  await backend.close();
  return { walDir, through: backend.sealedThrough() };
}

function open({ walDir, through }: { walDir: string; through: number }, pauseMs = 0) {
  const lines: [string, object][] = [];
  const say = (fields: object, message: string): void => void lines.push([message, fields]);
  const log = { info: say, warn: say, error: say };
  return { check: new JournalCheck({ walDir, through, program: PROGRAM, log, pauseMs }), lines };
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] as number) ^ 1;
  writeFileSync(path, bytes);
}

test("sound segments are reported in the log", async () => {
  const { check, lines } = open(await journal());
  await check.start();
  expect(check.reason()).toBeNull();
  expect(lines).toEqual([
    ["the sealed segments are sound", { segments: 4, milliseconds: expect.any(Number) }],
  ]);
});

test("one flipped byte is reported with its file and batch", async () => {
  const where = await journal();
  const file = join(where.walDir, segmentName(2));
  flip(file, 300);
  const { check, lines } = open(where);
  await check.start();
  const reason = "the batch does not match its hash";
  expect(check.reason()).toBe(`${file}: damaged at byte 128: ${reason}`);
  expect(lines).toEqual([
    [
      "a sealed segment is damaged; trading goes on",
      { file, offset: 128, reason, advice: expect.stringContaining("Nothing was changed.") },
    ],
  ]);
});

test("segments that retention has removed are not reported as missing", async () => {
  const where = await journal();
  for (const number of [1, 2]) rmSync(join(where.walDir, segmentName(number)));
  const { check, lines } = open(where);
  await check.start();
  expect(lines[0]).toEqual([
    "the sealed segments are sound",
    { segments: 2, milliseconds: expect.any(Number) },
  ]);
});

test("without a sealed segment there is nothing to check, and an interrupted check reports nothing", async () => {
  const nothing = open({ walDir: root, through: 0 });
  await nothing.check.start();
  const ended = open(await journal(), 60_000);
  const done = ended.check.start();
  ended.check.stop();
  await done;
  expect([nothing.lines, ended.lines, ended.check.reason()]).toEqual([[], [], null]);
});

test("a check that cannot run is reported", async () => {
  const { walDir, through } = await journal();
  const lines: string[] = [];
  const log = {
    info: () => {},
    warn: (_fields: object, message: string) => void lines.push(message),
    error: () => {},
  };
  const check = new JournalCheck({
    walDir,
    through,
    program: [process.execPath, "/not/there.ts"],
    log,
  });
  await check.start();
  expect([check.reason(), lines]).toEqual([null, ["the sealed segments were not verified"]]);
});
