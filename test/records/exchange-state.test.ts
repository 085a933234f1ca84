import { describe, expect, test } from "bun:test";
import { C_HEAD, C_SYMBOL, CommandKind } from "../../src/core/command.ts";
import { createReplay } from "../../src/execution/replay.ts";
import type { Snapshot } from "../../src/persistence/snapshot.ts";
import { OrderState } from "../../src/protocol/order-state.ts";
import { ExchangeState } from "../../src/records/exchange-state.ts";
import { FUZZ_SYMBOLS } from "../core/fuzz/command-stream.ts";
import { Random } from "../core/fuzz/random.ts";
import { createTestCore, type TestCore } from "../core/test-core.ts";
import { validate } from "../core/validate.ts";
import { randomRecords } from "../execution/flow.ts";
import { batchesOf, contents, empty, known, run, snapshotOf, stamp, Told } from "./state-run.ts";
import { forgetNewEvents, streamEvent, takeNewEvents } from "./stream-lines.ts";

const COMMANDS = 2_500;
/** So few that accounts have to give up events. */
const STREAM_BYTES = 100 * 2_048;

// Two for all tests: each reserves gigabytes of address space.
const cores = new Map<ExchangeState, TestCore>();
const one = create(FUZZ_SYMBOLS);
const other = create(FUZZ_SYMBOLS);
const states = [one, other];
const fresh = { known: known(one), contents: contents(one) };

function create(symbolsMax: number): ExchangeState {
  const core = createTestCore(symbolsMax);
  const state = new ExchangeState(symbolsMax, { core, streamBytes: STREAM_BYTES });
  cores.set(state, core);
  return state;
}

/** What is wrong in the memory of a state's core. */
function faultsOf(state: ExchangeState): string[] {
  const core = cores.get(state);
  if (core === undefined) throw new Error("not one of this file");
  return validate(core);
}

/** Runs in one state without a break, then from snapshot to snapshot, each loaded into the other state. */
function compareWithRelay(seed: number, cuts: (ticks: number) => number[]): void {
  const batches = batchesOf(randomRecords(seed, COMMANDS), seed);
  empty(one);
  stamp(one, batches);
  empty(one);
  const straight = new Told();
  run(one, batches, straight);
  const expected = { told: straight.digest(), known: known(one), contents: contents(one) };

  for (const state of states) empty(state);
  const relayed = new Told();
  let from = 0;
  let [state, next] = [one, other];
  for (const cut of cuts(batches.length)) {
    run(state, batches.slice(from, cut), relayed);
    const before = { known: known(state), contents: contents(state) };
    const snapshot = snapshotOf(state);
    next.load(snapshot);
    snapshot.verifyRest();
    expect({ known: known(next), contents: contents(next) }).toEqual(before);
    expect(faultsOf(next)).toEqual([]);
    const { view } = next.core;
    expect(next.loaded).toEqual({
      tick: cut,
      sequence: view.sequence(),
      timestamp: view.timestamp(),
    });
    empty(state);
    [state, next] = [next, state];
    from = cut;
  }
  run(state, batches.slice(from), relayed);
  expect(faultsOf(state)).toEqual([]);
  expect({ told: relayed.digest(), known: known(state), contents: contents(state) }).toEqual(
    expected,
  );
}

describe("a state that was loaded from a snapshot knows, tells and goes on as the one that it was taken of", () => {
  test.each(Array.from({ length: 16 }, (_, i) => i + 1))("random cuts of stream %d", (seed) => {
    const random = new Random(seed);
    compareWithRelay(seed, (ticks) =>
      Array.from({ length: random.between(1, 4) }, () => random.between(1, ticks)).sort(
        (a, b) => a - b,
      ),
    );
  });

  test("after every one of the first ticks", () => {
    compareWithRelay(40, () => Array.from({ length: 25 }, (_, i) => i + 1));
  });

  test("an empty exchange", () => {
    compareWithRelay(41, () => [0, 0]);
  });

  test("the very end", () => {
    compareWithRelay(42, (ticks) => [ticks, ticks]);
  });
});

test.each([61, 62, 63, 64])(
  "each done order is known as its account was told of it last, stream %d",
  (seed) => {
    empty(one);
    forgetNewEvents(one.streams);
    const { core, history, streams } = one;
    const apply = createReplay(one);
    const told = new Map<number, OrderState & { account: number }>();
    for (const batch of batchesOf(randomRecords(seed, COMMANDS), seed)) {
      apply(batch);
      takeNewEvents(streams, (account, _seq, at) => {
        const event = streamEvent(streams, at);
        if (event.kind === "order") told.set(event.order.orderNumber, { account, ...event.order });
      });
    }
    const target = new OrderState();
    const done = [...told.values()].filter(({ orderNumber }) => !core.view.isOpen(orderNumber));
    const known = done.map(({ orderNumber }) => {
      const account = history.find(target, orderNumber, []);
      return { account, ...target };
    });
    expect(known).toEqual(done);
    expect(done.length).toBeGreaterThan(100);
  },
);

test("the warm-up leaves it as if it were new", () => {
  empty(one);
  one.warmUp();
  expect({ known: known(one), contents: contents(one) }).toEqual(fresh);
  expect(faultsOf(one)).toEqual([]);
});

test("a state with room for more symbols takes it in and goes on the same, state checks and all", () => {
  // Nobody lists a symbol that there is no room for: that would depend on the room.
  const records = randomRecords(45, COMMANDS).filter(
    (words) => (words[C_HEAD] & 255) !== CommandKind.LIST_SYMBOL || words[C_SYMBOL] < FUZZ_SYMBOLS,
  );
  const batches = batchesOf(records, 45);
  for (const state of states) empty(state);
  stamp(one, batches);
  const hash = one.core.stateHash();
  empty(one);
  const cut = Math.floor(batches.length / 2);
  run(one, batches.slice(0, cut), new Told());
  const snapshot = snapshotOf(one);
  const larger = create(FUZZ_SYMBOLS + 100);
  larger.load(snapshot);
  snapshot.verifyRest();
  const [told, reference] = [new Told(), new Told()];
  run(larger, batches.slice(cut), told);
  run(one, batches.slice(cut), reference);
  expect([larger.core.stateHash(), told.digest()]).toEqual([hash, reference.digest()]);
  expect(contents(larger)).toEqual(contents(one));
  empty(larger);
  run(larger, batches, new Told());
  expect([larger.core.stateHash(), contents(larger)]).toEqual([hash, contents(one)]);
});

describe("a snapshot that cannot be taken in", () => {
  const batches = batchesOf(randomRecords(50, COMMANDS), 50);

  /** The state of the first 60 ticks, which `one` has afterwards. */
  function snapshotAfter60(): Snapshot {
    for (const state of states) empty(state);
    run(one, batches.slice(0, 60), new Told());
    return snapshotOf(one);
  }

  /** `snapshot` with other answers. */
  function altered(snapshot: Snapshot, changes: Partial<Snapshot>): Snapshot {
    return {
      file: snapshot.file,
      version: snapshot.version,
      info: snapshot.info,
      names: snapshot.names,
      length: (name) => snapshot.length(name),
      read: (name) => snapshot.read(name),
      readInto: (name, target) => snapshot.readInto(name, target),
      ...changes,
    };
  }

  /** `load` throws, after which the state is as new, and takes the whole snapshot. */
  function refuses(whole: Snapshot, snapshot: Snapshot, message: RegExp): void {
    expect(() => other.load(snapshot)).toThrow(message);
    other.reset();
    expect({ known: known(other), contents: contents(other) }).toEqual(fresh);
    other.load(whole);
    expect(contents(other)).toEqual(contents(one));
    const [told, reference] = [new Told(), new Told()];
    run(other, batches.slice(60), told);
    const continued = { known: known(other), contents: contents(other) };
    empty(other);
    run(other, batches, new Told());
    expect(continued).toEqual({ known: known(other), contents: contents(other) });
    empty(other);
    run(other, batches.slice(0, 60), new Told());
    run(other, batches.slice(60), reference);
    expect(told.digest()).toBe(reference.digest());
    empty(other);
  }

  test("one whose hash is another", () => {
    const whole = snapshotAfter60();
    const info = { ...whole.info, stateHash: whole.info.stateHash ^ 1n };
    refuses(whole, altered(whole, { info }), /state hash/);
  });

  test.each([
    "orders",
    "market",
    "fills",
    "clock-rest",
    "done-orders-head",
    "account-events-blocks",
  ])("one with too long a section %s", (name) => {
    const whole = snapshotAfter60();
    const length = (each: string): number => (each === name ? 2 ** 32 : whole.length(each));
    refuses(
      whole,
      altered(whole, { length }),
      new RegExp(`section ${name} .* was players.symbols_max or a limit on memory lowered`),
    );
  });

  test("one that ends in the middle, whatever section it is", () => {
    const whole = snapshotAfter60();
    for (const name of whole.names) {
      const readInto = (each: string, target: Uint8Array): void => {
        whole.readInto(each, target);
        if (each === name) throw new Error("the disk is gone");
      };
      for (const state of [other]) empty(state);
      expect(() => other.load(altered(whole, { readInto }))).toThrow("the disk is gone");
      other.reset();
      expect({ name, known: known(other), contents: contents(other) }).toEqual({ name, ...fresh });
    }
    refuses(
      whole,
      altered(whole, {
        readInto: () => {
          throw new Error("gone");
        },
      }),
      /gone/,
    );
  });

  test("one that lacks a section", () => {
    const whole = snapshotAfter60();
    for (const name of whole.names) {
      const length = (each: string): number => {
        if (each === name) throw new RangeError(`no section ${name}`);
        return whole.length(each);
      };
      expect(() => other.load(altered(whole, { length }))).toThrow(`no section ${name}`);
      other.reset();
      expect({ name, contents: contents(other) }).toEqual({ name, contents: fresh.contents });
    }
  });

  test("one with a section that is shorter than its head says", () => {
    const whole = snapshotAfter60();
    const taken: string[] = [];
    for (const name of whole.names) {
      if (whole.length(name) < 8) continue;
      const length = (each: string): number => whole.length(each) - (each === name ? 8 : 0);
      const readInto = (each: string, target: Uint8Array): void =>
        target.set(whole.read(each).subarray(0, target.length));
      try {
        other.load(altered(whole, { length, readInto }));
        taken.push(name);
      } catch {
        // As it should be.
      }
      empty(other);
    }
    expect(taken).toEqual([]);
  });
});
