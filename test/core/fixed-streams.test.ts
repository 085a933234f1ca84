/**
 * The state after streams of earlier versions is what those had: 3,000 random commands each, as their fuzz drew them,
 * with the hash that they computed. Journals of exchanges that run hold such commands. `rules-1` is of 5ba3ffc, under
 * version 1 of the rules and with a pile of stops; the others are of b66203b, before version 1.
 */
import { expect, test } from "bun:test";
import { COMMAND_INTS } from "../../src/core/command.ts";
import { FUZZ_SYMBOLS } from "./fuzz/command-stream.ts";
import { hashRun } from "./recorded-stream.ts";
import { createTestCore } from "./test-core.ts";
import { validate } from "./validate.ts";

const COMMANDS = 3_000;
const core = createTestCore(FUZZ_SYMBOLS);

test.each([
  ["stream-1", "cca5a010262351a"],
  ["stream-2", "c70edd18bd4c4cc4"],
  ["stream-5", "214f52c513a973fa"],
  ["rules-1", "e5c5cdea6dbecd02"],
])("%s", async (name, state) => {
  const file = Bun.file(new URL(`fixtures/${name}.zst`, import.meta.url));
  const { buffer } = new Uint8Array(await Bun.zstdDecompress(await file.arrayBuffer()));
  const ints = new Int32Array(buffer);
  const doubles = new Float64Array(buffer);
  expect(ints.length).toBe(COMMANDS * COMMAND_INTS);
  for (const tickLength of [1, 16]) {
    core.reset();
    const run = hashRun(core, { ints, doubles, bytes: new Uint8Array(buffer) }, tickLength);
    expect(run.state).toBe(state);
    expect(validate(core)).toEqual([]);
  }
});
