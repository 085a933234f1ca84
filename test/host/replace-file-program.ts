/**
 * Replaces a file in a process that has one free descriptor: `replace-file-program.ts FILE`. Prints the
 * logged messages and the file's content afterwards as JSON.
 */
import { closeSync, openSync, readFileSync } from "node:fs";
import { isOutOfDescriptors } from "../../src/host/descriptor-reserve.ts";
import { replaceFile } from "../../src/host/replace-file.ts";

const file = process.argv[2] as string;
// What they load is loaded.
await replaceFile(file, "old");

const taken: number[] = [];
try {
  for (;;) taken.push(openSync("/dev/null", "r"));
} catch (error) {
  if (!isOutOfDescriptors(error)) throw error;
}
closeSync(taken.pop() as number);
const told = await replaceFile(file, "new").then(
  () => "replaced",
  (error: NodeJS.ErrnoException) => error.code,
);
for (const descriptor of taken) closeSync(descriptor);
process.stdout.write(JSON.stringify({ told, there: readFileSync(file, "utf8") }));
