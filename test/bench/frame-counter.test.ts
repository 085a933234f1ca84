import { afterEach, expect, test } from "bun:test";
import { FrameCounter } from "../../bench/subscribers/frame-counter.ts";

const servers: Bun.TCPSocketListener<undefined>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.stop(true);
});

/** A counter of one connection, and what writes to that. */
async function open(rest = new Uint8Array(0)) {
  const accepted = Promise.withResolvers<Bun.Socket<undefined>>();
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: (socket) => accepted.resolve(socket), data: () => undefined },
  });
  servers.push(server as Bun.TCPSocketListener<undefined>);
  const client = await Bun.connect({
    hostname: "127.0.0.1",
    port: server.port,
    socket: { data: () => undefined },
  });
  client.pause();
  const { fd: descriptor } = client as unknown as { fd: number };
  const counter = new FrameCounter();
  const pings: string[] = [];
  counter.add({ descriptor, rest, onPing: (payload) => pings.push(String(payload)) });
  const socket = await accepted.promise;
  return { counter, pings, socket };
}

function frame(opcode: number, size: number): number[] {
  const header = size < 126 ? [0x80 | opcode, size] : [0x80 | opcode, 126, size >> 8, size & 255];
  // Of bytes that begin no frame.
  return [...header, ...new Array(size).fill(0xff)];
}

const SIZES = [0, 1, 125, 126, 300, 5];
const STREAM = Uint8Array.from(SIZES.flatMap((size, i) => frame(1 + (i % 2), size)));
const BYTES = SIZES.reduce((sum, size) => sum + size, 0);

test.each([1, 2, 3, 7, 128, STREAM.length])(
  "frames that come %d bytes at a time are all counted",
  async (step) => {
    const { counter, socket } = await open();
    for (let at = 0; at < STREAM.length; at += step) {
      socket.write(STREAM.subarray(at, at + step));
      counter.read();
    }
    // What is written to this machine is there, but the write may not be over yet.
    while (counter.frames < SIZES.length) counter.read();
    expect([counter.frames, counter.bytes]).toEqual([SIZES.length, BYTES]);
  },
);

test("a frame whose beginning was read before is counted with its end", async () => {
  for (let at = 1; at < STREAM.length; at += 50) {
    const { counter, socket } = await open(STREAM.slice(0, at));
    socket.write(STREAM.subarray(at));
    while (counter.frames < SIZES.length) counter.read();
    expect([counter.frames, counter.bytes]).toEqual([SIZES.length, BYTES]);
  }
});

test("more than a read takes is read at once", async () => {
  const { counter, socket } = await open();
  const many = Uint8Array.from(Array(50).fill(frame(2, 20_000)).flat());
  let at = 0;
  while (at < many.length) {
    at += socket.write(many.subarray(at));
    counter.read();
  }
  while (counter.frames < 50) counter.read();
  expect(counter.bytes).toBe(1_000_000);
});

test("pings are told, and not counted", async () => {
  const { counter, pings, socket } = await open();
  socket.write(Uint8Array.from([...frame(1, 3), 0x89, 2, 7, 8, ...frame(1, 3)]));
  while (counter.frames < 2) counter.read();
  expect(pings).toEqual(["7,8"]);
});

test.each([
  ["a frame in parts", [0x01, 1, 0]],
  ["one that is masked", [0x81, 0x81, 0, 0, 0, 0, 0]],
  ["one that is too long", [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  ["a close", [0x88, 0]],
  ["what is no frame", [0x7b, 0x22]],
])("%s is told", async (_what, bytes) => {
  const { counter, socket } = await open();
  socket.write(Uint8Array.from(bytes));
  expect(() => {
    while (counter.frames === 0) counter.read();
  }).toThrow("A frame that begins with");
});

test("a connection that was closed is told", async () => {
  const { counter, socket } = await open();
  socket.end();
  expect(() => {
    for (;;) counter.read();
  }).toThrow("closed");
});
