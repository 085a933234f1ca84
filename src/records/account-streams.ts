/**
 * The accounts' streams: the events of each account, numbered and kept. A tick first gives an account the changes of
 * its orders and its fills, in the order in which they happened, and then its cash and positions where they changed.
 * `seq` is consecutive in each account over the life of the exchange, whether anybody listens or not, so a replay of
 * the journal gives every event the same number. Events are read from here both when they are first sent and when they
 * are sent again, so clients get the same twice.
 */
import { EventFlag, EventKind, type Events, type OrderFields } from "../core/event.ts";
import type { TickOutput, TickStage } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import { type Store, store } from "../lib/store.ts";
import { readOldEvents } from "./old-streams.ts";
import { StreamBlocks } from "./stream-blocks.ts";
import {
  entryAvailable,
  entryInts,
  entryKind,
  entryReserved,
  entrySymbol,
  readEntryOrder,
  StreamEntry,
} from "./stream-entry.ts";
import { type FillFields, StreamKind } from "./stream-event.ts";

/** Events of an account that are kept, give or take a block (`StreamBlocks`). Clients may rely on 100,000. */
const EVENTS_PER_ACCOUNT_MAX = 131_072;

const NO_FILL = 0;
const MAKER_FILL = 1;
const TAKER_FILL = 2;

export interface AccountStreamsOptions {
  /** Memory for the events of all accounts. */
  bytes: number;
  eventsPerAccountMax?: number;
}

export class AccountStreams implements TickStage {
  readonly #blocks: StreamBlocks;
  readonly #view: CoreView;
  readonly #seqs: Float64Array;
  /** What the last events said: available and reserved cash by account, available and reserved shares by position. */
  readonly #toldCash: Float64Array;
  readonly #toldShares: Float64Array;
  /** The event that is being written. */
  readonly #entry = new StreamEntry();

  constructor(
    view: CoreView,
    { bytes, eventsPerAccountMax = EVENTS_PER_ACCOUNT_MAX }: AccountStreamsOptions,
  ) {
    this.#view = view;
    this.#blocks = new StreamBlocks({
      bytes,
      accountsMax: view.accountsMax,
      accountsEnd: view.nextAccount,
      entriesMax: eventsPerAccountMax,
    });
    this.#seqs = new Float64Array(view.accountsMax);
    this.#toldCash = new Float64Array(view.accountsMax * 2);
    this.#toldShares = new Float64Array(view.positionsMax * 2);
  }

  get stores(): Store[] {
    const { nextAccount, positionsEnd } = this.#view;
    return [
      store("account-seqs", this.#seqs, () => nextAccount() * 2),
      store("told-cash", this.#toldCash, () => nextAccount() * 4),
      store("told-shares", this.#toldShares, () => positionsEnd() * 4),
      ...this.#blocks.stores("account-events"),
    ];
  }

  /** The stores have been emptied. */
  reset(): void {
    this.#blocks.reset();
  }

  /**
   * Takes in the events of an old snapshot, which has them in another form (`old-streams.ts`). The last `seq` of each
   * account has been loaded already.
   */
  loadVersion2(section: (name: string) => Uint8Array): void {
    const accounts = this.#view.nextAccount();
    const entry = this.#entry;
    readOldEvents(section, accounts, entry, (account, seq, tick, timestamp) => {
      this.#write(account, seq, tick, timestamp);
    });
  }

  /** The last `seq` given to an account. */
  lastSeq(account: number): number {
    return this.#seqs[account];
  }

  /** The oldest `seq` that can still be read; one above the last when there is none. */
  oldestSeq(account: number): number {
    const block = this.#blocks.oldest(account);
    return block === 0 ? this.#seqs[account] + 1 : this.#blocks.firstSeq(block);
  }

  onTick(output: TickOutput): void {
    const { events } = output;
    const end = events.end();
    for (let e = 0; e < end; e = events.next(e)) {
      switch (events.kind(e)) {
        case EventKind.TRADE:
          this.#order(events, e, events.maker(e), MAKER_FILL, output);
          this.#order(events, e, events.order(e), TAKER_FILL, output);
          break;
        case EventKind.ORDER:
          if ((events.flags(e) & EventFlag.NEWS) !== 0) {
            this.#order(events, e, events.order(e), NO_FILL, output);
          }
          break;
        case EventKind.CASH:
          this.#balance(events, e, output);
          break;
        case EventKind.POSITION:
          this.#position(events, e, output);
          break;
      }
    }
  }

  /**
   * Calls `onEvent` for the account's events from `fromSeq` on, until it returns false. Returns the `seq` after the
   * last event that was given. `fromSeq` must not be below `oldestSeq`.
   */
  replay(account: number, fromSeq: number, onEvent: (seq: number, at: number) => boolean): number {
    return this.#blocks.read(account, fromSeq, entryInts, onEvent) || this.#seqs[account] + 1;
  }

  /** The tick of the event that `replay` is giving. */
  get tick(): number {
    return this.#blocks.tick;
  }

  get timestamp(): number {
    return this.#blocks.timestamp;
  }

  /** The `StreamKind` of the event at `at`, which `replay` is giving. The methods below read from the same event. */
  kind(at: number): number {
    return entryKind(this.#blocks.ints, at);
  }

  /** Of a balance (cents) or a position (shares). */
  available(at: number): number {
    return entryAvailable(this.#blocks.ints, at);
  }

  reserved(at: number): number {
    return entryReserved(this.#blocks.ints, at);
  }

  /** Of a position. */
  symbol(at: number): number {
    return entrySymbol(this.#blocks.ints, at);
  }

  /** Fills `target` with the order of the event. If the event is a fill, also fills `fill`. Returns whether it is. */
  readOrder(target: OrderFields, fill: FillFields, at: number): boolean {
    const { ints, timestamp, tick } = this.#blocks;
    return readEntryOrder(target, fill, ints, at, timestamp, tick);
  }

  #order(events: Events, e: number, o: number, fill: number, output: TickOutput): void {
    const entry = this.#entry;
    entry.order(
      events.slot(o),
      events.generation(o),
      events.book(o),
      events.orderFlags(o),
      events.price(o),
      events.quantity(o),
      events.remaining(o),
      events.notional(o),
      fill === NO_FILL ? events.status(e) | (events.reason(e) << 8) : 0,
      events.createdAt(o),
      output.timestamp,
    );
    if (fill !== NO_FILL) {
      const isMaker = fill === MAKER_FILL;
      const fee = events.fee(e, o);
      entry.fill(isMaker, events.tradeId(e), fee, events.tradePrice(e), events.tradeQuantity(e));
    }
    if (events.hasTerms(o)) entry.terms(events.expireAt(e, o), events.stopPrice(e, o));
    if (events.clientId(o) !== 0) {
      events.copyClientOrderId(e, o, entry.words, entry.length);
      entry.text();
    }
    this.#add(events.account(o), output);
  }

  #balance(events: Events, e: number, output: TickOutput): void {
    const account = events.holdingAccount(e);
    if (!this.#isNew(this.#toldCash, account, events, e)) return;
    this.#entry.holding(StreamKind.BALANCE, 0, events.available(e), events.reserved(e));
    this.#add(account, output);
  }

  #position(events: Events, e: number, output: TickOutput): void {
    if (!this.#isNew(this.#toldShares, events.holdingPosition(e), events, e)) return;
    const symbol = events.holdingSymbol(e);
    this.#entry.holding(StreamKind.POSITION, symbol, events.available(e), events.reserved(e));
    this.#add(events.holdingAccount(e), output);
  }

  /** Adds the event to the account's stream. */
  #add(account: number, { tick, timestamp }: TickOutput): void {
    this.#write(account, ++this.#seqs[account], tick, timestamp);
  }

  #write(account: number, seq: number, tick: number, timestamp: number): void {
    const { words, length } = this.#entry;
    const at = this.#blocks.claim(account, seq, length, tick, timestamp);
    const { ints } = this.#blocks;
    for (let i = 0; i < length; i++) ints[at + i] = words[i];
  }

  /** Whether a holding differs from what the last event said of it. Notes the new holding. */
  #isNew(told: Float64Array, at: number, events: Events, e: number): boolean {
    const available = events.available(e);
    const reserved = events.reserved(e);
    if (told[at * 2] === available && told[at * 2 + 1] === reserved) return false;
    told[at * 2] = available;
    told[at * 2 + 1] = reserved;
    return true;
  }
}
