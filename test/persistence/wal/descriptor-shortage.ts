/**
 * A journal in a process that has no free file descriptor: `descriptor-shortage.ts DIRECTORY`. It lists the
 * directory, fills three segments, frees the descriptors, writes one more segment, and prints the results as
 * JSON.
 */

import { closeSync, openSync } from "node:fs";
import { isOutOfDescriptors } from "../../../src/host/descriptor-reserve.ts";
import { LocalPersistence } from "../../../src/persistence/local.ts";
import { diskFileSystem } from "../../../src/persistence/wal/file-system.ts";
import { makeBatches, write } from "../journals.ts";

const SEGMENT_BYTES = 4096;

const directory = process.argv[2] as string;
const backend = new LocalPersistence({ directory, segmentBytes: SEGMENT_BYTES });
backend.recover({ apply: () => {} });
backend.open();
const batches = makeBatches(Array(80).fill(2));
await write(backend, batches.slice(0, 1));
while (
  backend.trouble === null &&
  (await Bun.file(`${directory}/wal_000002.log`).exists()) === false
) {
  await new Promise((resolve) => setImmediate(resolve));
}

const taken: number[] = [];
try {
  for (;;) taken.push(openSync("/dev/null", "r"));
} catch (error) {
  if (!isOutOfDescriptors(error)) throw error;
}
const names = tried(() => diskFileSystem.list(directory).sort());
await write(backend, batches.slice(1, 60));
const during = { names, failure: backend.failure, rotated: backend.rotate() };
for (const descriptor of taken) closeSync(descriptor);
await write(backend, batches.slice(60));
await backend.close();
const answer = { ...during, sealed: backend.sealedThrough() > during.rotated };
process.stdout.write(JSON.stringify(answer));

/** What `call` returns, or the message of what it throws. */
function tried<T>(call: () => T): T | string {
  try {
    return call();
  } catch (error) {
    return (error as Error).message;
  }
}
