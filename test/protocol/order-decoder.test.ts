import { describe, expect, test } from "bun:test";
import { decode } from "@msgpack/msgpack";
import fc from "fast-check";
import { checkParams } from "../../src/protocol/check.ts";
import { readEnvelope } from "../../src/protocol/envelope.ts";
import { decodeMessagePack, encodeMessagePack } from "../../src/protocol/message-pack.ts";
import { ORDER_TYPES, SELF_TRADE_MODES, SIDES, TIMES_IN_FORCE } from "../../src/protocol/names.ts";
import { decodeOrderMsgpack } from "../../src/protocol/order-decoder.ts";
import {
  fillOrderRequest,
  type OrderMethodName,
  OrderRequest,
} from "../../src/protocol/order-request.ts";
import type { Params } from "../../src/protocol/schemas.ts";
import { contentsOf } from "./request-contents.ts";

const HOT_METHODS = ["order.place", "order.cancel", "order.amend"];

/** What the hot decoder reads from `bytes`, or null when it leaves them to the general path. */
function hot(bytes: Uint8Array, length = bytes.length) {
  const request = new OrderRequest();
  if (!decodeOrderMsgpack(bytes, length, request)) return null;
  const { idLength, ...contents } = contentsOf(request);
  return {
    ...contents,
    id: idLength === 0 ? undefined : decode(request.idBytes.subarray(0, idLength)),
  };
}

/** What the general path reads from `bytes`, or null when it refuses them or another method is meant. */
function general(bytes: Uint8Array) {
  let message: unknown;
  try {
    message = decodeMessagePack(bytes);
  } catch {
    return null;
  }
  const envelope = readEnvelope(message);
  if ("error" in envelope || !HOT_METHODS.includes(envelope.method)) return null;
  const method = envelope.method as OrderMethodName;
  if (checkParams(method, envelope.params) !== null) return null;
  const request = new OrderRequest();
  fillOrderRequest(request, method, envelope.params as Params<typeof method>);
  const { idLength: _idLength, ...contents } = contentsOf(request);
  return { ...contents, id: envelope.id };
}

/** Both paths on the same bytes: where the hot one answers, it answers the same. */
function expectAgreement(bytes: Uint8Array): void {
  const fast = hot(bytes);
  if (fast !== null) expect<unknown>(general(bytes)).toEqual(fast);
}

const price = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 0x7fff_ffff }));
const name = (prefix: string) =>
  fc.oneof(
    fc.nat(5000).map((n) => `${prefix}${n}`),
    fc.maxSafeNat().map((n) => `${prefix}${n}`),
    fc.constantFrom(`${prefix}01`, `${prefix}+1`, `${prefix}`, "x", `${prefix}9007199254740993`),
  );
const clientOrderId = fc.stringMatching(/^[!#-[\]-~]{1,64}$/);
const id = fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.string({ maxLength: 64 }));

const limited = { type: fc.constantFrom("LIMIT", "STOP_LIMIT"), price };
const options = {
  time_in_force: fc.constantFrom(...TIMES_IN_FORCE),
  post_only: fc.boolean(),
  client_order_id: clientOrderId,
  account_id: name("acc_"),
  self_trade_prevention: fc.constantFrom(...SELF_TRADE_MODES),
  stop_price: price,
  expire_at: fc.maxSafeNat(),
};
const order = { symbol: name("SYMBOL_"), side: fc.constantFrom(...SIDES), quantity: price };
const needed = ["symbol", "side", "type", "quantity"] as const;

/** Mostly valid: the rules between fields are left to chance. */
const placeParams = fc.oneof(
  fc.record({ ...order, ...limited, ...options }, { requiredKeys: [...needed, "price"] }),
  fc.record(
    { ...order, type: fc.constantFrom(...ORDER_TYPES), price, ...options },
    { requiredKeys: [...needed] },
  ),
);
const cancelParams = fc.record(
  { order_id: name("ord_"), client_order_id: clientOrderId, symbol: name("SYMBOL_") },
  { requiredKeys: [] },
);
const amendParams = fc.record(
  { order_id: name("ord_"), client_order_id: clientOrderId, price, quantity: price },
  { requiredKeys: [] },
);
const message = fc
  .oneof(
    fc.record({ method: fc.constant("order.place"), params: placeParams }),
    fc.record({ method: fc.constant("order.cancel"), params: cancelParams }),
    fc.record({ method: fc.constant("order.amend"), params: amendParams }),
  )
  .chain((request) =>
    fc.record({ ...constants(request), id }, { requiredKeys: ["method", "params"] }),
  );

function constants(request: { method: string; params: object }) {
  return { method: fc.constant(request.method), params: fc.constant(request.params) };
}

/** The members of the message and of its params, in an order drawn by chance. */
const shuffled = message.chain((request) =>
  shuffledObject(request.params).chain((params) => shuffledObject({ ...request, params })),
);

function shuffledObject(object: object): fc.Arbitrary<object> {
  const entries = Object.entries(object);
  return fc
    .shuffledSubarray(entries, { minLength: entries.length })
    .map((mixed) => Object.fromEntries(mixed));
}

/** A place where a member's value or name is not what it should be. */
const spoilt = fc
  .tuple(
    shuffled,
    fc.constantFrom("price", "quantity", "side", "symbol", "order_id", "post_only", "extra"),
    fc.oneof(
      fc.constantFrom<unknown>(0, -1, -0, 1.5, 2 ** 31, 2 ** 53, "", "x".repeat(33), null, true),
      fc.anything({ maxDepth: 1 }),
    ),
  )
  .map(([request, member, value]) => {
    const params = (request as { params: object }).params;
    return { ...request, params: { ...params, [member]: value } };
  });

describe("decodeOrderMsgpack", () => {
  test("takes what the general path takes, and reads the same", () => {
    let taken = 0;
    fc.assert(
      fc.property(shuffled, (request) => {
        const bytes = encodeMessagePack(request);
        const expected = general(bytes);
        const isUsual = bytes.length <= 1024 && /^[\0-\x7f]*$/.test(JSON.stringify(request));
        if (isUsual && !JSON.stringify(request).includes("expire_at"))
          expect(hot(bytes)).toEqual(expected);
        else expectAgreement(bytes);
        if (expected !== null) taken++;
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  test("refuses what the general path refuses", () => {
    fc.assert(
      fc.property(spoilt, (request) => {
        expectAgreement(encodeMessagePack(jsonOnly(request)));
      }),
      { numRuns: 3000 },
    );
  });

  test("bytes changed by chance never throw, and mean the same on both paths", () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shuffled, flips, (request, changes) => {
        const bytes = encodeMessagePack(request);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        expectAgreement(bytes);
      }),
      { numRuns: 5000 },
    );
  });

  test("a message cut off is refused, whatever stands behind it", () => {
    fc.assert(
      fc.property(shuffled, fc.nat(), (request, cut) => {
        const bytes = encodeMessagePack(request);
        const length = cut % bytes.length;
        expect(hot(bytes, length)).toBeNull();
        expect(hot(bytes.slice(0, length))).toBeNull();
        expect(hot(bytes, bytes.length + 1)).toBeNull();
      }),
      { numRuns: 1000 },
    );
  });

  test("only the first `length` bytes count", () => {
    const bytes = encodeMessagePack({
      id: 1,
      method: "order.cancel",
      params: { order_id: "ord_5" },
    });
    const longer = new Uint8Array([...bytes, 0xc1, 0xc1]);
    expect(hot(longer)).toBeNull();
    expect(hot(longer, bytes.length)).toEqual(hot(bytes));
    expect(hot(bytes)).toMatchObject({ method: 2, order: 5, id: 1 });
  });
});

describe("forms of the same value:", () => {
  const integers: [string, number[]][] = [
    ["fixint", [0x05]],
    ["uint8", [0xcc, 0x05]],
    ["uint16", [0xcd, 0x00, 0x05]],
    ["uint32", [0xce, 0x00, 0x00, 0x00, 0x05]],
    ["uint64", [0xcf, 0, 0, 0, 0, 0, 0, 0, 0x05]],
    ["int8", [0xd0, 0x05]],
    ["int16", [0xd1, 0x00, 0x05]],
    ["int32", [0xd2, 0x00, 0x00, 0x00, 0x05]],
    ["int64", [0xd3, 0, 0, 0, 0, 0, 0, 0, 0x05]],
  ];

  test.each(integers)("%s", (_form, bytes) => {
    const amend = amendment(bytes, bytes);
    expect(hot(amend)).toEqual(general(amend));
    expect(hot(amend)).toMatchObject({ price: 5, id: 5 });
  });

  const negatives: [string, number[]][] = [
    ["negative fixint", [0xff]],
    ["int8", [0xd0, 0x80]],
    ["int16", [0xd1, 0xff, 0x00]],
    ["int32", [0xd2, 0xff, 0, 0, 0]],
    ["int64", [0xd3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ["uint64 beyond 53 bits", [0xcf, 0x00, 0x20, 0, 0, 0, 0, 0, 0]],
    ["uint64 of all bits", [0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
  ];

  test.each(negatives)("%s is no price and no id", (_form, bytes) => {
    expect(hot(amendment(bytes, [0x01]))).toBeNull();
    expect(hot(amendment([0x01], bytes))).toBeNull();
    expect(general(amendment([0x01], bytes))).toBeNull();
  });

  test("str8 in an id, float and bin: taken by one path or the other", () => {
    const long = [0xd9, 40, ...new Array<number>(40).fill(0x61)];
    expect(hot(amendment([0x05], long))).toMatchObject({ id: "a".repeat(40) });
    const float = [0xcb, 0x40, 0x14, 0, 0, 0, 0, 0, 0];
    expect(hot(amendment(float, [0x01]))).toBeNull();
    expect(general(amendment(float, [0x01]))).toMatchObject({ price: 5 });
    const bin = [0xc4, 1, 0x61];
    expect(hot(amendment([0x05], bin))).toBeNull();
    expect(general(amendment([0x05], bin))).toMatchObject({ id: "a" });
  });

  test("a repeated param is left to the general path", () => {
    const params = [0x83, ...text("order_id"), ...text("ord_5"), ...text("price"), 1];
    const bytes = new Uint8Array([
      ...[0x82, ...text("method"), ...text("order.amend")],
      ...[...text("params"), ...params, ...text("price"), 2],
    ]);
    expect(hot(bytes)).toBeNull();
    expect(general(bytes)).toMatchObject({ price: 2 });
  });

  test("repeated params are left to the general path", () => {
    const one = [...text("params"), 0x81, ...text("order_id"), ...text("ord_5")];
    const other = [...text("params"), 0x81, ...text("symbol"), ...text("SYMBOL_1")];
    const method = [...text("method"), ...text("order.cancel")];
    expect(hot(new Uint8Array([0x82, ...method, ...one]))).toMatchObject({ order: 5 });
    expect(hot(new Uint8Array([0x83, ...method, ...other, ...one]))).toBeNull();
  });

  test("an id beyond ASCII is left to the general path, which looks whether it is UTF-8", () => {
    expect(hot(amendment([0x05], [0xa2, 0xc3, 0xa9]))).toBeNull();
    expect(general(amendment([0x05], [0xa2, 0xc3, 0xa9]))).toMatchObject({ id: "é" });
    expect(hot(amendment([0x05], [0xa2, 0xc3, 0x28]))).toBeNull();
    expect(general(amendment([0x05], [0xa2, 0xc3, 0x28]))).toBeNull();
  });

  test("every character of a client order id is looked at", () => {
    for (let code = 0; code < 256; code++) {
      const client_order_id = `a${String.fromCharCode(code)}b`;
      const bytes = encodeMessagePack({ method: "order.cancel", params: { client_order_id } });
      expect([code, hot(bytes)]).toEqual([code, general(bytes)]);
    }
  });

  /** An amendment with the given bytes for its price and its id. */
  function amendment(priceBytes: number[], idBytes: number[]): Uint8Array {
    return new Uint8Array([
      ...[0x83, ...text("id"), ...idBytes],
      ...[...text("method"), ...text("order.amend")],
      ...[...text("params"), 0x82, ...text("order_id"), ...text("ord_5")],
      ...[...text("price"), ...priceBytes],
    ]);
  }
});

function text(ascii: string): number[] {
  return [0xa0 | ascii.length, ...new TextEncoder().encode(ascii)];
}

/** What is left of a value in JSON: the library cannot encode functions, symbols or large integers. */
function jsonOnly(value: unknown): unknown {
  const plain = (_key: string, member: unknown) =>
    typeof member === "bigint" ? String(member) : member;
  return JSON.parse(JSON.stringify(value, plain));
}
