/** What is read ahead changes nothing, whatever the records hold. */
import { expect, test } from "bun:test";
import {
  C_ACCOUNT,
  C_ORDER_SLOT,
  C_PRICE,
  C_SYMBOL,
  COMMAND_INTS,
} from "../../src/core/command.ts";
import type { Records } from "./command-builder.ts";
import { FUZZ_SYMBOLS } from "./fuzz/command-stream.ts";
import { hashRun, recordStream } from "./recorded-stream.ts";
import { createTestCore, type TestCore } from "./test-core.ts";

const COMMANDS = 4_000;
const ALWAYS = { readAheadOrders: 0, readAheadIds: 0 };
const records = recordStream(5, COMMANDS);

/** The events of one tick and the state after it. */
function outcome(core: TestCore, apply: () => void): object {
  core.beginTick(1);
  apply();
  core.endTick();
  const events = Bun.hash(core.eventBuffer.ints.slice(0, core.events.end()));
  return { events, state: core.stateHash() };
}

function applyEach(core: TestCore, { ints, doubles }: Records): object {
  return outcome(core, () => {
    for (let i = 0; i < ints.length / COMMAND_INTS; i++) core.apply(ints, doubles, i);
  });
}

function applyTogether(core: TestCore, { ints, doubles }: Records): object {
  return outcome(core, () => core.applyAll(ints, doubles, 0, ints.length / COMMAND_INTS));
}

function wild(field: number): Records {
  const ints = records.ints.slice();
  for (let i = 0; i < COMMANDS; i++) {
    if (i % 3 === 0) ints[i * COMMAND_INTS + field] = WILD[(i / 3) % WILD.length] ?? 0;
  }
  return { bytes: new Uint8Array(ints.buffer), ints, doubles: new Float64Array(ints.buffer) };
}

const WILD = [-(2 ** 31), -1, 0, 1, 7, 1 << 17, 1 << 21, 2 ** 31 - 1];

test.each([
  ["as they are", records],
  ["wild order slots", wild(C_ORDER_SLOT)],
  ["wild accounts", wild(C_ACCOUNT)],
  ["wild symbols", wild(C_SYMBOL)],
  ["wild prices", wild(C_PRICE)],
])("records with %s do the same one by one and read ahead", (_, run) => {
  const alone = applyEach(createTestCore(FUZZ_SYMBOLS), run);
  expect(applyTogether(createTestCore(FUZZ_SYMBOLS), run)).toEqual(alone);
  expect(applyTogether(createTestCore(FUZZ_SYMBOLS, ALWAYS), run)).toEqual(alone);
});

test("many commands of one tick are read ahead in parts, and a part can be applied by itself", () => {
  const core = createTestCore(FUZZ_SYMBOLS, ALWAYS);
  core.beginTick(1);
  core.applyAll(records.ints, records.doubles, 0, 33);
  core.applyAll(records.ints, records.doubles, 33, 33);
  core.applyAll(records.ints, records.doubles, 33, 100);
  const other = createTestCore(FUZZ_SYMBOLS);
  other.beginTick(1);
  for (let i = 0; i < 100; i++) other.apply(records.ints, records.doubles, i);
  expect(core.stateHash()).toBe(other.stateHash());
  expect(hashRun(core, records, 64)).toEqual(hashRun(other, records, 64));
});
