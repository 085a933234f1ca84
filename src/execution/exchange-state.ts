/**
 * The state of the exchange: the core, and what is made from its events. A replay of the journal gives all
 * of it back, and so does a snapshot. Whoever runs the exchange, replays its journal or takes a snapshot
 * has one of these.
 */
import { type Core, createCore } from "../core/core.ts";
import type { Store } from "../lib/store.ts";
import { MarketDataFeed } from "../market-data/feed.ts";
import type { SnapshotTarget } from "../persistence/backend.ts";
import type { SnapshotSection } from "../persistence/snapshot/write-snapshot.ts";
import type { Snapshot } from "../persistence/snapshot.ts";
import { AccountEvents } from "./account-events.ts";
import { AccountTrades } from "./account-trades.ts";
import { OrderHistory } from "./order-history.ts";
import { StateCheck } from "./state-check.ts";
import type { TickListener } from "./tick-loop.ts";

export class ExchangeState implements SnapshotTarget {
  readonly core: Core;
  readonly check: StateCheck;
  readonly history: OrderHistory;
  readonly accountTrades: AccountTrades;
  readonly accountEvents: AccountEvents;
  readonly feed: MarketDataFeed;
  /** What replies are made from: told of a tick before them. */
  readonly records: readonly TickListener[];
  /** What speaks to the world: told after the replies. */
  readonly listeners: readonly TickListener[];
  readonly #stores: readonly Store[];
  /** The snapshot that `load` took in: its tick and last command. */
  loaded = { tick: 0, sequence: 0 };
  /** Words of each store that `load` has filled. */
  readonly #filled = new Map<Store, number>();

  /** `symbolsMax`: how many symbols there can be. */
  constructor(symbolsMax: number) {
    this.core = createCore(symbolsMax);
    this.check = new StateCheck(this.core);
    this.history = new OrderHistory(this.core);
    this.accountTrades = new AccountTrades(this.core);
    this.accountEvents = new AccountEvents(this.core);
    this.feed = new MarketDataFeed(this.core);
    this.records = [this.history, this.accountTrades];
    this.listeners = [this.accountEvents, this.feed];
    this.#stores = [
      ...this.core.stores,
      ...this.history.stores,
      ...this.accountTrades.stores,
      ...this.accountEvents.stores,
      ...this.feed.stores,
    ];
  }

  /** What a snapshot keeps of it. */
  sections(): SnapshotSection[] {
    return this.#stores.map((store) => ({
      name: store.name,
      bytes: [bytesOf(store, store.used())],
    }));
  }

  /** Takes in a snapshot, into the empty state. Throws when it does not fit or gives another state. */
  load(snapshot: Snapshot): void {
    for (const store of this.#stores) {
      const bytes = snapshot.length(store.name);
      if (bytes > store.words.byteLength) {
        throw new Error(
          `section ${store.name} has ${bytes} bytes, and room for ${store.words.byteLength}: was ` +
            "players.symbols_max lowered?",
        );
      }
      this.#filled.set(store, bytes >> 2);
      snapshot.readInto(store.name, bytesOf(store, bytes >> 2));
    }
    for (const store of this.#stores) {
      if (snapshot.length(store.name) === store.used() * 4) continue;
      throw new Error(`section ${store.name} is not as long as the others say`);
    }
    this.core.restored();
    this.history.restored();
    if (this.core.stateHash() !== snapshot.info.stateHash)
      throw new Error("its state hash is another than it says");
    this.loaded = { tick: snapshot.info.tick, sequence: snapshot.info.sequence };
  }

  /** Undoes `load`, however far it came. */
  reset(): void {
    for (const [{ words }, count] of this.#filled) words.fill(0, 0, count);
    this.#filled.clear();
    this.loaded = { tick: 0, sequence: 0 };
    this.core.reset();
    this.history.restored();
  }
}

function bytesOf({ words }: Store, count: number): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, count * 4);
}
