import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runStepsBeside } from "../../src/lib/steps.ts";
import { LocalPersistence } from "../../src/persistence/local.ts";
import { segmentName } from "../../src/persistence/wal/layout.ts";
import { asRead, copyOf, makeBatches, type ReadBatch, write } from "./journals.ts";

const root = mkdtempSync(join(tmpdir(), "waiver-steps-"));
afterAll(() => rmSync(root, { recursive: true }));

test("a recovery that is asked to end stops after its segment, changes nothing, and lets go of the journal", async () => {
  const directory = join(root, "wal");
  const batches = makeBatches(Array(12).fill(1));
  const writer = new LocalPersistence({ directory, segmentBytes: 1024 });
  writer.recover({ apply: () => {} });
  writer.open();
  await write(writer, batches);
  await writer.close();
  const files = await filesOf(directory);

  const end = new AbortController();
  const read: number[] = [];
  const left = new LocalPersistence({ directory, segmentBytes: 1024 });
  const steps = left.recoverInSteps({
    apply: ({ tick }) => read.push(tick),
    onProgress: ({ segment }) => {
      if (segment === 2) end.abort(new Error("asked to end"));
    },
  });
  await expect(runStepsBeside(steps, end.signal)).rejects.toThrow("asked to end");
  expect(read).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await filesOf(directory)).toEqual(files);

  const all: ReadBatch[] = [];
  const next = new LocalPersistence({ directory, segmentBytes: 1024 });
  await runStepsBeside(next.recoverInSteps({ apply: (batch) => all.push(copyOf(batch)) }));
  next.open();
  await next.close();
  expect(all).toEqual(asRead(batches));
});

/** The contents of all files but the lock. */
async function filesOf(directory: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const name of readdirSync(directory).sort()) {
    if (name === "lock") continue;
    hashes[name] = Bun.hash(await Bun.file(join(directory, name)).bytes()).toString(16);
  }
  expect(Object.keys(hashes)).toContain(segmentName(1));
  return hashes;
}
