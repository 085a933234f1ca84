import { expect, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import { connect } from "node:net";
import { networkOfPeer, peerKey, TcpReceipts } from "../../src/host/tcp-receipts.ts";
import { networkOf } from "../../src/lib/ip-address.ts";

test("an address has one normal form", () => {
  expect(peerKey("::ffff:127.0.0.1", 80)).toBe(peerKey("127.0.0.1", 80));
  expect(peerKey("::1", 80)).toBe(peerKey("0:0:0:0:0:0:0:1", 80));
  expect(peerKey("127.0.0.1", 80)).not.toBe(peerKey("127.0.0.1", 81));
  expect(peerKey("elsewhere", 80)).toBeNull();
});

test("peers that count as one address are of one network, as in the limits", () => {
  const addresses = Array.from({ length: 600 }, (_, n) => `2001:db8:${n % 2}:${n}::${n}`);
  const all = [...addresses, "1.2.3.4", "::ffff:1.2.3.4", "1.2.3.5"];
  const places = (of: (address: string) => string): number[] => {
    const named = all.map(of);
    return named.map((name) => named.indexOf(name));
  };
  const byPeer = places((address) => networkOfPeer(peerKey(address, 80) as string));
  expect(byPeer).toEqual(places(networkOf));
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

test.skipIf(process.platform !== "linux")(
  "one that has asked for something since it was answered is ended only where that is meant",
  async () => {
    const receipts = TcpReceipts.open();
    if (receipts === null) throw new Error("This system does not say");
    const accepted = Promise.withResolvers<Bun.Socket>();
    let hasEnded = false;
    using server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { open: accepted.resolve, data() {} },
    });
    const client = await Bun.connect({
      hostname: "127.0.0.1",
      port: server.port,
      socket: { data() {}, close: () => void (hasEnded = true) },
    });
    const socket = await accepted.promise;
    const peer = peerKey(socket.remoteAddress, socket.remotePort) as string;
    /** Its descriptor, and whether it is busy. */
    const found = (): { descriptor: number; isBusy: boolean } => {
      let one: { descriptor: number; isBusy: boolean } | undefined;
      receipts.look(4096, (each, _bytes, descriptor) => {
        if (each === peer) one = { descriptor, isBusy: receipts.isBusy };
      });
      return one ?? { descriptor: -1, isBusy: false };
    };
    expect(found().isBusy).toBe(false);
    // The system's clock for that has steps of a few milliseconds.
    while (!found().isBusy) {
      client.write("G");
      await new Promise(setImmediate);
    }
    const { descriptor } = found();
    expect(receipts.end(descriptor, peer, false)).toBe(false);
    expect(receipts.end(descriptor, "another", true)).toBe(false);
    expect(hasEnded).toBe(false);
    expect(receipts.end(descriptor, peer, true)).toBe(true);
    while (!hasEnded) await new Promise(setImmediate);
  },
);

test
  .skipIf(process.platform !== "linux")
  .each(["has ended", "has more to send than its peer reads"])(
  "a connection is ending when this side %s",
  async (how) => {
    const receipts = TcpReceipts.open();
    if (receipts === null) throw new Error("This system does not say");
    const accepted = Promise.withResolvers<Bun.Socket>();
    using server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { open: accepted.resolve, data() {} },
    });
    const client = connect({ host: "127.0.0.1", port: server.port, allowHalfOpen: true });
    client.pause();
    const socket = await accepted.promise;
    const peer = peerKey(socket.remoteAddress, socket.remotePort);
    const isEnding = (): boolean | undefined => {
      let found: boolean | undefined;
      receipts.look(4096, (each) => {
        if (each === peer) found = receipts.isEnding;
      });
      return found;
    };
    expect(isEnding()).toBe(false);
    if (how === "has ended") socket.shutdown();
    else while (socket.write(Buffer.alloc(1024 * 1024)) > 0);
    expect(isEnding()).toBe(true);
    client.destroy();
  },
);

test.skipIf(process.platform !== "linux")(
  "one that is not to be read any more is reset when more comes after its end, and its peer reads the end",
  async () => {
    const receipts = TcpReceipts.open();
    if (receipts === null) throw new Error("This system does not say");
    const accepted = Promise.withResolvers<Bun.Socket>();
    let heard = 0;
    using server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: { open: accepted.resolve, data: (_socket, { length }) => void (heard += length) },
    });
    let told = "";
    const closed = Promise.withResolvers<void>();
    const client = await Bun.connect({
      hostname: "127.0.0.1",
      port: server.port,
      allowHalfOpen: true,
      socket: {
        data: (_socket, chunk) => void (told += Buffer.from(chunk).toString()),
        close: () => closed.resolve(),
      },
    });
    const socket = await accepted.promise;
    const peer = peerKey(socket.remoteAddress, socket.remotePort) as string;
    const descriptor = receipts.descriptors().get(peer) ?? -1;
    expect(receipts.stopReading(descriptor, "another")).toBe(false);
    expect(receipts.stopReading(descriptor, peer)).toBe(true);
    socket.write("why");
    socket.shutdown();
    while (told !== "why") await new Promise(setImmediate);
    const unread = Buffer.alloc(1024 * 1024);
    client.write(unread);
    await closed.promise;
    expect(heard).toBeLessThan(unread.length);
    expect(receipts.descriptors().has(peer)).toBe(false);
  },
);

test.skipIf(process.platform !== "linux")(
  "one behind many descriptors that were closed is still found, in every pass",
  async () => {
    const receipts = TcpReceipts.open();
    if (receipts === null) throw new Error("This system does not say");
    const accepted = Promise.withResolvers<string | null>();
    using server = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: ({ remoteAddress, remotePort }) =>
          accepted.resolve(peerKey(remoteAddress, remotePort)),
        data() {},
      },
    });
    const others = Array.from({ length: 1500 }, () => openSync("/dev/null", "r"));
    const client = await Bun.connect({
      ...{ hostname: "127.0.0.1", port: server.port, socket: { data() {} } },
    });
    const peer = await accepted.promise;
    let found = 0;
    const pass = (): number => {
      found = 0;
      while (!receipts.look(256, (each) => void (found += each === peer ? 1 : 0)));
      return found;
    };
    expect(pass()).toBe(1);
    for (const descriptor of others) closeSync(descriptor);
    expect([pass(), pass()]).toEqual([1, 1]);
    client.terminate();
    while (pass() !== 0) await new Promise(setImmediate);
  },
);
