import { describe, expect, test } from "bun:test";
import { COMMAND_INTS } from "../../src/core/command.ts";
import { FUZZ_SYMBOLS } from "./fuzz/command-stream.ts";
import { hashRun, type RunHashes, recordStream } from "./recorded-stream.ts";
import { createTestCore } from "./test-core.ts";

const COMMANDS = 5_000;
const core = createTestCore(FUZZ_SYMBOLS);
const EMPTY = createTestCore(FUZZ_SYMBOLS).stateHash();

describe.each([1, 2, 3])("stream %d", (seed) => {
  const records = recordStream(seed, COMMANDS);

  test("the events and the state are the same, however the commands are divided into ticks", () => {
    const hashes = [1, 2, 7, 1_024, COMMANDS].map((tickLength) => {
      core.reset();
      const { told, state } = hashRun(core, records, tickLength);
      return { told, state };
    });
    expect(hashes).toEqual(hashes.map(() => hashes[0]));
  });

  test("after a reset the core is like new, and the same run gives the same result", () => {
    core.reset();
    const first = hashRun(core, records, 16);
    core.reset();
    expect(core.stateHash()).toBe(EMPTY);
    const { events, view } = core;
    expect([view.tick(), view.sequence(), view.trades(), events.end()]).toEqual([0, 0, 0, 0]);
    expect(hashRun(core, records, 16)).toEqual(first);
    expect(hashRun(createTestCore(FUZZ_SYMBOLS), records, 16)).toEqual(first);
  });

  test("every record counts: with one command less the state is different", () => {
    core.reset();
    const whole = hashRun(core, records, 16);
    core.reset();
    const shorter = { ...records, ints: records.ints.slice(0, -COMMAND_INTS) };
    expect(hashRun(core, shorter, 16).state).not.toBe(whole.state);
  });
});

test("another process produces the same event bytes and the same state", async () => {
  const run = async (): Promise<RunHashes> => {
    const script = Bun.fileURLToPath(new URL("./determinism-run.ts", import.meta.url));
    await using child = Bun.spawn([process.execPath, script, "4", String(COMMANDS), "16"], {
      stdout: "pipe",
      stderr: "inherit",
    });
    const [text, code] = await Promise.all([child.stdout.text(), child.exited]);
    expect(code).toBe(0);
    return JSON.parse(text);
  };
  core.reset();
  const here = hashRun(core, recordStream(4, COMMANDS), 16);
  expect(await Promise.all([run(), run()])).toEqual([here, here]);
});
