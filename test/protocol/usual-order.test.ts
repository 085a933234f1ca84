/** The flat readers of the usual order, held to the general path. The slower hot decoders have no part in this. */
import { describe, expect, test } from "bun:test";
import { decode, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { textInto } from "../../src/lib/text-into.ts";
import { checkParams } from "../../src/protocol/check.ts";
import { readEnvelope } from "../../src/protocol/envelope.ts";
import { JsonReader } from "../../src/protocol/json-reader.ts";
import { decodeMessagePack } from "../../src/protocol/message-pack.ts";
import { MessagePackReader } from "../../src/protocol/message-pack-reader.ts";
import { fillOrderRequest, OrderRequest } from "../../src/protocol/order-request.ts";
import type { Params } from "../../src/protocol/schemas.ts";
import { createUsualJsonReader } from "../../src/protocol/usual-order-json.ts";
import { createUsualMessagePackReader } from "../../src/protocol/usual-order-message-pack.ts";
import { contentsOf } from "./request-contents.ts";

const CLEAR = contentsOf(new OrderRequest());
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** What one encoding's reader and general path make of bytes: the request with its id, or null. */
interface Codec {
  bytesOf(message: object): Uint8Array;
  usual(bytes: Uint8Array): object | null;
  parse(bytes: Uint8Array): unknown;
}

function codec(
  bytesOf: Codec["bytesOf"],
  parse: Codec["parse"],
  load: (bytes: Uint8Array) => boolean,
  read: (length: number, request: OrderRequest) => boolean,
): Codec {
  return {
    bytesOf,
    parse,
    usual(bytes) {
      const request = new OrderRequest();
      if (!load(bytes)) return null;
      if (!read(bytes.length, request)) {
        expect(contentsOf(request)).toEqual(CLEAR);
        return null;
      }
      const { idLength, ...contents } = contentsOf(request);
      return { ...contents, id: parse(request.idBytes.slice(0, idLength)) };
    },
  };
}

const json = new JsonReader(textInto);
const messagePack = new MessagePackReader();
const CODECS = {
  JSON: codec(
    (message) => utf8.encode(JSON.stringify(message)),
    (bytes) => JSON.parse(fromUtf8.decode(bytes)),
    (bytes) => json.loadText(fromUtf8.decode(bytes)),
    createUsualJsonReader(json),
  ),
  MessagePack: codec(
    (message) => encode(message),
    decode,
    (bytes) => messagePack.load(bytes, bytes.length),
    createUsualMessagePackReader(messagePack),
  ),
};

function general(bytes: Uint8Array, isJson: boolean): object | null {
  let message: unknown;
  try {
    message = isJson ? JSON.parse(fromUtf8.decode(bytes)) : decodeMessagePack(bytes);
  } catch {
    return null;
  }
  const envelope = readEnvelope(message);
  if ("error" in envelope || envelope.method !== "order.place") return null;
  if (checkParams("order.place", envelope.params) !== null) return null;
  const request = new OrderRequest();
  fillOrderRequest(request, "order.place", envelope.params as Params<"order.place">);
  const { idLength: _idLength, ...contents } = contentsOf(request);
  return { ...contents, id: envelope.id };
}

const whole = (max: number) => fc.oneof(fc.nat(300), fc.nat(70_000), fc.nat(max));
const params = fc
  .record({
    symbol: whole(5_000_000).map((n) => `SYMBOL_${n}`),
    side: fc.constantFrom("BUY", "SELL"),
    type: fc.constant("LIMIT"),
    quantity: whole(1_000_000).map((n) => n + 1),
    price: whole(99_999_998).map((n) => n + 1),
  })
  .chain((each) =>
    fc
      .shuffledSubarray(Object.entries(each), { minLength: 5 })
      .map((entries) => Object.fromEntries(entries)),
  );
const id = fc.oneof(fc.nat(300), fc.nat(0xffff_ffff), fc.stringMatching(/^[ !#-[\]-~]{0,31}$/));
const usualRequest = fc.record({ id, params }).map(({ id, params }) => ({
  id,
  method: "order.place",
  params,
}));

describe.each(["JSON", "MessagePack"] as const)("the usual order in %s", (name) => {
  const { bytesOf, usual } = CODECS[name];
  const expectAgreement = (bytes: Uint8Array): boolean => {
    const read = usual(bytes);
    if (read !== null) expect<unknown>(general(bytes, name === "JSON")).toEqual(read);
    return read !== null;
  };

  test("is read as the general path reads it, whatever the order of its params", () => {
    fc.assert(
      fc.property(usualRequest, (request) => {
        const bytes = bytesOf(request);
        const expected = general(bytes, name === "JSON");
        expect(expected).not.toBeNull();
        expect(usual(bytes)).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
  });

  test("cut off, or with more behind it, is none, whatever the memory has from before", () => {
    fc.assert(
      fc.property(usualRequest, (request) => {
        const bytes = bytesOf(request);
        expect(usual(bytes)).not.toBeNull();
        for (let end = 0; end < bytes.length; end++) expect(usual(bytes.slice(0, end))).toBeNull();
        expect(usual(new Uint8Array([...bytes, 0x7d]))).toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  test("with bytes changed by chance means what the general path says, or is left to it", () => {
    const byte = fc.oneof(
      fc.constantFrom(...utf8.encode('0123456789{}[]:,"\\ -+.eE\n')),
      fc.nat(name === "JSON" ? 0x7f : 0xff),
    );
    const changes = fc.array(fc.tuple(fc.nat(), byte, fc.nat(2), fc.boolean()), {
      minLength: 1,
      maxLength: 3,
    });
    let taken = 0;
    fc.assert(
      fc.property(usualRequest, changes, (request, list) => {
        let bytes = [...bytesOf(request)];
        for (const [at, put, removed, isPut] of list) {
          const i = at % bytes.length;
          bytes = [...bytes.slice(0, i), ...(isPut ? [put] : []), ...bytes.slice(i + removed)];
        }
        if (expectAgreement(new Uint8Array(bytes))) taken++;
      }),
      { numRuns: 20_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  test("with a param twice, too few, too many or out of bounds is left to the general path", () => {
    const usualParams = { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", quantity: 1, price: 9 };
    const without = Object.entries(usualParams).map(([key]) =>
      Object.fromEntries(Object.entries(usualParams).filter(([other]) => other !== key)),
    );
    const others = [
      ...without,
      { ...usualParams, post_only: true },
      { ...usualParams, quantity: 0 },
      { ...usualParams, price: 0 },
      { ...usualParams, price: -1 },
      { ...usualParams, price: 1.5 },
      { ...usualParams, quantity: 2 ** 31 },
      { ...usualParams, price: 1e12 },
      { ...usualParams, symbol: "SYMBOL_01" },
      { ...usualParams, symbol: "SYMBOL_" },
      { ...usualParams, symbol: "SYMBOL_1234567890" },
      { ...usualParams, side: "HOLD" },
      { ...usualParams, type: "MARKET" },
    ];
    for (const params of others) {
      expect(usual(bytesOf({ id: 1, method: "order.place", params }))).toBeNull();
    }
    for (const id of ["01", "1".repeat(17), '"a\\"b"', "1.0", "-1", "null"]) {
      if (name !== "JSON") break;
      const text = `{"id":${id},"method":"order.place","params":${JSON.stringify(usualParams)}}`;
      expect(usual(utf8.encode(text))).toBeNull();
    }
  });

  test("that is as long as a message may be, or longer, is not read beyond the memory", () => {
    const request = { id: "x".repeat(31), method: "order.place", params: {} };
    for (const size of [1000, 1023, 1024, 1025, 2000]) {
      const bytes = new Uint8Array(size).fill(0x20);
      bytes.set(bytesOf(request));
      expect(usual(bytes)).toBeNull();
    }
  });
});

test("a param that stands twice in JSON is left to the general path, which takes the last", () => {
  const text =
    '{"id":1,"method":"order.place","params":{"symbol":"SYMBOL_1","side":"BUY","type":"LIMIT","price":9,"price":9}}';
  expect(CODECS.JSON.usual(utf8.encode(text))).toBeNull();
});
