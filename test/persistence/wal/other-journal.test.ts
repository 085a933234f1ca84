import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalPersistence } from "../../../src/persistence/local.ts";
import { makeBatch } from "../journals.ts";

const root = mkdtempSync(join(tmpdir(), "waiver-other-journal-"));
afterAll(() => rmSync(root, { recursive: true }));

/** An exchange whose journal has a batch, which was started and ended. */
async function run(dataDirectory: string, directory: string): Promise<void> {
  const backend = new LocalPersistence({ dataDirectory, directory, segmentBytes: 4096 });
  const { lastTick } = backend.recover({ apply: () => {} });
  backend.open();
  if (lastTick === 0) {
    const { batch, info } = makeBatch(1, 1, 1);
    backend.append(batch, info);
  }
  await backend.close();
}

test("a data directory with a journal of its own is refused while another one is configured", async () => {
  const backup = join(root, "backup");
  const elsewhere = join(root, "elsewhere");
  await run(join(root, "data"), elsewhere);
  await run(backup, join(backup, "wal"));
  await expect(run(backup, elsewhere)).rejects.toThrow(
    `there is a journal in ${join(backup, "wal")}, and persistence.local.wal_dir is ${elsewhere}`,
  );
  renameSync(join(backup, "wal"), join(root, "moved"));
  mkdirSync(join(backup, "wal"));
  await run(backup, elsewhere);
});

test("one journal under two names is one", async () => {
  const data = join(root, "linked");
  const elsewhere = join(root, "its-journal");
  mkdirSync(data);
  symlinkSync(elsewhere, join(data, "wal"));
  await run(data, elsewhere);
  await run(data, join(data, "wal"));
  await run(data, elsewhere);
});
