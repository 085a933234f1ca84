/** A snapshot of version 1 holds the same in other forms, and lacks what came later. */
import { expect, test } from "bun:test";
import { O_CREATED_AT_F64, O_TICK_F64, ORDER_INTS } from "../../src/core/whistle/order-arena.ts";
import type { Snapshot } from "../../src/persistence/snapshot.ts";
import { ExchangeState } from "../../src/records/exchange-state.ts";
import { FUZZ_SYMBOLS } from "../core/fuzz/command-stream.ts";
import { randomRecords } from "../execution/flow.ts";
import { batchesOf, empty, known, run, snapshotOf, Told } from "./state-run.ts";

const STREAM_BYTES = 1024 * 1024;
const COMMANDS = 2_500;
const [one, other] = [1, 2].map(
  () => new ExchangeState(FUZZ_SYMBOLS, { streamBytes: STREAM_BYTES }),
) as [ExchangeState, ExchangeState];

/** Sections that version 1 does not have. */
const LATER = /^(order-history|order-history-by-client-id|account-events-.*)$/;

/** The places of done orders as version 1 has them: without the time of entry and of expiry. */
function oldPlaces(places: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < places.length; at += 80) {
    const place = places.subarray(at, at + 80);
    // NUMBER, NOTIONAL | CREATED_AT | TIMESTAMP, TICK | EXPIRE_AT | the rest, whose reason was not known.
    const rest = place.slice(48, 80);
    rest.fill(0, 29);
    pieces.push(place.subarray(0, 16), place.subarray(24, 40), rest);
  }
  return Buffer.concat(pieces);
}

/** The orders without their stamps, and the ticks of these. */
function oldOrders(orders: Uint8Array): { orders: Uint8Array; ticks: Uint8Array } {
  const doubles = new Float64Array(orders.slice().buffer);
  const ticks = new Float64Array(doubles.length / (ORDER_INTS / 2));
  for (let slot = 0; slot < ticks.length; slot++) {
    const d = slot * (ORDER_INTS / 2);
    ticks[slot] = doubles[d + O_TICK_F64] ?? 0;
    doubles[d + O_TICK_F64] = 0;
    doubles[d + O_CREATED_AT_F64] = 0;
  }
  return { orders: new Uint8Array(doubles.buffer), ticks: new Uint8Array(ticks.buffer) };
}

/** The snapshot as version 1 would have written it. */
function asVersion1(snapshot: Snapshot): Snapshot {
  const sections = new Map(
    snapshot.names.filter((name) => !LATER.test(name)).map((name) => [name, snapshot.read(name)]),
  );
  const { orders, ticks } = oldOrders(snapshot.read("orders"));
  sections.set("orders", orders);
  sections.set("order-ticks", ticks);
  sections.set("done-orders", oldPlaces(snapshot.read("order-history")));
  sections.set("done-orders-by-client-id", oldPlaces(snapshot.read("order-history-by-client-id")));
  const read = (name: string): Uint8Array => {
    const bytes = sections.get(name);
    if (bytes === undefined) throw new RangeError(`no section ${name}`);
    return bytes.slice();
  };
  return {
    file: snapshot.file,
    version: 1,
    info: snapshot.info,
    names: [...sections.keys()],
    length: (name) => read(name).length,
    read,
    readInto: (name, target) => target.set(read(name)),
  };
}

/** What version 1 does not say, or not of orders from before. */
const UNKNOWN = ["createdAt", "expireAt", "reason", "stream"];

/** What a state is known to be, but for that. */
function knownToBoth(state: ExchangeState): unknown {
  const { hash, ...rest } = known(state);
  const text = JSON.stringify(rest, (key, value) => (UNKNOWN.includes(key) ? undefined : value));
  return { hash, ...JSON.parse(text) };
}

test.each([1, 2, 3, 4])("is taken in, and the exchange goes on (stream %d)", (seed) => {
  const batches = batchesOf(randomRecords(seed, COMMANDS), seed);
  const cut = Math.floor(batches.length / 2);
  for (const state of [one, other]) empty(state);
  run(one, batches.slice(0, cut), new Told());
  const snapshot = asVersion1(snapshotOf(one));
  other.load(snapshot);
  expect(knownToBoth(other)).toEqual(knownToBoth(one));

  // When an order came in is not known: the time of its last change stands for it.
  const { accounts } = known(other);
  const orders = accounts.flatMap((account) => [...account.orders, ...account.openOrders]);
  expect(orders.length).toBeGreaterThan(50);
  expect(orders.map(({ createdAt }) => createdAt)).toEqual(orders.map((order) => order.timestamp));

  // Numbers go on where they were; what came before cannot be asked for again.
  for (const [account, { seq }] of accounts.entries()) {
    expect([seq, other.streams.oldestSeq(account)]).toEqual([
      one.streams.lastSeq(account),
      one.streams.lastSeq(account) + 1,
    ]);
  }
  const seqs = accounts.map(({ seq }) => seq);
  for (const state of [one, other]) run(state, batches.slice(cut), new Told());
  expect(knownToBoth(other)).toEqual(knownToBoth(one));
  const [after, expected] = [known(other), known(one)].map((all) =>
    all.accounts.map(({ stream }, account) =>
      stream
        .filter((line) => Number(/#(\d+)/.exec(line)?.[1]) > (seqs[account] ?? 0))
        .map((line) => line.replace(/"createdAt":\d+/, "")),
    ),
  );
  expect(after).toEqual(expected);
});

test("one that lacks a section leaves the state as new, and it takes the next one", () => {
  const batches = batchesOf(randomRecords(9, COMMANDS), 9);
  for (const state of [one, other]) empty(state);
  run(one, batches, new Told());
  const snapshot = asVersion1(snapshotOf(one));
  const fresh = known(other);
  for (const name of ["order-ticks", "done-orders", "done-orders-by-client-id"]) {
    const read = (each: string): Uint8Array => {
      if (each === name) throw new RangeError(`no section ${name}`);
      return snapshot.read(each);
    };
    expect(() => other.load({ ...snapshot, read })).toThrow(`no section ${name}`);
    other.reset();
    expect(known(other)).toEqual(fresh);
  }
  other.load(snapshot);
  expect(knownToBoth(other)).toEqual(knownToBoth(one));
});
