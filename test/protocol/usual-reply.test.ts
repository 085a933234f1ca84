/** The flat writers of the usual answer, held to the object and its general encoding. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ANSWER_BYTES_MAX, bytes as memory } from "../../src/protocol/flat-writer.ts";
import { encodeMessagePack } from "../../src/protocol/message-pack.ts";
import { ORDER_STATUSES } from "../../src/protocol/names.ts";
import { ID_BYTES_MAX } from "../../src/protocol/order-request.ts";
import { OrderState, orderStateObject } from "../../src/protocol/order-state.ts";
import { putUsualJson } from "../../src/protocol/usual-reply-json.ts";
import { putUsualMessagePack } from "../../src/protocol/usual-reply-message-pack.ts";

const START = 5;
const FILLER = 0xee;
const utf8 = new TextEncoder();

const CODECS = {
  JSON: {
    write: putUsualJson,
    bytesOf: (message: unknown) => utf8.encode(JSON.stringify(message)),
  },
  MessagePack: { write: putUsualMessagePack, bytesOf: encodeMessagePack },
};

/** Few and many bits alike, and the ends of each width. */
const upTo = (max: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.nat(300),
    fc.integer({ min: 0, max }),
    fc.constantFrom(
      ...[127, 128, 255, 256, 9999, 10_000, 65_535, 65_536, 99_999_999, 100_000_000].filter(
        (n) => n <= max,
      ),
      max,
    ),
  );
const usual = fc
  .record({
    orderNumber: upTo(Number.MAX_SAFE_INTEGER),
    symbol: upTo(0x7fff_ffff),
    side: fc.nat(1),
    price: upTo(0x7fff_fffe).map((price) => price + 1),
    quantity: upTo(0x7fff_ffff),
    filled: fc.oneof(fc.constant(0), upTo(100_000)),
    cents: upTo(2 ** 33),
    rest: fc.double({ min: 0, max: 1, noNaN: true }),
    status: fc.nat(ORDER_STATUSES.length - 1),
    time: fc.constantFrom(1_640_995_200_000, 1_790_000_000_001, Number.MAX_SAFE_INTEGER, 7),
    tick: fc.constantFrom(1, 12_345, 2 ** 32, Number.MAX_SAFE_INTEGER),
  })
  .map(({ cents, rest, time, ...fields }) =>
    Object.assign(new OrderState(), fields, {
      notional: fields.filled * cents + Math.floor(rest * fields.filled),
      createdAt: time,
      timestamp: time,
    }),
  );
const id = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "binary", maxLength: 10 }),
  fc.maxSafeNat(),
);

describe.each(Object.entries(CODECS))("%s", (_name, { write, bytesOf }) => {
  test("the bytes are those of the object, wherever they are written", () => {
    fc.assert(
      fc.property(id, usual, (id, state) => {
        const idBytes = bytesOf(id);
        fc.pre(idBytes.length <= ID_BYTES_MAX);
        memory.fill(FILLER, 0, START);
        const ids = new Uint8Array(idBytes.length + 6);
        ids.set(idBytes, 3);
        const end = write(START, ids, 3, idBytes.length, state);
        expect(Buffer.from(memory.subarray(START, end)).toString("latin1")).toBe(
          Buffer.from(bytesOf({ id, result: orderStateObject(state) })).toString("latin1"),
        );
        expect([...memory.subarray(0, START)]).toEqual(new Array(START).fill(FILLER));
      }),
      { numRuns: 3000 },
    );
  });

  test("the longest has room", () => {
    const most = Number.MAX_SAFE_INTEGER;
    const state = Object.assign(new OrderState(), {
      ...{ orderNumber: most, symbol: 0x7fff_ffff, side: 1, price: 0x7fff_ffff },
      ...{ quantity: 0x7fff_ffff, filled: 7, notional: 7 * 0x7fff_ffff - 3 },
      ...{ status: ORDER_STATUSES.indexOf("PARTIALLY_FILLED"), createdAt: most, timestamp: most },
      tick: most,
    });
    const end = write(0, new Uint8Array(ID_BYTES_MAX), 0, ID_BYTES_MAX, state);
    expect(end).toBeGreaterThan(ID_BYTES_MAX);
    expect(end + 8).toBeLessThanOrEqual(ANSWER_BYTES_MAX);
  });

  test.each([
    { type: 1 },
    { timeInForce: 1 },
    { reason: 1 },
    { clientOrderId: "a" },
    { createdAt: 6 },
    { stopPrice: 1 },
    { expireAt: 1 },
    { postOnly: true },
    { duplicate: true },
    { price: 0 },
    { price: 2 ** 31 },
  ])("%p is not usual", (unusual) => {
    const plain = { price: 1, quantity: 1, createdAt: 7, timestamp: 7 };
    const ids = bytesOf(1);
    const state = Object.assign(new OrderState(), plain);
    expect(write(0, ids, 0, ids.length, state)).toBeGreaterThan(0);
    expect(write(0, ids, 0, 0, state)).toBe(-1);
    expect(write(0, ids, 0, ids.length, Object.assign(state, unusual))).toBe(-1);
  });
});
