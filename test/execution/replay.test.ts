import { describe, expect, test } from "bun:test";
import { type Core, createCore } from "../../src/core/core.ts";
import { AccountEvents, type AccountListener } from "../../src/execution/account-events.ts";
import { OrderHistory } from "../../src/execution/order-history.ts";
import { replay } from "../../src/execution/replay.ts";
import { StateCheck } from "../../src/execution/state-check.ts";
import type { TickListener } from "../../src/execution/tick-loop.ts";
import { MarketDataFeed } from "../../src/market-data/feed.ts";
import type { BatchInfo } from "../../src/persistence/backend.ts";
import { MemoryPersistence } from "../../src/persistence/memory.ts";
import { Sequencer } from "../../src/router/sequencer.ts";
import { randomRecords, sendInTicks } from "./flow.ts";
import { FaultyDisk } from "./held-journal.ts";
import { createRig, SILENT } from "./rig.ts";

/** Everything that is made from events, with a note of all that it was told. */
class Witness {
  /** By tick: when it was, and its events as bytes. */
  private readonly ticks: (Pick<BatchInfo, "tick" | "firstSequence" | "timestamp" | "count"> & {
    events: string;
  })[] = [];
  /** Every event of every account with its number. */
  private readonly accountEvents: string[] = [];
  readonly #core: Core;
  readonly #history: OrderHistory;
  readonly #feed: MarketDataFeed;
  readonly #events: AccountEvents;

  constructor(core: Core) {
    this.#core = core;
    this.#history = new OrderHistory(core);
    this.#feed = new MarketDataFeed(core);
    const note =
      (kind: string) =>
      (account: number, seq: number, ...what: number[]) =>
        void this.accountEvents.push(`${kind} ${[account, seq, ...what].join(" ")}`);
    const listener: AccountListener = {
      order: note("order"),
      maker: note("maker"),
      balance: note("balance"),
      position: note("position"),
    };
    this.#events = new AccountEvents(core);
    this.#events.connect(listener);
  }

  listeners(): TickListener[] {
    const note: TickListener = {
      tick: ({ tick, firstSequence, timestamp, count }) => {
        const { bytes, end } = this.#core.events;
        const events = Buffer.from(bytes.slice(0, end() * 4)).toString("base64");
        this.ticks.push({ tick, firstSequence, timestamp, count, events });
      },
    };
    return [this.#history, note, this.#events, this.#feed];
  }

  /** All that it was told, and what is known in the end. */
  known() {
    const symbols = Array.from({ length: 8 }, (_, symbol) => ({
      seq: this.#feed.seq(symbol),
      last: this.#feed.lastTrade(symbol),
      trades: this.#feed.trades.list(symbol, 1000),
      bids: this.#feed.levels(symbol, 0, 1000),
      asks: this.#feed.levels(symbol, 1, 1000),
    }));
    const slots = Array.from({ length: this.#core.arena.top() }, (_, slot) => slot);
    const orders = slots.flatMap((slot) =>
      [0, 1, 2, 3].map((generation) => this.#history.find(generation * 2 ** 21 + slot)),
    );
    const seqs = Array.from({ length: 10 }, (_, account) => this.#events.lastSeq(account));
    const { ticks, accountEvents } = this;
    return { ticks, accountEvents, hash: this.#core.stateHash(), symbols, orders, seqs };
  }
}

function start(disk: FaultyDisk) {
  let witness: Witness | undefined;
  const rig = createRig({
    disk,
    ringCommands: 256,
    journal: { flush: "overlapped" },
    listeners(core) {
      witness = new Witness(core);
      return witness.listeners();
    },
  });
  return { rig, witness: witness as Witness };
}

describe("a restart after a power failure", () => {
  for (const seed of [1, 2, 3, 4]) {
    test(`tells what was told and knows what was known (seed ${seed})`, async () => {
      const disk = new FaultyDisk();
      const live = start(disk);
      await sendInTicks(live.rig, randomRecords(seed, 1500), seed);
      const known = live.witness.known();
      expect(known.ticks.length).toBeGreaterThan(20);
      expect(known.accountEvents.length).toBeGreaterThan(500);
      disk.crash();
      const again = start(disk);
      expect(again.witness.known()).toEqual(known);

      // And goes on where it was, though the machine's clock has been set back.
      again.rig.clock.now = 500;
      await sendInTicks(again.rig, randomRecords(seed + 10, 300), seed);
      const knownThen = again.witness.known();
      expect(knownThen.ticks.map(({ tick }) => tick)).toEqual(knownThen.ticks.map((_, i) => i + 1));
      const times = knownThen.ticks.map(({ timestamp }) => timestamp);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      disk.crash();
      expect(start(disk).witness.known()).toEqual(knownThen);
    });
  }

  test("knows nothing of the tick that was in flight, whose number is given again", async () => {
    const disk = new FaultyDisk();
    const live = start(disk);
    await sendInTicks(live.rig, randomRecords(7, 200), 7);
    const known = live.witness.known();
    const lastTick = live.rig.core.tick();
    live.rig.journal.isHolding = true;
    const client = live.rig.client();
    for (const [i, words] of randomRecords(8, 20).entries()) client.sendRecord(`${i}`, words);
    await live.rig.inFlight();
    expect(client.told).toEqual([]);
    disk.crash();

    const again = start(disk);
    expect(again.witness.known()).toEqual(known);
    expect([again.rig.sequencer.tick, again.rig.sequencer.sequence]).toEqual([lastTick, 200]);
  });
});

test("account events are numbered from 1 without a gap", async () => {
  const { rig, witness } = start(new FaultyDisk());
  await sendInTicks(rig, randomRecords(5, 1500), 5);
  const next = new Map<string, number>();
  for (const event of witness.known().accountEvents) {
    const [, account, seq] = event.split(" ");
    const expected = (next.get(account) ?? 0) + 1;
    expect(`${account} ${seq}`).toBe(`${account} ${expected}`);
    next.set(account, expected);
  }
  expect(next.size).toBeGreaterThan(2);
});

test("says in the log what it recovered, and what a torn tail cost", async () => {
  const disk = new FaultyDisk();
  const { rig } = start(disk);
  await sendInTicks(rig, randomRecords(3, 60), 3);
  await rig.journal.close();
  const path = `wal/${disk.list("wal").find((name) => name.startsWith("wal_"))}`;
  disk.place(path, disk.contents(path).slice(0, -1));

  const lines: [level: string, fields: object, message: string][] = [];
  const log = {
    info: (fields: object, message: string) => void lines.push(["info", fields, message]),
    warn: (fields: object, message: string) => void lines.push(["warn", fields, message]),
    error: SILENT.error,
  };
  const core = createCore(8);
  const sequencer = new Sequencer(() => 0);
  const backend = new MemoryPersistence(disk);
  replay({ backend, core, check: new StateCheck(core), sequencer, listeners: [], log });
  const hash = core.stateHash().toString(16).padStart(16, "0");
  const { tick: lastTick, sequence: commands } = sequencer;
  expect(lines).toEqual([
    ["warn", expect.any(Object), "torn tail cut off: a tick that nobody had been told of"],
    [
      "info",
      {
        snapshot: null,
        segments: 1,
        ticks: lastTick,
        commands,
        lastTick,
        hash,
        snapshotMs: expect.any(Number),
        journalMs: expect.any(Number),
        openMs: expect.any(Number),
        milliseconds: expect.any(Number),
      },
      "recovered",
    ],
  ]);
  expect(lastTick).toBe(rig.core.tick() - 1);
});
