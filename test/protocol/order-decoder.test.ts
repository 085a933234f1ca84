import { describe, expect, test } from "bun:test";
import { decode } from "@msgpack/msgpack";
import fc from "fast-check";
import { checkParams } from "../../src/protocol/check.ts";
import { readEnvelope } from "../../src/protocol/envelope.ts";
import { decodeMessagePack, encodeMessagePack } from "../../src/protocol/message-pack.ts";
import { decodeOrderMsgpack } from "../../src/protocol/order-decoder.ts";
import {
  fillOrderRequest,
  type OrderMethodName,
  OrderRequest,
} from "../../src/protocol/order-request.ts";
import type { Params } from "../../src/protocol/schemas.ts";
import { shuffled, spoilt } from "./order-messages.ts";
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

describe("decodeOrderMsgpack", () => {
  test("takes what the general path takes, and reads the same", () => {
    let taken = 0;
    fc.assert(
      fc.property(shuffled, (request) => {
        const bytes = encodeMessagePack(request);
        const expected = general(bytes);
        const text = JSON.stringify(request);
        const isUsual = bytes.length <= 1024 && /^[\0-\x7f]*$/.test(text);
        if (isUsual && !text.includes("expire_at") && (expected?.symbolText ?? "") === "") {
          expect(hot(bytes)).toEqual(expected);
        } else {
          expectAgreement(bytes);
        }
        if (expected !== null) taken++;
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(500);
  });

  test("nulls for absent members change nothing", () => {
    const OPTIONAL = ["client_order_id", "account_id", "stop_price", "expire_at", "post_only"];
    fc.assert(
      fc.property(shuffled, fc.subarray(OPTIONAL), (request, names) => {
        const { method, params } = request as { method: string; params: object };
        if (method !== "order.place") return;
        const nulls = Object.fromEntries(names.map((member) => [member, null]));
        const bytes = encodeMessagePack({ ...request, params: { ...nulls, ...params } });
        const plain = encodeMessagePack(request);
        expect(general(bytes)).toEqual(general(plain));
        expectAgreement(bytes);
      }),
      { numRuns: 1000 },
    );
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

  test("a ticker is left to the general path, which keeps its text", () => {
    const params = { order_id: "ord_5", symbol: "PMAHOMES" };
    const bytes = encodeMessagePack({ method: "order.cancel", params });
    expect(hot(bytes)).toBeNull();
    expect(general(bytes)).toMatchObject({ order: 5, symbol: -2, symbolText: "PMAHOMES" });
  });

  test("a null is left to the general path, which takes it as absent", () => {
    const params = { order_id: "ord_5", client_order_id: null, price: 3, quantity: null };
    const bytes = encodeMessagePack({ id: null, method: "order.amend", params });
    expect(hot(bytes)).toBeNull();
    const withoutNulls = { method: "order.amend", params: { order_id: "ord_5", price: 3 } };
    expect<unknown>(general(bytes)).toEqual(hot(encodeMessagePack(withoutNulls)));
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
