/** The journal on a real file system that is full or read-only; needs the right to mount a tmpfs. */

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StorageFailedError } from "../../../src/persistence/backend.ts";
import { LocalPersistence } from "../../../src/persistence/local.ts";
import { readJournal } from "../../../src/persistence/wal/recovery.ts";
import { eventually } from "../../lib/eventually.ts";
import type { ReadBatch } from "../journals.ts";
import { asRead, copyOf, flush, makeBatch } from "../journals.ts";

const mountPoint = mkdtempSync(join(tmpdir(), "waiver-small-disk-"));
const mounted = mount("size=256k");
if (!mounted && Bun.env.CI !== undefined) throw new Error("a tmpfs cannot be mounted");
afterAll(() => {
  if (mounted) Bun.spawnSync(["umount", mountPoint]);
  rmSync(mountPoint, { recursive: true });
});

function mount(options: string): boolean {
  if (Bun.which("mount") === null) return false;
  const command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", mountPoint];
  return Bun.spawnSync(command, { stderr: "ignore" }).exitCode === 0;
}

describe.skipIf(!mounted)("a small disk (skipped where a tmpfs cannot be mounted)", () => {
  const directory = join(mountPoint, "wal");

  test("full: what was flushed is kept, what did not fit is refused", async () => {
    const backend = new LocalPersistence({ directory, segmentBytes: 32 * 1024 });
    backend.recover({ apply: () => {} });
    backend.open();
    const written: ReturnType<typeof makeBatch>[] = [];
    let refused: unknown = null;
    while (refused === null) {
      const next = makeBatch(written.length + 1, written.length * 50 + 1, 50);
      try {
        backend.append(next.batch, next.info);
        refused = await flush(backend);
        if (refused === null) written.push(next);
      } catch (error) {
        refused = error;
      }
    }
    expect(refused).toBeInstanceOf(StorageFailedError);
    expect((refused as Error).message).toContain(directory);
    await expect(backend.close()).rejects.toBe(refused as Error);
    const read: ReadBatch[] = [];
    readJournal(directory, (batch) => read.push(copyOf(batch)));
    expect(read.slice(0, written.length)).toEqual(asRead(written));
    expect(written.length).toBeGreaterThan(20);
  });

  test("read-only: refused for writing, readable for tools", async () => {
    // A writer's own copy of the descriptor is closed by another thread, a moment after `end`.
    await eventually(() => mount("remount,ro"));
    const backend = new LocalPersistence({ directory, segmentBytes: 32 * 1024 });
    expect(() => backend.recover({ apply: () => {} })).toThrow(StorageFailedError);
    expect(readJournal(directory, () => {}).report.batches).toBeGreaterThan(20);
  });
});
