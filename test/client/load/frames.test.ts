import { describe, expect, test } from "bun:test";
import { decode } from "@msgpack/msgpack";
import { clientFrame, messageFrame, Opcode } from "../../../bench/load/client-frames.ts";
import { FrameError, FrameReader } from "../../../bench/load/frame-reader.ts";
import { FrameRing } from "../../../bench/load/frame-ring.ts";
import { orderFlow } from "../../../bench/load/order-flow.ts";
import { REQUEST_ID_MAX, REQUEST_ID_MIN } from "../../../bench/load/request-id.ts";
import { readJsonResultId, readMsgpackResultId, UNUSUAL } from "../../../bench/load/response.ts";
import { ENCODINGS, type Encoding } from "../../../src/protocol/encoding.ts";

const SYMBOLS = ["SYMBOL_1", "SYMBOL_22", "SYMBOL_333"];

/** Takes a client frame apart as a server does. */
function unmasked(frame: Uint8Array): { opcode: number; payload: Uint8Array; mask: number[] } {
  const extended = frame[1] === (0x80 | 126);
  const size = extended ? (frame[2] << 8) | frame[3] : frame[1] & 0x7f;
  const maskAt = extended ? 4 : 2;
  const mask = [...frame.subarray(maskAt, maskAt + 4)];
  const payload = frame.subarray(maskAt + 4);
  expect(payload.length).toBe(size);
  return { opcode: frame[0] & 0x0f, payload, mask };
}

function decoded(payload: Uint8Array, encoding: Encoding): unknown {
  return encoding === "msgpack" ? decode(payload) : JSON.parse(new TextDecoder().decode(payload));
}

/** A frame as a server sends it: not masked. */
function serverFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const frame = clientFrame(opcode, payload);
  const headerBytes = payload.length > 125 ? 4 : 2;
  const bytes = new Uint8Array(headerBytes + payload.length);
  bytes.set(frame.subarray(0, headerBytes));
  bytes[1] &= 0x7f;
  bytes.set(payload, headerBytes);
  return bytes;
}

function bytesOf(message: unknown, encoding: Encoding): Uint8Array {
  return unmasked(messageFrame(message, encoding)).payload;
}

describe.each([...ENCODINGS])("frames in %s", (encoding) => {
  test("contain the orders of the flow with the given ids", () => {
    const orders = orderFlow(0, SYMBOLS, 9);
    const ring = new FrameRing(orders, encoding);
    const ids = orders.map((_, index) => REQUEST_ID_MIN + index * 98_765_431);
    for (const [index, id] of ids.entries()) ring.setId(index, id);

    const frames = orders.map((_, index) =>
      unmasked(ring.bytes.subarray(ring.starts[index], ring.starts[index + 1])),
    );

    expect(frames.map(({ payload }) => decoded(payload, encoding))).toEqual(
      orders.map((order, index) => ({
        id: ids[index],
        method: "order.place",
        params: { ...order, type: "LIMIT" },
      })),
    );
    expect(new Set(frames.map(({ opcode, mask }) => `${opcode} ${mask}`))).toEqual(
      new Set([`${encoding === "msgpack" ? Opcode.BINARY : Opcode.TEXT} 0,0,0,0`]),
    );
  });

  test("of responses give the id of a result, and nothing for other frames", () => {
    const read = encoding === "msgpack" ? readMsgpackResultId : readJsonResultId;
    const messages = [
      { id: REQUEST_ID_MIN, result: { order_id: "ord_1" } },
      { id: REQUEST_ID_MAX, result: {} },
      { id: REQUEST_ID_MIN, error: { code: 40906, message: "Insufficient funds" } },
      { result: {}, id: REQUEST_ID_MIN },
      { id: 7, result: {} },
      { id: "login", result: {} },
      { stream: "status", data: {} },
    ];

    const ids = messages.map((message) => read(bytesOf(message, encoding), 0));

    expect(ids).toEqual([REQUEST_ID_MIN, REQUEST_ID_MAX, ...Array<number>(5).fill(UNUSUAL)]);
  });
});

describe("the frame reader", () => {
  const payloads = [0, 1, 125, 126, 300, 65_535].map((size) =>
    Uint8Array.from({ length: size }, (_, index) => (index * 7 + size) & 0xff),
  );
  const frames = payloads.map((payload) => serverFrame(Opcode.BINARY, payload));
  const all = Uint8Array.from(frames.flatMap((frame) => [...frame]));
  // In small reads the last, largest one would be copied thousands of times.
  const small = frames.slice(0, -1).reduce((bytes, frame) => bytes + frame.length, 0);

  test.each([
    [1, small],
    [2, small],
    [3, small],
    [126, all.length],
    [1_000, all.length],
    [all.length, all.length],
  ])("finds frames in reads of %i of %i bytes", (size, length) => {
    const stream = all.subarray(0, length);
    const found: { opcode: number; payload: Uint8Array }[] = [];
    const reader = new FrameReader((opcode, bytes, start, end) =>
      found.push({ opcode, payload: bytes.slice(start, end) }),
    );
    // One buffer for every read, as sockets have it.
    const buffer = new Uint8Array(size);
    for (let at = 0; at < stream.length; at += size) {
      const part = stream.subarray(at, at + size);
      buffer.set(part);
      reader.push(buffer.subarray(0, part.length));
    }

    const sent = length === all.length ? payloads : payloads.slice(0, -1);
    expect(found).toEqual(sent.map((payload) => ({ opcode: Opcode.BINARY, payload })));
  });

  test.each([
    ["fragmented", [0x02, 0x01, 0x00]],
    ["masked", [0x82, 0xfe, 0x00, 0x00]],
    ["over-long", [0x82, 0x7f, 0x00, 0x00]],
  ])("refuses %s frames", (_, bytes) => {
    const reader = new FrameReader(() => undefined);
    expect(() => reader.push(Uint8Array.from(bytes))).toThrow(FrameError);
  });
});
