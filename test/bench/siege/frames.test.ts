import { describe, expect, test } from "bun:test";
import { constants, inflateRawSync } from "node:zlib";
import {
  clientFrame,
  compressedFrame,
  frameHead,
  joined,
  messageFrame,
  Opcode,
  repeated,
} from "../../../bench/load/client-frames.ts";
import { FrameScanner } from "../../../bench/siege/frame-scanner.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** An unmasked frame as a server sends it. */
function serverFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const head = frameHead(opcode, payload.length).slice(0, -4);
  head[1] = (head[1] ?? 0) & 0x7f;
  return joined([head, payload]);
}

describe("client frames", () => {
  test("have the shortest length that fits, masked with zeros", () => {
    expect(clientFrame(Opcode.PING)).toEqual(bytes(0x89, 0x80, 0, 0, 0, 0));
    expect(frameHead(Opcode.TEXT, 125)).toEqual(bytes(0x81, 0xfd, 0, 0, 0, 0));
    expect(frameHead(Opcode.TEXT, 126)).toEqual(bytes(0x81, 0xfe, 0, 126, 0, 0, 0, 0));
    expect(frameHead(Opcode.BINARY, 65_536)).toEqual(
      bytes(0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0),
    );
  });

  test("are compressed without the end of the flush", () => {
    const compressed = compressedFrame(Opcode.TEXT, Buffer.alloc(1000, " "));
    expect([...compressed.slice(0, 2)]).toEqual([0xc1, 0x80 | (compressed.length - 6)]);
    const whole = joined([compressed.slice(6), bytes(0, 0, 0xff, 0xff)]);
    const inflated = inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH });
    expect(inflated).toEqual(Buffer.alloc(1000, " "));
  });

  test("hold JSON", () => {
    expect(messageFrame({ a: 1 }, "json")).toEqual(
      joined([bytes(0x81, 0x87, 0, 0, 0, 0), new TextEncoder().encode('{"a":1}')]),
    );
  });

  test("are repeated as often as they fit, and at least once", () => {
    expect(repeated(bytes(1, 2), 5)).toEqual(bytes(1, 2, 1, 2));
    expect(repeated(bytes(1, 2), 1)).toEqual(bytes(1, 2));
  });
});

describe("the scanner", () => {
  const payloads = [0, 1, 125, 126, 65_535, 65_536, 200_000].map((length) =>
    new Uint8Array(length).fill(length % 251),
  );
  const stream = joined(payloads.map((payload) => serverFrame(Opcode.TEXT, payload)));

  test.each([1, 7, 4096, stream.length])("finds every frame in chunks of %d bytes", (size) => {
    const found: Uint8Array[] = [];
    const scanner = new FrameScanner((opcode, payload) => {
      expect(opcode).toBe(Opcode.TEXT);
      found.push(Uint8Array.from(payload));
    });
    for (let at = 0; at < stream.length; at += size) scanner.push(stream.subarray(at, at + size));
    expect(found.map(({ length }) => length)).toEqual(payloads.map(({ length }) => length));
    expect(found).toEqual(payloads);
  });
});
