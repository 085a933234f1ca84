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
