import { expect, test } from "bun:test";
import { HalfRead } from "../../../src/gateway/websocket/half-read.ts";
import { openGateway } from "../rig.ts";

const HEAD_BYTES = 16 * 1024;
const MESSAGE_BYTES_MAX = 100_000;

async function open() {
  const rig = await openGateway();
  const { session } = rig.connect("market-data", "json", "peer");
  let bytes = 0;
  const halfRead = new HalfRead(MESSAGE_BYTES_MAX);
  halfRead.join(session);
  return {
    session,
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
    /** `frames` of so many bytes are heard, messages unless they are pings, and so many more bytes come. */
    come(more: number, frames: readonly number[] = [], areMessages = true): number {
      for (const length of frames) {
        session.heard.frames++;
        session.heard.bytes += length;
        session.heard.hasMessage ||= areMessages;
        bytes += length + 40;
      }
      bytes += more;
      halfRead.count("peer", bytes, 7);
      return session.halfRead;
    },
    leave: () => halfRead.leave(session),
  };
}

test("the request that opens a connection is no message", async () => {
  await using peer = await open();
  expect(peer.come(HEAD_BYTES)).toBe(0);
  expect(peer.come(0)).toBe(0);
});

test("what has come and was not heard is held, until a whole message is heard", async () => {
  await using peer = await open();
  peer.come(HEAD_BYTES);
  expect(peer.come(5_000)).toBe(5_000);
  expect(peer.come(2_000)).toBe(7_000);
  expect(peer.come(0)).toBe(7_000);
  // Pings between the parts of a message are no end of it.
  expect(peer.come(0, [5, 5], false)).toBe(7_000);
  expect(peer.come(300, [125], false)).toBe(7_300);
  expect(peer.come(0, [40])).toBe(0);
  expect(peer.come(60, [40, 70])).toBe(60);
});

test("no more is held than a message may have", async () => {
  await using peer = await open();
  expect(peer.come(HEAD_BYTES + 2 * MESSAGE_BYTES_MAX)).toBe(MESSAGE_BYTES_MAX);
});

test("compressed messages are more here than on the wire, and then nothing is held", async () => {
  await using peer = await open();
  peer.come(HEAD_BYTES);
  expect(peer.come(-900, [1_000])).toBe(0);
});

test("who has left is not looked at", async () => {
  await using peer = await open();
  peer.leave();
  expect(peer.come(HEAD_BYTES + 1_000)).toBe(0);
});

test("compressed messages that are nothing when they are unpacked are waste, told when the next is heard", async () => {
  await using rig = await openGateway();
  const { session } = rig.connect("market-data", "json", "peer");
  const wasted: number[] = [];
  const halfRead = new HalfRead(MESSAGE_BYTES_MAX, (_, bytes) => void wasted.push(bytes));
  halfRead.join(session);
  let received = HEAD_BYTES;
  const look = (came: number, heard: number | null): void => {
    received += came;
    if (heard !== null) Object.assign(session.heard, { frames: 1, bytes: heard, hasMessage: true });
    halfRead.count("peer", received, 7);
  };
  look(0, null);
  // In clear a rest may be a message that was not ASCII.
  look(60_000, 0);
  look(60_000, 0);
  expect(wasted).toEqual([]);
  session.isCompressed = true;
  // Half of one at the last look, and whole at the next: none.
  look(0, 60_000);
  look(30_000, null);
  look(30_000, 60_000);
  look(40, 40);
  expect(wasted).toEqual([]);
  look(60_000, 0);
  look(60_000, 0);
  look(40, 40);
  expect(wasted.length).toBe(2);
  for (const bytes of wasted) expect(bytes).toBeWithin(50_000, 60_000);
});
