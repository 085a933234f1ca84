/**
 * Decides when frames go out to very many subscribers. A send costs the thread as much as encoding several frames does,
 * and a socket gets all frames of a turn of the event loop in one send. So once very many hear the topics of a turn,
 * frames gather. They go out to one shard of connections after the other, each in a turn of its own, with a pause after
 * it as long as the turn, for ticks. So sends take half of the thread at the most and hold it for a shard at a time,
 * and a send carries all frames since the shard's turn before. With few listeners no frame ever waits.
 *
 * ```
 *  frames ─┬─ few listen ────────────────────────────────────────► topics of all shards
 *          └─ many ─► gather ─► shard 0 │ pause │ shard 1 │ pause │ … │ shard 0 …
 * ```
 */
import type { MonotonicClock } from "../lib/clocks.ts";
import { type Shards, shardTopic } from "./shards.ts";
import type { Frame, Publish } from "./topics.ts";

/** With so many listeners to the topics of a turn, frames gather. To send to them takes some milliseconds. */
const MANY_LISTENERS = 512;
/** The longest pause after a shard's turn. */
const PAUSE_MS_MAX = 100;
/** When a round through all shards has taken so long, its other turns follow each other without pauses. */
const ROUND_MS_MAX = 400;
/**
 * The most frames that gather, and the most deliveries: frames times their listeners. Beyond either, all of them go out
 * to all shards at once.
 */
const GATHERED_MAX = 65_536;
const DELIVERIES_MAX = 2_097_152;

export interface FanOutParts extends MonotonicClock {
  publish: Publish;
  shards: Pick<Shards, "count">;
  /** By default MANY_LISTENERS. */
  many?: number;
  /** Calls `run` in the next turn of the event loop, or after so many milliseconds. */
  nextTurn?(run: () => void): void;
  later?(run: () => void, ms: number): void;
}

interface Gathered {
  /** Frames are numbered as they come. */
  number: number;
  topic: string;
  frame: Frame;
  listeners: number;
}

/** A socket that joins a topic while frames wait that it must not get. */
interface Entering {
  topic: string;
  shard: number;
  /** The number of the first frame after the state that the socket was sent. */
  since: number;
  enter: (missed: readonly Frame[]) => void;
}

export class FanOut {
  readonly #publish: Publish;
  readonly #shards: Pick<Shards, "count">;
  readonly #monotonic: () => number;
  readonly #many: number;
  readonly #nextTurn: (run: () => void) => void;
  readonly #later: (run: () => void, ms: number) => void;
  #isGathering = false;
  /** The frames that some shard has not got yet, their deliveries, and the number of the first of them. */
  #gathered: Gathered[] = [];
  #deliveries = 0;
  #first = 0;
  /** By topic: the number of its last frame. */
  readonly #last = new Map<string, number>();
  /** By shard: the number of the first frame that it has not got. */
  readonly #next: number[] = [];
  #entering: Entering[] = [];
  /** The shard whose turn is next, and when the round began. */
  #shard = 0;
  #roundAt = 0;
  /**
   * Topics with frames in this turn of the event loop (while frames gather: since shard 0 had its turn), and how many
   * listen to them.
   */
  readonly #topics = new Set<string>();
  #listeners = 0;

  constructor(parts: FanOutParts) {
    const { publish, shards, monotonic, many = MANY_LISTENERS } = parts;
    const { nextTurn = setImmediate, later = setTimeout } = parts;
    this.#publish = publish;
    this.#shards = shards;
    this.#many = many;
    this.#monotonic = monotonic;
    this.#nextTurn = nextTurn;
    this.#later = later;
  }

  readonly publish: Publish = (topic, frame, listeners) => {
    this.#count(topic, listeners);
    if (!this.#isGathering) {
      if (this.#listeners < this.#many) return this.#sendToAll(topic, frame, listeners);
      this.#isGathering = true;
      this.#nextTurn(this.#onTurn);
    }
    const number = this.#end;
    // Bytes belong to the encoder, which writes the next frame over them.
    const kept = typeof frame === "string" ? frame : frame.slice();
    this.#gathered.push({ number, topic, frame: kept, listeners });
    this.#last.set(topic, number);
    this.#deliveries += listeners;
    if (this.#gathered.length === GATHERED_MAX || this.#deliveries > DELIVERIES_MAX) this.settle();
  };

  /**
   * Lets a socket of the shard join a topic whose state it was sent. `enter` sends it the frames that it has missed
   * since then and subscribes it. It is called at once, or when the frames from before the state have gone out.
   */
  enter(topic: string, shard: number, enter: (missed: readonly Frame[]) => void): void {
    const last = this.#last.get(topic) ?? -1;
    if (last < this.#nextOf(shard)) enter([]);
    else this.#entering.push({ topic, shard, since: this.#end, enter });
  }

  /** Sends all frames that wait, to one shard or to all. */
  settle(shard?: number): void {
    if (shard !== undefined) return this.#sendTo(shard);
    for (let each = 0; each < this.#shards.count; each++) this.#sendTo(each);
    this.#forget();
  }

  get #end(): number {
    return this.#first + this.#gathered.length;
  }

  #nextOf(shard: number): number {
    return Math.max(this.#first, this.#next[shard] ?? 0);
  }

  #count(topic: string, listeners: number): void {
    if (this.#topics.has(topic)) return;
    if (this.#topics.size === 0 && !this.#isGathering) this.#nextTurn(this.#onTurnOver);
    this.#topics.add(topic);
    this.#listeners += listeners;
  }

  readonly #onTurnOver = (): void => {
    if (!this.#isGathering) this.#countAgain();
  };

  #countAgain(): void {
    this.#topics.clear();
    this.#listeners = 0;
  }

  #sendToAll(topic: string, frame: Frame, listeners: number): void {
    for (let shard = 0; shard < this.#shards.count; shard++)
      this.#publish(shardTopic(topic, shard), frame, listeners);
  }

  readonly #onTurn = (): void => {
    const startedAt = this.#monotonic();
    if (this.#shard === 0) {
      const areFew = this.#listeners < this.#many;
      this.#countAgain();
      if (areFew) {
        this.#isGathering = false;
        return this.settle();
      }
      this.#roundAt = startedAt;
    }
    this.#sendTo(this.#shard++);
    if (this.#shard >= this.#shards.count) {
      this.#shard = 0;
      this.#forget();
    }
    // Bun sends what was published in this turn at the turn's end. The first of these two turns may begin before that.
    this.#nextTurn(() => this.#nextTurn(() => this.#pause(startedAt)));
  };

  #pause(startedAt: number): void {
    const now = this.#monotonic();
    if (now - this.#roundAt > ROUND_MS_MAX) return this.#onTurn();
    this.#later(this.#onTurn, Math.min(PAUSE_MS_MAX, now - startedAt));
  }

  #sendTo(shard: number): void {
    const from = this.#nextOf(shard) - this.#first;
    this.#next[shard] = this.#end;
    for (let i = from; i < this.#gathered.length; i++) {
      const { topic, frame, listeners } = this.#gathered[i];
      this.#publish(shardTopic(topic, shard), frame, listeners);
    }
    this.#letEnter(shard);
  }

  #letEnter(shard: number): void {
    const entering = this.#entering.filter((each) => each.shard === shard);
    if (entering.length === 0) return;
    this.#entering = this.#entering.filter((each) => each.shard !== shard);
    const frames = Map.groupBy(this.#gathered, ({ topic }) => topic);
    for (const { topic, since, enter } of entering) {
      const missed = frames.get(topic)?.filter(({ number }) => number >= since) ?? [];
      enter(missed.map(({ frame }) => frame));
    }
  }

  /** Forgets the frames that all shards have got, and what is kept of shards that no longer exist. */
  #forget(): void {
    const { count } = this.#shards;
    this.#next.length = Math.min(this.#next.length, count);
    this.#entering = this.#entering.filter(({ shard }) => shard < count);
    const first = Math.min(...Array.from({ length: count }, (_, shard) => this.#nextOf(shard)));
    for (const { listeners } of this.#gathered.splice(0, first - this.#first))
      this.#deliveries -= listeners;
    this.#first = first;
  }
}
