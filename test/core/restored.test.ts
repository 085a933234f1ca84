/** A core that is filled from another's stores goes on as that one does; so does one that was reset before. */
import { describe, expect, test } from "bun:test";
import { COMMAND_INTS } from "../../src/core/command.ts";
import { FUZZ_SYMBOLS } from "./fuzz/command-stream.ts";
import { createOrderFields } from "./read-events.ts";
import { hashRun, recordStream } from "./recorded-stream.ts";
import { createTestCore, type TestCore } from "./test-core.ts";
import { validate } from "./validate.ts";

const HALF = 1_500;
const before = createTestCore(FUZZ_SYMBOLS);
const after = createTestCore(FUZZ_SYMBOLS);

/** Fills a core that is empty with the state of another. */
function restore(from: TestCore, to: TestCore): void {
  // A store stands before the one that tells its extent, so all are filled to the extents of the other.
  from.stores.forEach(({ words, used }, i) => {
    to.stores[i]?.words.set(words.subarray(0, used()));
  });
  to.restored();
}

/** Every account's cash, shares and open orders, and every book. */
function seen({ view }: TestCore): object {
  const accounts = Array.from({ length: view.nextAccount() }, (_, account) => {
    const orders: object[] = [];
    const fields = createOrderFields();
    view.walkOpenOrders(account, 0, fields, () => orders.push({ ...fields }) > 0);
    const cash = [view.cashAvailable(account), view.cashReserved(account)];
    return { cash, holdings: view.holdings(account), orders };
  });
  const books = view.listedSymbols().map((symbol) => {
    const out = new Float64Array(2_000);
    return [0, 1].map((side) => [...out.subarray(0, 2 * view.depth(symbol, side, out, 1_000))]);
  });
  return { accounts, books };
}

describe.each([1, 2, 3])("stream %d", (seed) => {
  const records = recordStream(seed, 2 * HALF);
  const ints = (from: number, to: number): typeof records => {
    const bytes = records.bytes.slice(from * COMMAND_INTS * 4, to * COMMAND_INTS * 4);
    const { buffer } = bytes;
    return { bytes, ints: new Int32Array(buffer), doubles: new Float64Array(buffer) };
  };

  test("it has the same state, finds the same and does the same", () => {
    before.reset();
    after.reset();
    hashRun(before, ints(0, HALF), 16);
    restore(before, after);
    expect(validate(after)).toEqual([]);
    expect(after.stateHash()).toBe(before.stateHash());
    expect(seen(after)).toEqual(seen(before));
    const rest = ints(HALF, 2 * HALF);
    expect(hashRun(after, rest, 16)).toEqual(hashRun(before, rest, 16));
    expect(seen(after)).toEqual(seen(before));
  });
});
