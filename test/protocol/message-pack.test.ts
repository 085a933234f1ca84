import { describe, expect, test } from "bun:test";
import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { Fragment, KEPT_VIEW_BYTES_MAX } from "../../src/protocol/byte-writer.ts";
import { decodeMessagePack, encodeMessagePack } from "../../src/protocol/message-pack.ts";
import { MESSAGE_DEPTH_MAX } from "../../src/protocol/message-pack-shape.ts";
import { MessagePackWriter } from "../../src/protocol/message-pack-writer.ts";

const bytes = (...values: number[]) => new Uint8Array(values);

/** JSON values (so no -0); without the one key that no message may have. */
const jsonValue = fc
  .jsonValue({ maxDepth: 5 })
  .map((value): typeof value => JSON.parse(JSON.stringify(value)))
  .filter((value) => !JSON.stringify(value).includes('"__proto__":'));

describe("decodeMessagePack", () => {
  test("gives back what JSON can hold", () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(decodeMessagePack(encodeMessagePack(value))).toEqual(value);
      }),
    );
  });

  test("reads bin as text, keys too", () => {
    const bin = (text: string) => [0xc4, text.length, ...new TextEncoder().encode(text)];
    const message = bytes(0x82, ...bin("a"), ...bin("b"), 0xa1, 0x6c, 0x92, ...bin("c"), 0x01);
    expect(decodeMessagePack(message)).toEqual({ a: "b", l: ["c", 1] });
  });

  test.each<[string, Uint8Array]>([
    ["nothing", bytes()],
    ["a byte too many", bytes(0x80, 0x00)],
    ["a string cut off", bytes(0xa5, 0x61)],
    ["a head cut off", bytes(0xcd, 0x01)],
    ["a map cut off", bytes(0x81, 0xa1, 0x61)],
    ["the unused head", bytes(0xc1)],
    ["an extension", bytes(0xd4, 0x01, 0x00)],
    ["a timestamp", bytes(0xd6, 0xff, 0, 0, 0, 0)],
    ["text that is not UTF-8", bytes(0xa2, 0xc3, 0x28)],
    ["text cut off within a character", bytes(0x92, 0xa1, 0xc3, 0xa9)],
    ["bin that is not UTF-8", bytes(0xc4, 0x01, 0xff)],
    ["a number for a key", bytes(0x81, 0x01, 0x01)],
    ["a map for a key", bytes(0x81, 0x80, 0x01)],
    ["the key __proto__", bytes(0x81, 0xa9, ...new TextEncoder().encode("__proto__"), 0x80)],
    ["the bin key __proto__", bytes(0x81, 0xc4, 9, ...new TextEncoder().encode("__proto__"), 0x80)],
  ])("refuses %s", (_name, message) => {
    expect(() => decodeMessagePack(message)).toThrow();
  });

  test("a promise of more than there is costs nothing", () => {
    expect(() => decodeMessagePack(bytes(0xdd, 0xff, 0xff, 0xff, 0xff))).toThrow("cut off");
    expect(() => decodeMessagePack(bytes(0xdf, 0xff, 0xff, 0xff, 0xff, 0x01))).toThrow("cut off");
    const nested = new Uint8Array(60_000);
    for (let i = 0; i < nested.length; i += 3) nested.set([0xdc, 0x40, 0x00], i);
    expect(() => decodeMessagePack(nested)).toThrow("nested too deeply");
  });

  test("nesting ends at the limit", () => {
    const nested = (depth: number) => bytes(...new Array<number>(depth - 1).fill(0x91), 0x90);
    expect(decodeMessagePack(nested(MESSAGE_DEPTH_MAX))).toBeArray();
    expect(() => decodeMessagePack(nested(MESSAGE_DEPTH_MAX + 1))).toThrow("nested too deeply");
  });

  test("bytes by chance are decoded or refused with an Error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (message) => {
        try {
          decodeMessagePack(message);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

test("encodeMessagePack leaves out what is undefined", () => {
  expect(decodeMessagePack(encodeMessagePack({ a: undefined, b: 1 }))).toEqual({ b: 1 });
});

describe("MessagePackWriter", () => {
  /** Any JSON value through the writer. */
  function write(writer: MessagePackWriter, value: fc.JsonValue): void {
    if (value === null) writer.nil();
    else if (typeof value === "boolean") writer.boolean(value);
    else if (typeof value === "number") writer.number(value);
    else if (typeof value === "string") writer.string(value);
    else if (Array.isArray(value)) {
      writer.array(value.length);
      for (const item of value) write(writer, item);
    } else {
      const entries = Object.entries(value);
      writer.map(entries.length);
      for (const [key, member] of entries) {
        writer.string(key);
        write(writer, member as fc.JsonValue);
      }
    }
  }

  test("writes what the library writes", () => {
    const writer = new MessagePackWriter();
    fc.assert(
      fc.property(jsonValue, (value) => {
        writer.reset();
        write(writer, value);
        expect(writer.view()).toEqual(encode(value));
      }),
      { numRuns: 1000 },
    );
  });

  test("integers take the shortest form", () => {
    const writer = new MessagePackWriter();
    const edges = [0, 7, 8, 15, 16, 31, 32, 53].flatMap((bit) => [
      2 ** bit - 1,
      2 ** bit,
      2 ** bit + 1,
    ]);
    for (const edge of edges.filter(Number.isSafeInteger)) {
      for (const n of [edge, -edge]) {
        writer.reset();
        writer.integer(n);
        expect([n, writer.view()]).toEqual([n, encode(n)]);
      }
    }
  });

  test("names have the digits of their number", () => {
    const writer = new MessagePackWriter();
    const prefix = Fragment.text("ord_");
    const edges = Array.from({ length: 16 }, (_, power) => 10 ** power);
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat()), (n) => {
        for (const number of [n, Math.max(0, n - 1)]) {
          writer.reset();
          writer.name(prefix, number);
          expect(writer.view()).toEqual(encode(`ord_${number}`));
        }
      }),
    );
  });

  test("strings and collections of every size of head", () => {
    const writer = new MessagePackWriter();
    for (const size of [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536]) {
      for (const value of ["x".repeat(size), "é".repeat(size), new Array<number>(size).fill(1)]) {
        writer.reset();
        write(writer, value);
        expect(writer.view()).toEqual(encode(value));
      }
      const ascii = new Uint8Array(size).fill(0x61);
      writer.reset();
      writer.ascii(ascii, size);
      expect(writer.view()).toEqual(encode("a".repeat(size)));
    }
  });

  test("short messages of one length share a view; it grows without losing what is written", () => {
    const writer = new MessagePackWriter();
    writer.string("first");
    const view = writer.view();
    writer.reset();
    writer.string("other");
    expect(writer.view()).toBe(view);
    const chunk = new Uint8Array(KEPT_VIEW_BYTES_MAX).fill(0xc0);
    for (let i = 0; i < 20; i++) writer.raw(chunk, 0, chunk.length);
    expect(writer.view()).toEqual(
      new Uint8Array([...encode("other"), ...new Array<number>(20 * chunk.length).fill(0xc0)]),
    );
    writer.reset();
    writer.string("third");
    expect(writer.view()).toEqual(encode("third"));
  });
});
