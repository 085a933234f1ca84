import { expect, test } from "bun:test";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Counters } from "../../src/gateway/counters.ts";
import { HttpConnections } from "../../src/gateway/http/http-connections.ts";
import { type Receipts, SocketLook } from "../../src/gateway/socket-look.ts";
import { HalfRead } from "../../src/gateway/websocket/half-read.ts";
import { peerKey, type ReceiptSink, TcpReceipts } from "../../src/host/tcp-receipts.ts";

/** A process with as many descriptors, all of them connections: `web` of them WebSockets. */
function open(count: number) {
  let descriptors = count;
  const counters = new Counters();
  const halfRead = new HalfRead(1000);
  let next = 0;
  const slices: number[] = [];
  const stopped: number[] = [];
  let scans = 0;
  const renewed = new Set<number>();
  const receipts = {
    look(most: number, sink: ReceiptSink): boolean {
      const end = Math.min(descriptors, next + most);
      slices.push(end - next);
      for (; next < end; next++) {
        receipts.isEnding = !renewed.has(next);
        sink(peerOf(next), 0, next);
      }
      if (end < descriptors) return false;
      next = 0;
      return true;
    },
    sinceSentMs: 0,
    isBusy: false,
    isEnding: false as boolean,
    isOnPort: (descriptor: number, port: number) => port === 80 && descriptor >= 10,
    lowestFree: () => descriptors,
    descriptors() {
      scans++;
      return new Map(Array.from({ length: descriptors }, (_, n) => [peerOf(n), n]));
    },
    stopReading: (descriptor: number, peer: string) =>
      peer === peerOf(descriptor) && stopped.push(descriptor) > 0,
  } satisfies Receipts;
  const http = new HttpConnections({
    ...{ receipts: null, connectionsMax: 1000, descriptorsMax: Infinity, counters },
    isWebSocket: () => false,
    later: (run) => run(),
  });
  const later: (() => void)[] = [];
  const parts = { receipts, halfRead, http, ownDescriptors: 10 };
  const look = new SocketLook({ ...parts, later: (run) => void later.push(run) });
  look.listensOn(80);
  const grow = (to: number): void => void (descriptors = to);
  /** The client has closed this connection and has opened another one from the same port. */
  const renew = (descriptor: number): void => void renewed.add(descriptor);
  return { look, slices, later, counters, stopped, scans: () => scans, grow, renew };
}

function peerOf(descriptor: number): string {
  return peerKey("192.0.2.1", descriptor) as string;
}

test("connections are checked in portions", () => {
  const { look, slices, later, counters } = open(600);
  for (let n = 0; n < 3; n++) look.look(0);
  expect(slices).toEqual([256, 256, 88]);
  expect(later).toEqual([]);
  expect(counters.httpConnections).toBe(590);
});

test("when many connections are closed, only a few are still read, whether they end their side or not", () => {
  const { look, stopped, scans, grow } = open(100);
  for (let n = 0; n < 16; n++) look.onClosed(peerOf(20 + n), -1);
  // One whose address is not known.
  look.onClosed(null, -1);
  expect([stopped, scans()]).toEqual([[], 0]);
  // The others are looked for, unless it is known where they are; or where they have been.
  look.onClosed(peerOf(40), 40);
  look.onClosed(peerOf(41), 99);
  expect([stopped.splice(0), scans()]).toEqual([[40], 0]);
  for (const n of [42, 43]) look.onClosed(peerOf(n), -1);
  expect([stopped.splice(0), scans()]).toEqual([[42, 43], 1]);
  for (let n = 0; n < 10; n++) look.look(0);
  expect(stopped).toEqual([]);
  look.look(0);
  expect(stopped.splice(0)).toEqual(Array.from({ length: 16 }, (_, n) => 20 + n));
  look.onClosed(peerOf(10), 10);
  expect(stopped.splice(0)).toEqual([10]);
  // Others take their places when they are gone.
  grow(20);
  look.look(0);
  look.onClosed(peerOf(11), 11);
  expect([stopped, scans()]).toEqual([[], 1]);
});

test("connections that open and are closed between two checks are all found in the next one", () => {
  const { look, stopped, scans, grow } = open(100);
  for (let n = 0; n < 17; n++) look.onClosed(peerOf(20 + n), -1);
  expect([stopped.splice(0), scans()]).toEqual([[36], 1]);
  grow(110);
  for (let n = 100; n < 110; n++) look.onClosed(peerOf(n), -1);
  // One that is gone.
  look.onClosed(peerOf(110), -1);
  expect([stopped, scans()]).toEqual([[], 1]);
  look.look(0);
  expect([stopped.splice(0), scans()]).toEqual([
    [100, 101, 102, 103, 104, 105, 106, 107, 108, 109],
    2,
  ]);
  look.look(0);
  expect([stopped, scans()]).toEqual([[], 2]);
});

test("a new connection from the port of a closed client is read on", () => {
  const { look, stopped, renew } = open(100);
  for (const descriptor of [20, 21]) look.onClosed(peerOf(descriptor), descriptor);
  for (const descriptor of [22, 23]) look.onClosed(peerOf(descriptor), -1);
  for (const descriptor of [20, 22]) renew(descriptor);
  for (let n = 0; n < 30; n++) look.look(0);
  expect(new Set(stopped)).toEqual(new Set([21, 23]));
});

test.skipIf(process.platform !== "linux")(
  "a client that was closed and connects again from its port is heard",
  async () => {
    const receipts = TcpReceipts.open();
    if (receipts === null) throw new Error("This system does not say");
    const http = new HttpConnections({
      ...{ receipts, connectionsMax: 1000, descriptorsMax: Infinity, counters: new Counters() },
      isWebSocket: () => false,
      later: (run) => run(),
    });
    const halfRead = new HalfRead(1000);
    const later = (run: () => void): void => run();
    const look = new SocketLook({ receipts, halfRead, http, ownDescriptors: 1000, later });
    using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => new Response("here"),
    });
    const port = server.port as number;
    look.listensOn(port);
    const first = await connectFrom(0, port);
    const local = first.localPort as number;
    const peer = peerKey("127.0.0.1", local) as string;
    look.onClosed(peer, -1);
    first.resetAndDestroy();
    while (receipts.descriptors().has(peer)) await new Promise(setImmediate);
    const second = await connectFrom(local, port);
    while (!receipts.descriptors().has(peer)) await new Promise(setImmediate);
    for (let n = 0; n < 200; n++) look.look(0);
    for (let n = 0; n < 3; n++) {
      const answered = Promise.race([once(second, "data"), once(second, "close")]);
      second.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      expect(String(await answered)).toStartWith("HTTP/1.1 200");
    }
    second.destroy();
  },
);

async function connectFrom(localPort: number, port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, localPort });
  await once(socket, "connect");
  return socket;
}

test("all are checked, in slices, if there may be too many, and then not again for a while", () => {
  const { look, slices, later, counters } = open(2000);
  look.look(100);
  // Meanwhile it is at it already.
  look.look(100);
  for (let run = later.shift(); run !== undefined; run = later.shift()) run();
  const pass = [256, 256, 256, 256, 256, 256, 256, 208];
  expect(slices).toEqual([...pass, ...pass]);
  expect(counters.httpConnections).toBe(1990);
  for (let n = 0; n < 10; n++) look.look(100);
  expect(slices.slice(16)).toEqual([...pass, 256, 256]);
  expect(later).toEqual([]);
  look.look(100);
  expect(later).toHaveLength(1);
  // As many WebSockets are no reason.
  const calm = open(3000);
  calm.look.look(2990 - 750);
  expect(calm.slices).toEqual([256]);
});

test.skipIf(process.platform !== "linux")(
  "idle connections end when there are too many",
  async () => {
    using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => new Response("here"),
    });
    const receipts = TcpReceipts.open();
    if (receipts === null) throw new Error("This system does not say");
    const counters = new Counters();
    const http = new HttpConnections({
      ...{ receipts, connectionsMax: 16, descriptorsMax: Infinity, counters },
      isWebSocket: () => false,
      later: (run) => run(),
    });
    const later = (run: () => void): void => run();
    const halfRead = new HalfRead(1000);
    const look = new SocketLook({ receipts, halfRead, http, ownDescriptors: 0, later });
    look.listensOn(server.port as number);
    let closed = 0;
    const clients = await Promise.all(
      Array.from({ length: 20 }, () =>
        Bun.connect({
          hostname: "127.0.0.1",
          port: server.port as number,
          socket: { data() {}, close: () => void closed++ },
        }),
      ),
    );
    // One who sends nothing is not accepted at once.
    for (const client of clients) client.write("GET / HTTP/1.1\r\n");
    // Down to 8, but those are spared from which something comes just then, and 12 are not too many.
    while (closed < 8 || closed + counters.httpConnections !== 20) {
      look.look(0);
      await new Promise(setImmediate);
    }
    expect(closed).toBeLessThanOrEqual(12);
    expect(await (await fetch(server.url)).text()).toBe("here");
    for (const client of clients) client.terminate();
  },
);
