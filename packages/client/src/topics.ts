/** Which symbols of a channel are wanted, by how many, and which the exchange was asked for. */
import type { PushData, SubscribeParams } from "./messages.ts";

export type Channel = SubscribeParams["channels"][number];
export type ChannelData<C extends Channel> = C extends Channel ? PushData<C> : never;
/** Length of candles. */
export type Interval = NonNullable<SubscribeParams["interval"]>;

/** Somebody who hears a channel. */
export interface Listener<C extends Channel> {
  /** Canonical names; null for every symbol. */
  readonly symbols: ReadonlySet<string> | null;
  push(data: ChannelData<C>): void;
  /** The exchange tells what it wants from here on, from which something may be missing before. */
  begin?(): void;
  /** It will hear nothing more: the exchange refuses what it wants. */
  fail(error: Error): void;
  /** Of `depth`: whether what was pushed of the symbol is how its book stands. */
  onLive?(symbol: string, isLive: boolean): void;
}

/** Every symbol. */
const ALL = "*";

/** Channels in which the last push of a symbol is how it stands. */
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

/** A channel, and of candles one interval. */
export class TopicGroup {
  readonly listeners = new Set<Listener<Channel>>();
  readonly #counts = new Map<string, number>();
  /** What the exchange was asked for on this connection. */
  readonly #asked = new Set<string>();
  /** What the exchange has agreed to tell on this connection. */
  readonly #told = new Set<string>();
  /** Symbols whose missing changes are asked for on this connection. */
  readonly resuming = new Set<string>();
  /** What is to be asked for once more. */
  readonly #anew = new Set<string>();
  readonly #last = new Map<string, ChannelData<Channel>>();

  constructor(
    readonly channel: Channel,
    readonly interval: Interval | undefined,
  ) {}

  /** Counts one more or one less who wants the symbols. */
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
    // What was on its way when nobody wanted it any more is old when somebody does, and a status may be of a topic.
    const isState = this.channel !== "status" || (data as PushData<"status">).event === "symbol";
    if (isState && this.wants(symbol)) this.#last.set(symbol, data);
  }

  /** How the symbols stand, as far as it was told. */
  lastOf(symbols: ReadonlySet<string> | null): ChannelData<Channel>[] {
    const found = [...this.#last].filter(([symbol]) => symbols === null || symbols.has(symbol));
    return found.map(([, data]) => data);
  }

  /** Nothing is subscribed to any more. */
  lose(): void {
    this.#asked.clear();
    this.#told.clear();
    this.resuming.clear();
    this.#anew.clear();
    this.#last.clear();
  }

  /** What the exchange tells already it is to tell again from the start. */
  askAnew(symbols: ReadonlySet<string> | null): void {
    if (this.#asked.has(ALL)) this.#anew.add(ALL);
    for (const symbol of symbols ?? this.#asked) {
      if (this.#asked.has(symbol)) this.#anew.add(symbol);
    }
  }

  /** The exchange tells the symbol already. */
  add(symbol: string): void {
    if (!this.#asked.has(ALL)) this.#asked.add(symbol);
    this.#told.add(symbol);
  }

  /** The exchange has agreed to tell these, from here on: whoever wants one of them has a new beginning. */
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

  /** Whether the exchange tells all of these. */
  isTold(symbols: ReadonlySet<string> | null): boolean {
    return (
      this.#told.has(ALL) ||
      (symbols !== null && [...symbols].every((each) => this.#told.has(each)))
    );
  }

  /** What is to be ended; it counts as ended. */
  takeUnwanted(): string[] {
    const isAllWanted = this.wantsAll;
    const unwanted = [...this.#asked].filter((symbol) => {
      if (this.#anew.has(symbol)) return true;
      // Single symbols end by themselves when all are asked for.
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

  /** What is to be asked for, but for what is being resumed; it counts as asked for. */
  takeMissing(): string[] {
    const wanted = this.wantsAll ? [ALL] : [...this.#counts.keys()];
    const missing = wanted.filter(
      (symbol) => !this.#asked.has(symbol) && !this.resuming.has(symbol),
    );
    if (missing.includes(ALL)) this.#asked.clear();
    for (const symbol of missing) this.#asked.add(symbol);
    return missing;
  }

  /** The exchange refused these. */
  giveBack(symbols: readonly string[]): void {
    for (const symbol of symbols) this.#asked.delete(symbol);
  }
}
