import { expect, spyOn, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JOURNAL_END_FILE, JournalEnd, NOTED_EVERY_MS } from "../../src/persistence/journal-end.ts";
import { openRealExchange } from "../gateway/real-exchange.ts";
import { eventually } from "../lib/eventually.ts";

const EXCHANGE = "a".repeat(32);

test("a journal that ends before the recorded end is reported, but only for its own exchange", async () => {
  const dir = mkdtempSync(join(tmpdir(), "waiver-journal-end-"));
  try {
    const path = join(dir, JOURNAL_END_FILE);
    const faults: unknown[] = [];
    const open = (exchange = EXCHANGE) =>
      new JournalEnd({ path, exchange, onFault: (error) => faults.push(error) });
    expect(open().shortfall(0)).toBeNull();
    await open().note(7);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ exchange: EXCHANGE, tick: 7 });
    expect([7, 8].map((tick) => open().shortfall(tick))).toEqual([null, null]);
    expect(open().shortfall(6)).toStartWith("the journal ends with tick 6, and had tick 7");
    expect(open("b".repeat(32)).shortfall(6)).toBeNull();
    writeFileSync(path, "{");
    expect(open().shortfall(6)).toBeNull();
    expect(faults).toEqual([]);
    rmSync(dir, { recursive: true });
    await open().note(9);
    expect(faults).toEqual([expect.objectContaining({ code: "ENOENT" })]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test("a running exchange records the end of its journal, as far as it is durable", async () => {
  using timers = spyOn(globalThis, "setInterval");
  await using real = await openRealExchange();
  const [note] = timers.mock.calls.flatMap(([run, ms]) => (ms === NOTED_EVERY_MS ? [run] : []));
  const noted = () => JSON.parse(readFileSync(join(real.dataDir, JOURNAL_END_FILE), "utf8")).tick;
  const before = noted();
  const { tick } = await real.exchange.operations.state();
  await real.exchange.operations.createUser({ name: "Ann", cash: 5 });
  expect(noted()).toBe(before);
  note?.();
  await eventually(() => noted() > tick);
  expect(noted()).toBe((await real.exchange.operations.state()).tick);
});

test("an end that is not known to be durable is not recorded, and an unchanged one is not written again", async () => {
  const dir = mkdtempSync(join(tmpdir(), "waiver-journal-end-"));
  using timers = spyOn(globalThis, "setInterval");
  const path = join(dir, JOURNAL_END_FILE);
  const end = new JournalEnd({ path, exchange: EXCHANGE, onFault: () => undefined });
  let asked = 0;
  using _ = end.keepNoting(async () => {
    if (++asked === 2) throw new Error("storage failed");
    return 5;
  });
  const [[note]] = timers.mock.calls as unknown as [[() => void]];
  note();
  await eventually(() => existsSync(path));
  await end.note(5);
  const { ino } = statSync(path);
  for (let i = 0; i < 2; i++) note();
  await end.note(5);
  expect(statSync(path).ino).toBe(ino);
  await end.note(6);
  expect(JSON.parse(readFileSync(path, "utf8")).tick).toBe(6);
  rmSync(dir, { recursive: true });
});
