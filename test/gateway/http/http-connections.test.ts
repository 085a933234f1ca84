import { expect, test } from "bun:test";
import { Counters } from "../../../src/gateway/counters.ts";
import {
  firstToGo,
  HttpConnections,
  type HttpConnectionsParts,
} from "../../../src/gateway/http/http-connections.ts";
import { peerKey } from "../../../src/host/tcp-receipts.ts";

/** Connections from an address, with the milliseconds since something was sent to each. */
function from(address: string, ...sinceSent: number[]) {
  return sinceSent.map((sinceSentMs, n) => {
    const peer = peerKey(address, 1000 + n) as string;
    return { descriptor: n, peer, sinceSentMs, isBusy: false };
  });
}

const waits = (all: readonly { sinceSentMs: number }[]) => all.map((each) => each.sinceSentMs);

test("the address with the most connections loses one first: the one that was idle longest", () => {
  const few = from("192.0.2.1", 9000, 8000);
  const many = from("192.0.2.2", 10, 30, 20, 50, 40);
  expect(waits(firstToGo([...few, ...many], 3))).toEqual([50, 40, 30]);
  expect(waits(firstToGo([...few, ...many], 4))).toEqual([9000, 50, 40, 30]);
});

test("addresses of one IPv6 network count as one", () => {
  const network = [...from("2001:db8::1", 1), ...from("2001:db8::2", 2), ...from("2001:db8::3", 3)];
  expect(waits(firstToGo([...from("2001:db8:0:1::1", 7, 8), ...network], 1))).toEqual([3]);
});

test("busy connections are closed when no idle one is left", () => {
  const busy = from("192.0.2.1", 900, 800).map((each) => ({ ...each, isBusy: true }));
  const all = [...busy, ...from("192.0.2.1", 10, 20)];
  expect(waits(firstToGo(all, 1))).toEqual([20]);
  expect(waits(firstToGo(all, 4))).toEqual([20, 10, 900, 800]);
});

/** The connections of a process, and the descriptors of those that were ended. */
function open(connectionsMax: number, parts: Partial<HttpConnectionsParts> = {}) {
  const counters = new Counters();
  const later: (() => void)[] = [];
  const ended: number[] = [];
  const http = new HttpConnections({
    counters,
    connectionsMax,
    descriptorsMax: Infinity,
    isWebSocket: () => false,
    later: (run) => void later.push(run),
    receipts: { end: (descriptor) => ended.push(descriptor) > 0 },
    ...parts,
  });
  const pass = (count: number, descriptors = 0): void => {
    const all = from("192.0.2.1", ...Array.from({ length: count }, (_, n) => 1000 - n));
    for (const connection of all) http.add(connection);
    http.endPass(descriptors);
  };
  return { http, counters, later, ended, pass };
}

test("above three quarters of the limit, connections are closed down to half", () => {
  const ended: number[] = [];
  const upgraded = peerKey("192.0.2.1", 1000);
  const { http, counters, pass } = open(16, {
    isWebSocket: (peer) => peer === upgraded,
    receipts: { end: (descriptor) => descriptor !== 1 && ended.push(descriptor) > 0 },
  });
  pass(12);
  http.endSome();
  expect([ended, counters.httpConnections]).toEqual([[], 12]);
  // The first has become a WebSocket, and the second has ended by itself.
  pass(13);
  http.endSome();
  expect([ended, counters.httpConnections, counters.httpConnectionsEnded]).toEqual([
    [2, 3, 4],
    10,
    3,
  ]);
});

test("connections are closed a few at a time, and never more than the next check finds too many", () => {
  const { http, later, ended, pass } = open(100);
  pass(120);
  http.endSome();
  expect(ended).toHaveLength(25);
  http.endSome();
  expect(ended).toHaveLength(50);
  pass(75);
  http.endSome();
  expect([ended.length, later]).toEqual([50, []]);
});

test("closed connections are not counted while the system still has them", () => {
  const { http, counters, ended, pass } = open(16);
  pass(20);
  http.endSome();
  expect([ended.length, counters.httpConnections]).toEqual([12, 8]);
  // The pass under way, and the next one, which begins at once.
  for (const _ of ["under way", "next"]) {
    pass(20);
    http.endSome();
    expect([ended.length, counters.httpConnections]).toEqual([12, 8]);
  }
  // By then they are others, from the same ports.
  pass(20);
  expect(counters.httpConnections).toBe(20);
});

test.each([
  [1700, 0],
  [120, 760],
])("with %i of them, or %i descriptors, in every turn there is", (count, descriptors) => {
  const { http, later, ended, pass } = open(100, { descriptorsMax: 1000 });
  pass(count, descriptors);
  // What is at it goes on with what the next look finds.
  pass(count, descriptors);
  http.endSome();
  expect(ended).toEqual([]);
  for (let run = later.shift(); run !== undefined; run = later.shift()) run();
  expect(ended).toHaveLength(count - 50);
});

test("an address with too many connections gets some answers that close theirs", () => {
  const { http, pass } = open(16);
  for (const connection of from("192.0.2.2", 5000)) http.add(connection);
  pass(14);
  const takeLast = (peer: string | undefined) => http.takeLastAnswer(() => peer);
  expect(takeLast("192.0.2.1")).toBe(false);
  http.endSome();
  expect(["192.0.2.1", "192.0.2.2", "", undefined].map(takeLast)).toEqual([
    true,
    false,
    false,
    false,
  ]);
  const more = Array.from({ length: 30 }, () => takeLast("192.0.2.1"));
  expect(more.filter(Boolean)).toHaveLength(24);
  http.endSome();
  pass(10);
  expect(takeLast("192.0.2.1")).toBe(false);
});
