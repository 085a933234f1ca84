/** The account, kept up to date by its events: cash, positions and open orders. */
import { answered } from "./answered.ts";
import { createDeferred } from "./deferred.ts";
import { callAll } from "./handlers.ts";
import type { OrderState, SnapshotPush } from "./messages.ts";
import type { UserEvent } from "./user-feed.ts";

export interface Holding {
  readonly available: number;
  readonly reserved: number;
  readonly total: number;
}

/** Asks for a page of open orders that are older than those of a snapshot. */
export type OlderOrders = (before: number) => Promise<{ orders: OrderState[]; next?: number }>;

const NOTHING: Holding = { available: 0, reserved: 0, total: 0 };

export class LiveAccount {
  /** Resolves when the whole account is known, with all open orders. */
  readonly ready: Promise<void>;
  readonly #ready = createDeferred<void>();
  readonly #handlers = new Set<(event: UserEvent) => void>();
  readonly #liveHandlers = new Set<(isLive: boolean) => void>();
  readonly #older: OlderOrders;
  #accountId = "";
  #seq = 0;
  #cash = NOTHING;
  #positions = new Map<string, Holding>();
  #orders = new Map<string, OrderState>();
  /** Ids of the orders that events since the snapshot were about. */
  #told = new Set<string>();
  #start: SnapshotPush | undefined;
  /** Whether all events up to the last have been applied. */
  #isFed = false;
  /** Whether all open orders of the snapshot are known. */
  #isWhole = false;
  #isOver = false;

  /** Made by a trading client. */
  constructor(older: OlderOrders) {
    this.ready = this.#ready.promise;
    this.ready.catch(() => undefined);
    this.#older = older;
  }

  /** `acc_<n>`; empty before it is ready. */
  get accountId(): string {
    return this.#accountId;
  }

  /** Number of the last event that has been applied. */
  get seq(): number {
    return this.#seq;
  }

  /** Cash in cents. */
  get cash(): Holding {
    return this.#cash;
  }

  /** Shares by symbol. */
  get positions(): ReadonlyMap<string, Holding> {
    return this.#positions;
  }

  /** Open orders by `order_id`. */
  get orders(): ReadonlyMap<string, OrderState> {
    return this.#orders;
  }

  /**
   * Whether this is the present state of the account, with all open orders, as far as the exchange has told it.
   */
  get isLive(): boolean {
    return this.#isFed && this.#isWhole;
  }

  /** Calls `handler` with every event after it was applied, until the function that it returns is called. */
  onChange(handler: (event: UserEvent) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** Calls `handler` when `isLive` changes, until the function that it returns is called. */
  onLive(handler: (isLive: boolean) => void): () => void {
    this.#liveHandlers.add(handler);
    return () => this.#liveHandlers.delete(handler);
  }

  /** The account in the form of a snapshot of the exchange; undefined before the first event. */
  snapshot(): SnapshotPush | undefined {
    const start = this.#start;
    if (start === undefined) return undefined;
    const positions = Array.from(this.#positions, ([symbol, holding]) => ({ symbol, ...holding }));
    const orders = [...this.#orders.values()].reverse();
    const { next: _, ...rest } = start;
    return { ...rest, seq: this.#seq, cash: { ...this.#cash }, positions, orders };
  }

  /** Takes the next event; for the client. */
  apply(event: UserEvent): void {
    this.#seq = event.seq;
    switch (event.event) {
      case "snapshot":
        this.#begin(event);
        break;
      case "balance":
        this.#cash = holdingOf(event);
        break;
      case "position":
        this.#positions.set(event.symbol, holdingOf(event));
        break;
      case "order": {
        const { event: _, seq: __, last_fill: ___, ...state } = event;
        this.#told.add(state.order_id);
        if (isOpen(state)) this.#orders.set(state.order_id, state);
        else this.#orders.delete(state.order_id);
      }
    }
    callAll(this.#handlers, event);
  }

  /** Sets whether all events are there; for the client. */
  setLive(isFed: boolean): void {
    this.#know(isFed, this.#isWhole);
  }

  /** Ends the account with an error; for the client. */
  fail(error: Error): void {
    this.#isOver = true;
    this.#ready.reject(error);
    this.#know(false, this.#isWhole);
  }

  #know(isFed: boolean, isWhole: boolean): void {
    const wasLive = this.isLive;
    this.#isFed = isFed;
    this.#isWhole = isWhole;
    if (isWhole) this.#ready.resolve();
    const { isLive } = this;
    if (isLive === wasLive) return;
    callAll(this.#liveHandlers, isLive);
  }

  #begin(snapshot: SnapshotPush): void {
    this.#start = snapshot;
    this.#accountId = snapshot.account_id;
    this.#cash = snapshot.cash;
    this.#positions = new Map(
      snapshot.positions.map(({ symbol, ...holding }) => [symbol, holding] as const),
    );
    // Oldest first, because new orders are added at the end.
    this.#orders = new Map(
      snapshot.orders.toReversed().map((order) => [order.order_id, order] as const),
    );
    this.#told.clear();
    const { next } = snapshot;
    this.#know(this.#isFed, next === undefined);
    if (next !== undefined) void this.#readOlder(snapshot, next);
  }

  async #readOlder(snapshot: SnapshotPush, before: number): Promise<void> {
    const isWanted = (): boolean => !this.#isOver && this.#start === snapshot;
    try {
      for (let next: number | undefined = before; next !== undefined; ) {
        const from: number = next;
        // Asked until there is an answer: after a lost line the events go on without a new snapshot, so nothing
        // else would ask again.
        const page = await answered(() => this.#older(from), isWanted);
        if (!isWanted()) return;
        // The state of an order from events is newer than the page's. Only its place among the others is taken
        // from the page.
        const isThere = ({ order_id: id }: OrderState): boolean =>
          !this.#told.has(id) || this.#orders.has(id);
        const older = page.orders.toReversed().filter(isThere);
        this.#orders = new Map([
          ...older.map((order) => [order.order_id, order] as const),
          ...this.#orders,
        ]);
        next = page.next;
      }
      this.#know(this.#isFed, true);
    } catch (error) {
      if (isWanted()) this.#ready.reject(error);
    }
  }
}

function holdingOf({ available, reserved, total }: Holding): Holding {
  return { available, reserved, total };
}

function isOpen({ status }: OrderState): boolean {
  return status === "ACCEPTED" || status === "PARTIALLY_FILLED" || status === "PENDING_TRIGGER";
}
