import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JOURNAL_END_FILE, JournalEnd } from "../../src/persistence/journal-end.ts";

const EXCHANGE = "a".repeat(32);

test("a journal that ends before what was noted says so, and only for its own exchange", async () => {
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
