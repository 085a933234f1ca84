import { eventsOf } from "./account-events.ts";
import type { User, Venue } from "./venue.ts";
import {
  ENCODINGS,
  type Encoding,
  type Members,
  type Response,
  type WireClient,
} from "./wire-client.ts";

/** Random numbers from a seed (mulberry32), so that a failing run can be repeated. */
export class SeededRandom {
  constructor(private state: number) {}

  /** A whole number from 0 up to but not including `below`. */
  below(below: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  }
}

/** What a trader knows of one of its orders from answers alone. */
export interface KnownOrder {
  readonly client_order_id: string;
  readonly asked: Members;
  /** The newest acknowledged state; undefined until an answer comes. */
  acknowledged: Members | undefined;
  /** The code of the refusal. A refused order must not exist. */
  refused: number | undefined;
  /** True if a cancel or an amendment was sent and not answered. */
  changing: boolean;
}

/** Cash in cents, and shares by symbol. */
export interface Totals {
  cash: number;
  readonly shares: Map<string, number>;
}

export function add(totals: Totals, cash: number, symbol: string, shares: number): void {
  totals.cash += cash;
  if (shares !== 0) totals.shares.set(symbol, (totals.shares.get(symbol) ?? 0) + shares);
}

/** How many events a trader remembers. */
const TOLD_MAX = 2_000;

const STATUS_DONE = new Set(["FILLED", "CANCELLED", "EXPIRED"]);

export const isDone = (state: Members): boolean => STATUS_DONE.has(String(state.status));

const isOpen = (state: Members | undefined): boolean => state !== undefined && !isDone(state);

/** Connected traders on two symbols of the venue, one in each encoding, and what each of them was given. */
export async function loadTraders(venue: Venue, random: SeededRandom) {
  const symbols = [venue.symbol(), venue.symbol()];
  const given = { cash: 1_000_000, shares: 3_000, symbols };
  const positions = Object.fromEntries(symbols.map((symbol) => [symbol, given.shares]));
  const traders: LoadTrader[] = [];
  for (const encoding of ENCODINGS) {
    const user = await venue.user({ cash: given.cash, positions });
    traders.push(new LoadTrader(user, encoding, symbols, random, encoding));
  }
  for (const trader of traders) await trader.connect(venue);
  return { traders, given };
}

/** A trader that keeps a number of requests in flight until its connection ends. */
export class LoadTrader {
  readonly orders = new Map<string, KnownOrder>();
  answers = 0;
  /** How many answers accepted an order. */
  acknowledgements = 0;
  /** Codes of refusals. Tests check with them that the load is as intended. */
  readonly refusals = new Map<number, number>();
  /** Everything that was deposited and acknowledged since the start. */
  readonly deposited: Totals = { cash: 0, shares: new Map() };
  /** A deposit without an answer: it was made or not. */
  doubtful: Totals | undefined;
  /** The total effect of done orders that are no longer in `orders`. */
  readonly settled: Totals = { cash: 0, shares: new Map() };
  #client: WireClient | undefined;
  #events: WireClient | undefined;
  #serial = 0;
  /** Orders that are open by their last answer and have no request in flight. */
  #open: KnownOrder[] = [];
  lastSeq = 0;
  /** The newest events that were received, from all connections so far. */
  told: Members[] = [];

  constructor(
    readonly user: User,
    readonly encoding: Encoding,
    private readonly symbols: readonly string[],
    private readonly random: SeededRandom,
    private readonly name: string,
  ) {}

  async connect(venue: Venue): Promise<void> {
    this.#client = await venue.connect("/orders", this.encoding, this.user);
    this.#events = await venue.connect("/user-data", this.encoding, this.user);
  }

  get client(): WireClient {
    if (this.#client === undefined) throw new Error("not connected");
    return this.#client;
  }

  get events(): WireClient {
    if (this.#events === undefined) throw new Error("not connected");
    return this.#events;
  }

  /** Starts `inFlight` chains of requests. Each chain sends its next request when the last one was answered. */
  run(inFlight: number): void {
    const { client } = this;
    this.#open = [...this.orders.values()].filter(
      ({ acknowledged, changing }) => isOpen(acknowledged) && !changing,
    );
    const next = (): void => {
      if (client.isOpen) this.#send(client, next);
    };
    for (let chain = 0; chain < inFlight; chain++) next();
  }

  /** Remembers the last event received, and closes the connections. */
  disconnect(): void {
    this.lastSeq = Number(this.events.of("user_data").at(-1)?.seq ?? this.lastSeq);
    this.told = [...this.told, ...eventsOf(this.events)].slice(-TOLD_MAX);
    for (const client of [this.client, this.events]) client[Symbol.dispose]();
  }

  #send(client: WireClient, next: () => void): void {
    const roll = this.random.below(10);
    const chosen = roll < 6 ? undefined : this.#takeOpen();
    if (chosen === undefined) this.#place(client, next);
    else if (roll < 8) this.#change(client, "order.cancel", {}, chosen, next);
    else this.#change(client, "order.amend", this.#amendment(), chosen, next);
  }

  #takeOpen(): KnownOrder | undefined {
    const open = this.#open;
    const at = this.random.below(Math.max(open.length, 1));
    const chosen = open[at];
    const last = open.pop();
    if (last !== undefined && last !== chosen) open[at] = last;
    return chosen;
  }

  #amendment(): Members {
    return this.random.below(2) === 0
      ? { quantity: 1 + this.random.below(20) }
      : { price: 95 + this.random.below(11) };
  }

  #place(client: WireClient, next: () => void): void {
    const client_order_id = `${this.name}-${this.#serial++}`;
    const kind = this.random.below(10);
    const market = kind === 0;
    const asked: Members = {
      symbol: this.symbols[this.random.below(this.symbols.length)],
      side: this.random.below(2) === 0 ? "BUY" : "SELL",
      type: market ? "MARKET" : "LIMIT",
      quantity: 1 + this.random.below(20),
      ...(market ? {} : { price: 95 + this.random.below(11) }),
      ...(kind === 1 ? { time_in_force: "IOC" } : {}),
      ...(kind === 2 ? { time_in_force: "FOK" } : {}),
      client_order_id,
    };
    const known: KnownOrder = {
      client_order_id,
      asked,
      acknowledged: undefined,
      refused: undefined,
      changing: false,
    };
    this.orders.set(client_order_id, known);
    this.#ask(client, "order.place", asked, (response) => {
      if (response.result !== undefined) this.acknowledgements += 1;
      known.acknowledged = response.result;
      known.refused = response.error?.code;
      if (isOpen(known.acknowledged)) this.#open.push(known);
      next();
    });
  }

  #change(
    client: WireClient,
    method: string,
    change: Members,
    known: KnownOrder,
    next: () => void,
  ): void {
    const { client_order_id } = known;
    known.changing = true;
    this.#ask(client, method, { client_order_id, ...change }, ({ result }) => {
      known.changing = false;
      if (result !== undefined) known.acknowledged = result;
      if (isOpen(known.acknowledged)) this.#open.push(known);
      next();
    });
  }

  #ask(
    client: WireClient,
    method: string,
    params: Members,
    then: (response: Response) => void,
  ): void {
    client.notify(method, params, (response) => {
      this.answers += 1;
      const { error } = response;
      if (error !== undefined) {
        this.refusals.set(error.code, (this.refusals.get(error.code) ?? 0) + 1);
      }
      then(response);
    });
  }
}
