/** Answers each line with an empty object, and continues after its input has ended. */
import { jsonLines } from "../../bench/load/json-lines.ts";

setInterval(() => undefined, 1000);
for await (const _line of jsonLines(Bun.stdin.stream())) process.stdout.write("{}\n");
