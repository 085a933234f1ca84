/**
 * Ends the log's sink while a write waits for the stopped terminal. Then it opens a file, which may get the
 * terminal's descriptor. Exits with 0 if the write was given up, and with 1 if it was done.
 */
import { openSync } from "node:fs";
import { openLogSink } from "../../src/host/log-sink.ts";

const [path = ""] = process.argv.slice(2);
const sink = openLogSink(1);
for (;;) {
  const written = sink.write("ready\n");
  if (typeof written !== "number") {
    void sink.end();
    openSync(path, "w");
    const isLeft = await written.then(
      () => false,
      () => true,
    );
    process.exit(isLeft ? 0 : 1);
  }
  await new Promise((resolve) => setImmediate(resolve));
}
