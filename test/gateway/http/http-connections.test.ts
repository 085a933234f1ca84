import { expect, test } from "bun:test";
import { Counters } from "../../../src/gateway/counters.ts";
import { firstToGo, HttpConnections } from "../../../src/gateway/http/http-connections.ts";
import { peerKey } from "../../../src/host/tcp-receipts.ts";

/** Connections from an address, with the milliseconds since something was sent to each. */
function from(address: string, ...sinceSent: number[]) {
  return sinceSent.map((sinceSentMs, n) => {
    return { descriptor: n, peer: peerKey(address, 1000 + n) as string, sinceSentMs };
  });
}

const waits = (all: readonly { sinceSentMs: number }[]) => all.map((each) => each.sinceSentMs);

test("the address that has most gives first, of its own the one that waits longest", () => {
  const few = from("192.0.2.1", 9000, 8000);
  const many = from("192.0.2.2", 10, 30, 20, 50, 40);
  expect(waits(firstToGo([...few, ...many], 3))).toEqual([50, 40, 30]);
  expect(waits(firstToGo([...few, ...many], 4))).toEqual([9000, 50, 40, 30]);
});

test("addresses of one IPv6 network are one", () => {
  const network = [...from("2001:db8::1", 1), ...from("2001:db8::2", 2), ...from("2001:db8::3", 3)];
  expect(waits(firstToGo([...from("2001:db8:0:1::1", 7, 8), ...network], 1))).toEqual([3]);
});

test("beyond three quarters of the most there may be, half is left", () => {
  const counters = new Counters();
  const ended: number[] = [];
  const upgraded = peerKey("192.0.2.1", 1000);
  const http = new HttpConnections({
    counters,
    connectionsMax: 16,
    isWebSocket: (peer) => peer === upgraded,
    later: (run) => run(),
    receipts: { end: (descriptor) => descriptor !== 1 && ended.push(descriptor) > 0 },
  });
  const pass = (count: number): void => {
    const all = from("192.0.2.1", ...Array.from({ length: count }, (_, n) => 1000 - n));
    for (const connection of all) http.add(connection);
    http.endPass();
  };
  pass(12);
  expect([ended, counters.httpConnections]).toEqual([[], 12]);
  // The first has become a WebSocket, and the second has ended by itself.
  pass(13);
  expect([ended, counters.httpConnections, counters.httpConnectionsEnded]).toEqual([
    [2, 3, 4],
    10,
    3,
  ]);
});

test("they are ended a few at a time", () => {
  const counters = new Counters();
  const later: (() => void)[] = [];
  const http = new HttpConnections({
    counters,
    connectionsMax: 100,
    isWebSocket: () => false,
    later: (run) => void later.push(run),
    receipts: { end: () => true },
  });
  for (const connection of from("192.0.2.1", ...new Array(120).fill(1))) http.add(connection);
  http.endPass();
  const ended = [counters.httpConnectionsEnded];
  for (let run = later.shift(); run !== undefined; run = later.shift()) {
    run();
    ended.push(counters.httpConnectionsEnded);
  }
  expect(ended).toEqual([32, 64, 70]);
});
