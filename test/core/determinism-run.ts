/**
 * One run of a random stream, by itself in a process: prints a hash over the bytes of every event and the
 * state hash. Arguments: seed, commands, commands of a tick.
 */
import { createCore } from "../../src/core/core.ts";
import { FUZZ_SYMBOLS } from "./fuzz/command-stream.ts";
import { hashRun, recordStream } from "./recorded-stream.ts";

const [seed = 0, count = 0, tickLength = 1] = process.argv.slice(2).map(Number);
process.stdout.write(
  JSON.stringify(hashRun(createCore(FUZZ_SYMBOLS), recordStream(seed, count), tickLength)),
);
