/** Subscriptions to market data. A subscriber gets the answer first, then the present state, then every change. */

import type { CoreView } from "../../core/view.ts";
import type { WallClock } from "../../lib/clocks.ts";
import type {
  MarketDataBroadcaster,
  MarketTopic,
  Subscriber,
} from "../../market-data/broadcaster.ts";
import { EVERY, type Frame } from "../../market-data/topics.ts";
import { pushFrame } from "../../protocol/envelope.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { invalidParameters } from "../../protocol/issue.ts";
import { CANDLE_INTERVALS, symbolName } from "../../protocol/names.ts";
import { type MethodName, methods, type Params, type Result } from "../../protocol/schemas.ts";
import { weightOf, weightOfTold } from "../../protocol/weight.ts";
import type { LevelChanges } from "../../records/level-changes.ts";
import { exchangeTime } from "../../router/sequencer.ts";
import type { Caller } from "../../trading/caller.ts";
import type { DurableReads, ReadNeeds } from "../../trading/durable-reads.ts";
import type { MaintenanceGate } from "../../trading/maintenance-gate.ts";
import { failure, type Outcome } from "../../trading/outcome.ts";
import type { SymbolNames } from "../../trading/symbol-names.ts";
import { afterMs } from "./after-ms.ts";
import type { Session } from "./session.ts";

/** In place of a symbol's name: all symbols. */
const ALL = "*";
/** Index of the interval of candles when a request does not say one. */
const MINUTE = 0;

const READS_STATE: ReadNeeds = { access: "market_data", source: "core" };
const READS_OWN: ReadNeeds = { access: "market_data", source: "records" };

export interface SubscriptionsParts extends WallClock {
  reads: DurableReads;
  symbols: SymbolNames;
  broadcaster: MarketDataBroadcaster;
  levelChanges: LevelChanges;
  players: { readonly size: number };
  maintenance: Pick<MaintenanceGate, "windows">;
  view: Pick<CoreView, "tick" | "timestamp" | "depth" | "listedSymbols">;
  /** Runs `run` after so many milliseconds. */
  later?(run: () => void, ms: number): void;
}

/** How many states of symbols a new subscriber is sent at once. */
const STATES_AT_ONCE = 4096;
/** How many subscriptions of closed connections are removed at once. */
const LEAVES_AT_ONCE = 4096;
/** A book with this many levels is charged for in addition to the subscription. */
const DEEP_LEVELS = methods.subscribe.cost.told.per;

type Answer<R> = (outcome: Outcome<R>) => void;

interface DepthReplay {
  from: number;
  last: number;
  frames: readonly Frame[];
}

export class Subscriptions {
  readonly #parts: SubscriptionsParts;
  /** Subscriptions of closed connections that the broadcaster still counts. */
  readonly #left: (Subscriber & { topics: Iterator<MarketTopic> })[] = [];
  readonly #probe = new Float64Array(DEEP_LEVELS * 2);

  constructor(parts: SubscriptionsParts) {
    this.#parts = parts;
  }

  /** Called when the connection is open. */
  open(session: Session): void {
    session.shard = this.#parts.broadcaster.shards.enter();
  }

  subscribe(
    session: Session,
    caller: Caller,
    params: Params<"subscribe">,
    answer: Answer<Result<"subscribe">>,
  ): void {
    const read = () => this.#topicsOf(params);
    const weight = this.#weight("subscribe", params);
    this.#parts.reads.run(caller, READS_STATE, weight, read, (outcome) => {
      if ("error" in outcome) return answer(outcome);
      const topics = outcome.result;
      const hearsStatus = topics.some(isStatus) && !isToStatus(session);
      this.#catchUp(session, topics);
      answer({ result: { subscribed: topics.map(nameOf) } });
      if (hearsStatus) this.#tellWindows(session);
      const isBusy = session.joining !== null;
      session.joining = [...(session.joining ?? []), ...topics];
      if (!isBusy) this.#joinSlice(session);
    });
  }

  /** Tells about maintenance that is ahead or under way. */
  #tellWindows(session: Session): void {
    const { maintenance, view } = this.#parts;
    const timestamp = exchangeTime(this.#parts);
    for (const window of maintenance.windows()) {
      const data = {
        event: "maintenance",
        ...window,
        timestamp,
        tick: view.tick(),
      } as const;
      session.sendPublic(pushFrame(session.encoding, "status", data));
    }
  }

  /**
   * Sends the present state in slices, because that of all channels of every symbol is very long. Only when a book was sent
   * is it known what it weighs. So a book with very many levels waits until its caller has paid what he owes for the last
   * one.
   */
  #joinSlice(session: Session): void {
    const { joining, socket, caller } = session;
    if (joining === null) return;
    if (socket === null) {
      session.joining = null;
      return;
    }
    const { reads, players, later = afterMs } = this.#parts;
    let left = STATES_AT_ONCE;
    let wait = 0;
    session.cork(() => {
      for (let [topic] = joining; left > 0 && topic !== undefined; [topic] = joining) {
        wait = this.#isDeep(topic) ? reads.wait(caller) : 0;
        if (wait > 0) return;
        joining.shift();
        this.#join(session, topic, true);
        left -= topic.symbol === EVERY ? players.size : 1;
      }
    });
    const next = (): void => reads.goOn(() => this.#joinSlice(session));
    if (joining.length === 0) session.joining = null;
    else if (wait > 0) later(next, wait);
    else next();
  }

  /** Whether the book of a topic is long enough to be charged for. */
  #isDeep({ channel, symbol }: MarketTopic): boolean {
    if (channel !== "depth") return false;
    const { view } = this.#parts;
    const count = (one: number, side: number) => view.depth(one, side, this.#probe, DEEP_LEVELS);
    const symbols = symbol === EVERY ? view.listedSymbols() : [symbol];
    return symbols.some((one) => count(one, 0) + count(one, 1) >= DEEP_LEVELS);
  }

  unsubscribe(
    session: Session,
    caller: Caller,
    params: Params<"unsubscribe">,
    answer: Answer<Result<"unsubscribe">>,
  ): void {
    const read = (): Outcome<Result<"unsubscribe">> => {
      const topics = this.#topicsOf(params);
      if ("error" in topics) return topics;
      // With `*`, single symbols of the channel are ended as well.
      const ended = topics.result.flatMap((topic) => {
        const isOfSymbols = topic.symbol === EVERY && topic.channel !== "heartbeat";
        return isOfSymbols ? alike(session, topic) : [topic];
      });
      const waited = forgetJoining(session, topics.result);
      const unsubscribed = new Set([...this.#leave(session, ended), ...waited]);
      return { result: { unsubscribed: [...unsubscribed] } };
    };
    this.#parts.reads.run(caller, READS_OWN, this.#weight("unsubscribe", params), read, answer);
  }

  subscriptions(session: Session, caller: Caller, answer: Answer<Result<"subscriptions">>): void {
    const read = () => {
      const joining = (session.joining ?? []).map(nameOf);
      const subscribed = [...new Set([...(session.subscriptions?.keys() ?? []), ...joining])];
      const { cost } = methods.subscriptions;
      this.#parts.reads.owe(caller, weightOfTold(cost, subscribed.length));
      return { result: { subscribed } };
    };
    this.#parts.reads.run(caller, READS_OWN, this.#weight("subscriptions", {}), read, answer);
  }

  /** Serves `depth.resume`: sends the changes that the client has missed, and then all new ones. */
  resumeDepth(
    session: Session,
    caller: Caller,
    params: Params<"depth.resume">,
    answer: Answer<Result<"depth.resume">>,
  ): void {
    const symbol = this.#parts.symbols.find(params.symbol);
    const { reads, levelChanges } = this.#parts;
    const levels = symbol < 0 ? 0 : levelChanges.levelsSince(symbol, params.from_seq);
    const weightOfAll = weightOfTold(methods["depth.resume"].cost, levels);
    const read = () => this.#depthReplay(session, symbol, Math.max(1, params.from_seq));
    const weight = this.#weight("depth.resume", params);
    const onAnswer = (outcome: Outcome<DepthReplay>): void => {
      if ("error" in outcome) return answer(outcome);
      const { from, last, frames } = outcome.result;
      const topic: MarketTopic = { channel: "depth", symbol, interval: MINUTE };
      this.#catchUp(session, [topic]);
      answer({ result: { symbol: symbolName(symbol), from_seq: from, last_seq: last } });
      session.cork(() => {
        for (const frame of frames) session.sendPublic(frame);
        this.#join(session, topic, false);
      });
    };
    reads.run(caller, READS_STATE, weight, read, onAnswer, weightOfAll);
  }

  /** Frames that the session's topics carried in the last second, or would have carried without conflation. */
  carried({ subscriptions }: Session): number {
    let frames = 0;
    for (const topic of subscriptions?.values() ?? [])
      frames += this.#parts.broadcaster.rate(topic);
    return frames;
  }

  /** Calls `tell`, and moves the session to conflated topics or back to exact ones. The session misses nothing. */
  move(session: Session, isConflated: boolean, tell: () => void): void {
    this.#parts.reads.goOn(() => {
      const { socket, encoding, shard, subscriptions } = session;
      if (socket === null || session.isConflated === isConflated) return;
      const { broadcaster } = this.#parts;
      const topics = Array.from(subscriptions?.values() ?? []).filter((topic) =>
        broadcaster.hasConflated(topic),
      );
      // It gets the frames that wait before it leaves. When it joins a conflated topic, `join` sends what waits there to the
      // others.
      if (!isConflated) for (const topic of topics) broadcaster.tellWaiting(topic);
      broadcaster.settle(shard);
      tell();
      session.isConflated = isConflated;
      const before = { encoding, shard, isConflated: !isConflated };
      for (const topic of topics) {
        socket.unsubscribe(broadcaster.leave(topic, before));
        this.#enter(session, topic);
      }
    });
  }

  #weight(method: MethodName, params: object): number {
    return weightOf(methods[method].cost, params, this.#parts.players.size);
  }

  #depthReplay(session: Session, symbol: number, fromSeq: number): Outcome<DepthReplay> {
    const { broadcaster, levelChanges } = this.#parts;
    if (symbol < 0) return failure(ErrorCode.UNKNOWN_SYMBOL);
    const last = levelChanges.seq(symbol);
    if (fromSeq > last + 1) {
      const issue = `Must be at most ${last + 1}, the number of the next change`;
      return { error: invalidParameters("depth.resume", [{ field: "from_seq", issue }]) };
    }
    const oldest = levelChanges.oldestSeq(symbol);
    if (fromSeq < oldest) return failure(ErrorCode.REPLAY_UNAVAILABLE, { oldest_seq: oldest });
    const frames: Frame[] = [];
    const from = broadcaster.replayDepth(symbol, fromSeq, session.encoding, (frame) => {
      // Bytes are in the encoder's memory, so they are copied.
      frames.push(typeof frame === "string" ? frame : frame.slice());
    });
    return { result: { from, last, frames } };
  }

  /**
   * Called when the connection is closed. Its subscriptions are removed from the counts in slices, because very many
   * connections may close together. Until then some frames are encoded that nobody gets. Bun has taken the socket out of its
   * topics.
   */
  close(session: Session): void {
    this.#parts.broadcaster.shards.leave(session.shard);
    const { subscriptions, encoding, shard, isConflated } = session;
    session.subscriptions = null;
    session.joining = null;
    if (subscriptions === null || subscriptions.size === 0) return;
    this.#left.push({ topics: subscriptions.values(), encoding, shard, isConflated });
    if (this.#left.length === 1) this.#forgetSlice();
  }

  #forgetSlice(): void {
    let slice = LEAVES_AT_ONCE;
    for (let gone = this.#left[0]; gone !== undefined; gone = this.#left[0]) {
      for (let next = gone.topics.next(); !next.done; next = gone.topics.next()) {
        this.#parts.broadcaster.leave(next.value, gone);
        if (--slice === 0) return void setImmediate(() => this.#forgetSlice());
      }
      this.#left.shift();
    }
  }

  /** The topics that a request names; 40003 for an unknown symbol. */
  #topicsOf({
    channels,
    symbols: names = [],
    interval,
  }: Params<"subscribe">): Outcome<MarketTopic[]> {
    const symbols = new Set<number>();
    for (const name of names.includes(ALL) ? [] : names) {
      const symbol = this.#parts.symbols.find(name);
      if (symbol < 0) return failure(ErrorCode.UNKNOWN_SYMBOL, { symbol: name });
      symbols.add(symbol);
    }
    if (symbols.size === 0) symbols.add(EVERY);
    const length = interval === undefined ? MINUTE : CANDLE_INTERVALS.indexOf(interval);
    const topics = [...new Set(channels)].flatMap((channel): MarketTopic[] => {
      if (channel === "heartbeat") return [{ channel, symbol: EVERY, interval: MINUTE }];
      const of = channel === "candles" ? length : MINUTE;
      return [...symbols].map((symbol) => ({ channel, symbol, interval: of }));
    });
    return { result: topics };
  }

  /**
   * Prepares a session for the present state of topics. It leaves those it has already whose latest state is all that counts,
   * and will join them again. For the others, and for those it gets with `*`, waiting frames are sent first.
   */
  #catchUp(session: Session, topics: readonly MarketTopic[]): void {
    const { broadcaster } = this.#parts;
    const ofState = topics.filter((topic) => broadcaster.hasConflated(topic));
    this.#leave(session, ofState);
    const heard = topics.filter((topic) => hears(session, topic));
    if (heard.length === 0) return;
    if (session.isConflated) for (const topic of heard) broadcaster.tellWaiting(topic);
    broadcaster.settle(session.shard);
  }

  /**
   * Subscribes the session to a topic, after sending it the present state, also when it has the topic already. `*` replaces
   * the single symbols of its channel, and no single symbol is added beside it, so nothing is delivered twice.
   */
  #join(session: Session, topic: MarketTopic, sendsCurrent: boolean): void {
    const { broadcaster } = this.#parts;
    const { encoding } = session;
    session.subscriptions ??= new Map();
    const { subscriptions } = session;
    const name = nameOf(topic);
    this.#catchUp(session, [topic]);
    const hearsAlready = hears(session, topic);
    if (sendsCurrent) {
      let weight = 0;
      broadcaster.current(topic, encoding, (frame, levels = 0) => {
        session.sendPublic(frame);
        weight += weightOfTold(methods.subscribe.cost, levels);
      });
      if (weight > 0) this.#parts.reads.owe(session.caller, weight);
    }
    // The session may be closed by now, for example because its client does not read.
    if (session.socket === null || hearsAlready) return;
    if (topic.symbol === EVERY) this.#replace(session, alike(session, topic));
    subscriptions.set(name, topic);
    this.#enter(session, topic);
  }

  #enter(session: Session, topic: MarketTopic): void {
    const { isConflated } = session;
    this.#parts.broadcaster.join(topic, session, (socketTopic, missed) => {
      // The session may have left the topic, or have been moved, meanwhile.
      if (session.subscriptions?.get(nameOf(topic)) !== topic) return;
      if (session.isConflated !== isConflated) return;
      for (const frame of missed) session.sendPublic(frame);
      session.socket?.subscribe(socketTopic);
    });
  }

  /** Ends subscriptions that another one replaces. What waits for them is sent first. */
  #replace(session: Session, topics: readonly MarketTopic[]): void {
    if (topics.length === 0) return;
    this.#parts.broadcaster.settle(session.shard);
    this.#leave(session, topics);
  }

  /** Ends subscriptions. Returns the names of those that existed. */
  #leave(session: Session, topics: readonly MarketTopic[]): string[] {
    const { subscriptions, socket } = session;
    const ended: string[] = [];
    for (const topic of topics) {
      const name = nameOf(topic);
      if (subscriptions?.delete(name) !== true) continue;
      ended.push(name);
      socket?.unsubscribe(this.#parts.broadcaster.leave(topic, session));
    }
    return ended;
  }
}

/** Removes topics that the session has subscribed to and whose state it was not sent yet. Returns their names. */
function forgetJoining({ joining }: Session, topics: readonly MarketTopic[]): string[] {
  if (joining === null) return [];
  const names = new Set(topics.map(nameOf));
  const isEnded = (waiting: MarketTopic) =>
    names.has(nameOf(waiting)) || names.has(nameOf({ ...waiting, symbol: EVERY }));
  const ended = joining.filter(isEnded).map(nameOf);
  joining.splice(0, joining.length, ...joining.filter((waiting) => !isEnded(waiting)));
  return ended;
}

/** Whether the session is subscribed to a topic, or to the same one of all symbols. */
function hears({ subscriptions }: Session, topic: MarketTopic): boolean {
  if (subscriptions === null) return false;
  return subscriptions.has(nameOf(topic)) || subscriptions.has(nameOf({ ...topic, symbol: EVERY }));
}

function isStatus({ channel }: MarketTopic): boolean {
  return channel === "status";
}

/** Whether the session has subscribed to `status`, of any symbol. */
function isToStatus({ subscriptions, joining }: Session): boolean {
  return [...(subscriptions?.values() ?? []), ...(joining ?? [])].some(isStatus);
}

/** The session's subscriptions with the same channel and interval as a topic. */
function alike({ subscriptions }: Session, { channel, interval }: MarketTopic): MarketTopic[] {
  const all = [...(subscriptions?.values() ?? [])];
  return all.filter((each) => each.channel === channel && each.interval === interval);
}

/** A topic's name for clients: `book.SYMBOL_1`, `book.*`, `candles.SYMBOL_1.5m`, `heartbeat`. */
function nameOf({ channel, symbol, interval }: MarketTopic): string {
  if (channel === "heartbeat") return channel;
  const name = `${channel}.${symbol === EVERY ? ALL : symbolName(symbol)}`;
  return interval === MINUTE ? name : `${name}.${CANDLE_INTERVALS[interval]}`;
}
