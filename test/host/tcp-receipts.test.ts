import { expect, test } from "bun:test";
import { peerKey, TcpReceipts } from "../../src/host/tcp-receipts.ts";

test("an address has one name, in whatever form", () => {
  expect(peerKey("::ffff:127.0.0.1", 80)).toBe(peerKey("127.0.0.1", 80));
  expect(peerKey("::1", 80)).toBe(peerKey("0:0:0:0:0:0:0:1", 80));
  expect(peerKey("127.0.0.1", 80)).not.toBe(peerKey("127.0.0.1", 81));
  expect(peerKey("elsewhere", 80)).toBeNull();
});

test.skipIf(process.platform !== "linux").each(["127.0.0.1", "::1"])(
  "tells what has come in on a connection from %s, whole or not",
  async (hostname) => {
    const receipts = TcpReceipts.open();
    if (receipts === null) throw new Error("This system does not say");
    const accepted = Promise.withResolvers<string | null>();
    using server = Bun.listen({
      hostname,
      port: 0,
      socket: {
        open: ({ remoteAddress, remotePort }) =>
          accepted.resolve(peerKey(remoteAddress, remotePort)),
        data() {},
      },
    });
    const client = await Bun.connect({ hostname, port: server.port, socket: { data() {} } });
    const peer = await accepted.promise;
    expect(peer).not.toBeNull();
    const received = (): number => {
      let found = 0;
      // Twice all descriptors that there can be here: from wherever the last look ended.
      receipts.look(4096, (each, bytes) => {
        if (each === peer) found = bytes;
      });
      return found;
    };
    for (const total of [1_000, 31_000]) {
      client.write(Buffer.alloc(total === 1_000 ? 1_000 : 30_000));
      while (received() !== total) await new Promise(setImmediate);
    }
    client.terminate();
    while (received() !== 0) await new Promise(setImmediate);
  },
);
