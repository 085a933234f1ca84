/**
 * A journal in a process that has used up its descriptors: `descriptor-shortage.ts DIRECTORY`. Writes three segments
 * full, gives the descriptors back, writes one more, and prints what became of it as JSON.
 */

import { closeSync, openSync } from "node:fs";
import { isOutOfDescriptors } from "../../../src/host/descriptor-reserve.ts";
import { LocalPersistence } from "../../../src/persistence/local.ts";
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
await write(backend, batches.slice(1, 60));
const during = { failure: backend.failure, rotated: backend.rotate() };
for (const descriptor of taken) closeSync(descriptor);
await write(backend, batches.slice(60));
await backend.close();
const answer = { ...during, sealed: backend.sealedThrough() > during.rotated };
process.stdout.write(JSON.stringify(answer));
