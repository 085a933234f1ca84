/**
 * The state of the exchange: the core, and the records that are made from its ticks. A replay of the journal gives all
 * of it back, and so does a snapshot. The exchange, a replay of its journal and the maker of a snapshot each have one.
 */
import { type Core, createCore } from "../core/create.ts";
import type { TickStage } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import { StateCheck } from "../execution/state-check.ts";
import { warmUp } from "../execution/warm-up.ts";
import type { Store } from "../lib/store.ts";
import type { SnapshotTarget } from "../persistence/backend.ts";
import type { SnapshotSection } from "../persistence/snapshot/write-snapshot.ts";
import type { Snapshot } from "../persistence/snapshot.ts";
import { AccountStreams } from "./account-streams.ts";
import { Candles } from "./candles.ts";
import { Equity } from "./equity.ts";
import { Fills } from "./fills.ts";
import { LevelChanges } from "./level-changes.ts";
import { OLD_BLOCKS } from "./old-streams.ts";
import { OrderHistory } from "./order-history.ts";
import { RecentTrades } from "./recent-trades.ts";
import { Tickers } from "./tickers.ts";

/** Memory for the accounts' streams, by default. */
const STREAM_BYTES_DEFAULT = 256 * 1024 * 1024;

/** Sizes of the records that only the warm-up uses. */
const WARM_UP_STREAM_BYTES = 1024 * 1024;
const WARM_UP_ENTRIES = 1024;

export interface ExchangeStateOptions {
  /** Memory for the events that clients can ask for again. */
  streamBytes?: number;
  /** By default a new one. */
  core?: Core;
}

/** Stores that fills write to, from their starts on, and the bytes that a filled order adds, for both sides. */
const GROWING: Readonly<Record<string, number>> = {
  events: 152,
  "order-history": 80,
  fills: 160,
  "account-events-blocks": 111,
  "done-orders-previous": 8,
  "done-orders-ordinals": 4,
  "fills-previous": 16,
  "fills-ordinals": 8,
};

const LADDER_PAGE_BYTES = 4096;

/** Stores that a replay writes to, from their start on. */
const REPLAYED = [
  ...["order-history", "fills", "account-events-blocks"],
  ...["client-ids", "order-history-by-client-id", "done-order-texts"],
  ...["done-orders-previous", "done-orders-ordinals", "fills-previous"],
];

/** Sections that the first snapshots of version 2 do not have. */
const LATER_SECTIONS = [
  ...["rules", "client-id-holders", "client-id-holders-head"],
  ...["order-history-own", "done-order-own-texts", "fills-own"],
  ...["done-orders-ordinals", "done-orders-own-entries", "done-orders-own-head"],
  ...["fills-ordinals", "fills-own-entries", "fills-own-head"],
  ...["equity-head", "equity-accounts", "equity-positions"],
  ...["equity-account-units", "equity-position-units"],
  ...["equity-minutes", "equity-minutes-accounts", "equity-minutes-head"],
  ...["equity-days", "equity-days-accounts", "equity-days-head"],
];

export class ExchangeState implements SnapshotTarget {
  readonly core: Core;
  readonly check: StateCheck;
  readonly history: OrderHistory;
  readonly fills: Fills;
  readonly streams: AccountStreams;
  readonly recentTrades: RecentTrades;
  readonly levelChanges: LevelChanges;
  readonly candles: Candles;
  readonly equity: Equity;
  readonly tickers: Tickers;
  /** All records, in the order in which they take in a tick. */
  readonly records: readonly TickStage[];
  /** The tables that trading fills, from their starts on, and the bytes that a filled order writes to each. */
  readonly growing: readonly { store: Store; orderBytes: number }[];
  /** The ladder's levels, and the bytes of them that an order takes when it opens a page of the ladder. */
  readonly ladder: { store: Store; orderBytes: number };
  /** The tables that a replay fills, from their starts on. */
  readonly replayed: readonly Store[];
  readonly #stores: readonly Store[];
  /** The snapshot that `load` took in: its tick, the sequence number of that tick's last command, the tick's time. */
  loaded = { tick: 0, sequence: 0, timestamp: 0 };
  /** Words of each store that `load` has filled. */
  readonly #filled = new Map<Store, number>();

  /** `symbolsMax`: how many symbols there can be. */
  constructor(symbolsMax: number, options: ExchangeStateOptions = {}) {
    const { core = createCore(symbolsMax), streamBytes = STREAM_BYTES_DEFAULT } = options;
    const { view } = core;
    const records = createRecords(view, streamBytes);
    const kept = Object.values(records);
    this.core = core;
    this.check = new StateCheck(core);
    this.history = records.history;
    this.fills = records.fills;
    this.streams = records.streams;
    this.recentTrades = records.recentTrades;
    this.levelChanges = records.levelChanges;
    this.candles = records.candles;
    this.equity = records.equity;
    this.tickers = new Tickers(view, this.candles);
    this.records = kept;
    this.#stores = [...core.stores, ...kept.flatMap(({ stores }) => stores)];
    this.growing = [core.eventMemory, ...this.#stores].flatMap((store) => {
      const orderBytes = GROWING[store.name];
      return orderBytes === undefined ? [] : [{ store, orderBytes }];
    });
    this.ladder = { store: core.levels, orderBytes: LADDER_PAGE_BYTES };
    this.replayed = this.#stores.filter(({ name }) => REPLAYED.includes(name));
  }

  /**
   * Runs the hot paths so that they are compiled. The state must be empty, and is empty afterwards: records made for
   * this take in its ticks.
   */
  warmUp(): void {
    const records = createRecords(this.core.view, WARM_UP_STREAM_BYTES, WARM_UP_ENTRIES);
    warmUp(this.core, Object.values(records));
  }

  /** The sections of a snapshot of this state. */
  sections(): SnapshotSection[] {
    return this.#stores.map((store) => ({
      name: store.name,
      bytes: [bytesOf(store, store.used())],
    }));
  }

  /**
   * Loads a snapshot into the empty state. Throws when it does not fit, or when its state has not the hash that it
   * names. Call `reset` then.
   */
  load(snapshot: Snapshot): void {
    const isThere = (store: Store): boolean => snapshot.names.includes(store.name);
    // Snapshots of earlier versions lack the sections that later versions added. Those stay empty.
    const hasOldStreams = snapshot.names.includes(OLD_BLOCKS);
    const mayLack = ({ name }: Store): boolean =>
      snapshot.version === 1 ||
      (snapshot.version === 2 && LATER_SECTIONS.includes(name)) ||
      (hasOldStreams && name.startsWith("account-events-"));
    const stores = this.#stores.filter((store) => isThere(store) || !mayLack(store));
    for (const store of stores) this.#fill(store, snapshot);
    if (snapshot.version === 1) this.#loadVersion1(snapshot);
    if (snapshot.version === 2) this.#loadVersion2(snapshot);
    if (hasOldStreams) this.#loadOldStreams(snapshot);
    for (const store of stores) {
      if (snapshot.length(store.name) === store.used() * 4) continue;
      throw new Error(`section ${store.name} does not have the length that the other sections say`);
    }
    for (const store of this.#stores) this.#filled.set(store, store.used());
    this.core.restored();
    this.history.restored();
    this.fills.restored();
    this.equity.restored();
    if (this.core.stateHash() !== snapshot.info.stateHash)
      throw new Error("its state hash is not the one that it names");
    const { tick, sequence, timestamp } = snapshot.info;
    this.loaded = { tick, sequence, timestamp };
  }

  #fill(store: Store, snapshot: Snapshot): void {
    const bytes = snapshot.length(store.name);
    if (bytes > store.words.byteLength) {
      throw new Error(
        `section ${store.name} has ${bytes} bytes, and there is room for ${store.words.byteLength}: was ` +
          "players.symbols_max or a limit on memory lowered?",
      );
    }
    this.#filled.set(store, bytes >> 2);
    snapshot.readInto(store.name, bytesOf(store, bytes >> 2));
  }

  /** Loads what a snapshot of version 1 keeps in another form. */
  #loadVersion1(snapshot: Snapshot): void {
    const ints = (name: string): Int32Array => new Int32Array(snapshot.read(name).buffer);
    for (const store of this.#stores) this.#filled.set(store, store.used());
    this.core.restoreOrderTicks(new Float64Array(snapshot.read("order-ticks").buffer));
    this.history.loadVersion1(ints);
  }

  #loadVersion2(snapshot: Snapshot): void {
    for (const store of this.#stores) this.#filled.set(store, store.used());
    this.core.restoreOrderStamps(new Float64Array(snapshot.read("order-stamps").buffer));
  }

  #loadOldStreams(snapshot: Snapshot): void {
    this.streams.loadVersion2((name) => snapshot.read(name));
    for (const store of this.#stores) this.#filled.set(store, store.used());
  }

  /** Undoes `load`, however far it came. */
  reset(): void {
    for (const [{ words }, count] of this.#filled) words.fill(0, 0, count);
    this.#filled.clear();
    this.loaded = { tick: 0, sequence: 0, timestamp: 0 };
    this.core.reset();
    this.history.restored();
    this.fills.restored();
    this.streams.reset();
  }
}

/**
 * Makes the records, in the order in which they take in a tick. `entries`: how many done orders, fills and changes of
 * equity are kept.
 */
function createRecords(view: CoreView, streamBytes: number, entries?: number) {
  return {
    history: new OrderHistory(view, entries),
    fills: new Fills(view, entries),
    streams: new AccountStreams(view, { bytes: streamBytes }),
    recentTrades: new RecentTrades(view),
    levelChanges: new LevelChanges(view),
    candles: new Candles(view),
    equity: new Equity(view, entries === undefined ? {} : { entriesMax: entries }),
  };
}

function bytesOf({ words }: Store, count: number): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, count * 4);
}
