/**
 * Runs a random stream in its own process. Prints a hash of the bytes of every event, and the state hash.
 * Arguments: seed, commands, commands of a tick.
 */
import { FUZZ_SYMBOLS } from "./fuzz/command-stream.ts";
import { hashRun, recordStream } from "./recorded-stream.ts";
import { createTestCore } from "./test-core.ts";

const [seed = 0, count = 0, tickLength = 1] = process.argv.slice(2).map(Number);
process.stdout.write(
  JSON.stringify(hashRun(createTestCore(FUZZ_SYMBOLS), recordStream(seed, count), tickLength)),
);
