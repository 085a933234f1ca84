/** Counts who wants which symbols of a channel, and remembers what the exchange was asked for. */
import type { PushData, SubscribeParams } from "./messages.ts";

export type Channel = SubscribeParams["channels"][number];
export type ChannelData<C extends Channel> = C extends Channel ? PushData<C> : never;
/** Length of candles. */
export type Interval = NonNullable<SubscribeParams["interval"]>;

/** A listener of a channel. */
export interface Listener<C extends Channel> {
  /** Canonical names; null for every symbol. */
  readonly symbols: ReadonlySet<string> | null;
  push(data: ChannelData<C>): void;
  /**
   * Called when the exchange pushes everything that the listener wants from here on. Earlier pushes may be
   * missing.
   */
  begin?(): void;
  /** Called when the exchange refuses what the listener wants: it gets nothing more. */
  fail(error: Error): void;
  /** For `depth`: told whether the pushes of a symbol give its present book. */
  onLive?(symbol: string, isLive: boolean): void;
}

/** Every symbol. */
const ALL = "*";

/** Channels in which the last push of a symbol is its present state. */
const STATES: ReadonlySet<Channel> = new Set(["book", "bbo", "ticker", "candles", "status"]);

export class TopicGroups {
  readonly #groups = new Map<string, TopicGroup>();

  get(channel: Channel, interval?: Interval): TopicGroup {
    const key = keyOf(channel, interval);
    const group = this.#groups.get(key) ?? new TopicGroup(channel, interval);
    this.#groups.set(key, group);
    return group;
  }

  find(channel: Channel, interval?: Interval): TopicGroup | undefined {
    return this.#groups.get(keyOf(channel, interval));
  }

  all(): TopicGroup[] {
    return [...this.#groups.values()];
  }
}

function keyOf(channel: Channel, interval: Interval = "1m"): string {
  return channel === "candles" ? `candles.${interval}` : channel;
}

/** The topics of a channel; for candles, those of one interval. */
export class TopicGroup {
  readonly listeners = new Set<Listener<Channel>>();
  readonly #counts = new Map<string, number>();
  /** Symbols that the exchange was asked for on this connection. */
  readonly #asked = new Set<string>();
  /** Symbols that the exchange has agreed to push on this connection. */
  readonly #told = new Set<string>();
  /** Symbols whose missing changes are asked for on this connection. */
  readonly resuming = new Set<string>();
  /** Symbols that are to be ended and asked for again. */
  readonly #anew = new Set<string>();
  readonly #last = new Map<string, ChannelData<Channel>>();

  constructor(
    readonly channel: Channel,
    readonly interval: Interval | undefined,
  ) {}

  /** Counts one more listener of the symbols, or one less. */
  count(symbols: ReadonlySet<string> | null, change: 1 | -1): void {
    for (const symbol of symbols ?? [ALL]) {
      const count = (this.#counts.get(symbol) ?? 0) + change;
      if (count > 0) this.#counts.set(symbol, count);
      else this.#counts.delete(symbol);
    }
  }

  get wantsAll(): boolean {
    return this.#counts.has(ALL);
  }

  wants(symbol: string): boolean {
    return this.wantsAll || this.#counts.has(symbol);
  }

  keep(symbol: string | undefined, data: ChannelData<Channel>): void {
    if (symbol === undefined || !STATES.has(this.channel)) return;
    // A push that comes when nobody wants the symbol any more would be outdated for the next listener. A status
    // may also be about a topic.
    const isState = this.channel !== "status" || (data as PushData<"status">).event === "symbol";
    if (isState && this.wants(symbol)) this.#last.set(symbol, data);
  }

  /** The last push of each of the symbols. */
  lastOf(symbols: ReadonlySet<string> | null): ChannelData<Channel>[] {
    const found = [...this.#last].filter(([symbol]) => symbols === null || symbols.has(symbol));
    return found.map(([, data]) => data);
  }

  /** Forgets all subscriptions, as the connection is gone. */
  lose(): void {
    this.#asked.clear();
    this.#told.clear();
    this.resuming.clear();
    this.#anew.clear();
    this.#last.clear();
  }

  /** Makes the exchange push again from the start what it pushes already. */
  askAnew(symbols: ReadonlySet<string> | null): void {
    if (this.#asked.has(ALL)) this.#anew.add(ALL);
    for (const symbol of symbols ?? this.#asked) {
      if (this.#asked.has(symbol)) this.#anew.add(symbol);
    }
  }

  /** Notes that the exchange pushes the symbol. */
  add(symbol: string): void {
    if (!this.#asked.has(ALL)) this.#asked.add(symbol);
    this.#told.add(symbol);
  }

  /**
   * Notes that the exchange pushes these symbols from here on, and tells the listeners who want one of them.
   */
  begin(symbols: readonly string[]): void {
    const begun = symbols.filter((symbol) => this.#asked.has(symbol));
    const isAll = begun.includes(ALL);
    if (isAll) this.#told.clear();
    for (const symbol of begun) this.#told.add(symbol);
    for (const listener of [...this.listeners]) {
      const isMeant = isAll || begun.some((symbol) => listener.symbols?.has(symbol));
      if (isMeant) listener.begin?.();
    }
  }

  /** Whether the exchange pushes all of these. */
  isTold(symbols: ReadonlySet<string> | null): boolean {
    return (
      this.#told.has(ALL) ||
      (symbols !== null && [...symbols].every((each) => this.#told.has(each)))
    );
  }

  /** Takes the symbols that are to be ended. They count as ended. */
  takeUnwanted(): string[] {
    const isAllWanted = this.wantsAll;
    const unwanted = [...this.#asked].filter((symbol) => {
      if (this.#anew.has(symbol)) return true;
      // When "*" is asked for, single symbols end by themselves.
      return symbol === ALL ? !isAllWanted : !isAllWanted && !this.#counts.has(symbol);
    });
    this.#anew.clear();
    for (const symbol of unwanted) {
      this.#asked.delete(symbol);
      this.#told.delete(symbol);
    }
    for (const symbol of this.#last.keys()) {
      if (!this.wants(symbol)) this.#last.delete(symbol);
    }
    return unwanted;
  }

  /**
   * Takes the symbols that are to be asked for, except those that are being resumed. They count as asked for.
   */
  takeMissing(): string[] {
    const wanted = this.wantsAll ? [ALL] : [...this.#counts.keys()];
    const missing = wanted.filter(
      (symbol) => !this.#asked.has(symbol) && !this.resuming.has(symbol),
    );
    if (missing.includes(ALL)) this.#asked.clear();
    for (const symbol of missing) this.#asked.add(symbol);
    return missing;
  }

  /** Notes that the exchange refused these symbols. */
  giveBack(symbols: readonly string[]): void {
    for (const symbol of symbols) this.#asked.delete(symbol);
  }
}
