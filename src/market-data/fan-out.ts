/**
 * When frames go out to very many. A send costs the thread as much as the encoding of several frames, and a socket gets all
 * frames of a turn of the event loop in one send. So after a turn whose topics very many heard frames gather for as long
 * as that turn took: sends take half of the thread at the most, the other half goes to ticks, and what waits goes out in as
 * few sends as there are sockets. Where few listen nothing ever waits.
 *
 * ```
 *  frames  ─┬── few listen ─────────────────────────────────► topics
 *           └── many: this turn's ────► topics, d ms of sends
 *                     later ones wait  ···· d ms ····└─► topics, and so on
 * ```
 */
import type { MonotonicClock } from "../lib/clocks.ts";
import type { Frame, Publish } from "./topics.ts";

/** Listeners of a turn's topics from whom on frames gather: some milliseconds of sends. */
const MANY_LISTENERS = 1000;
/** How long a frame waits at the most. */
const PAUSE_MS_MAX = 100;
/** Frames that wait; more go out at once. */
const WAITING_MAX = 16_384;

export interface FanOutParts extends MonotonicClock {
  publish: Publish;
  /** Listeners of a turn's topics from whom on frames gather. */
  many?: number;
  /** Runs in the next turn of the event loop, and after so many milliseconds. */
  nextTurn?(run: () => void): void;
  later?(run: () => void, ms: number): void;
}

interface Waiting {
  topic: string;
  frame: Frame;
  listeners: number;
}

/** Somebody who comes to a topic of which frames wait that he must not get. */
interface Entering {
  frames: readonly Frame[];
  /** Of `frames`, those from before he came. */
  known: number;
  enter: (missed: readonly Frame[]) => void;
}

export class FanOut {
  readonly #publish: Publish;
  readonly #monotonic: () => number;
  readonly #many: number;
  readonly #nextTurn: (run: () => void) => void;
  readonly #later: (run: () => void, ms: number) => void;
  #waiting: Waiting[] = [];
  /** Of those, by topic. */
  #frames = new Map<string, Frame[]>();
  #entering: Entering[] = [];
  #isPaused = false;
  /** Of the turn in progress: when it began, topics published to, and their listeners, each counted for each topic. */
  #startedAt = 0;
  readonly #topics = new Set<string>();
  #listeners = 0;

  constructor(parts: FanOutParts) {
    const { publish, monotonic, many = MANY_LISTENERS } = parts;
    const { nextTurn = setImmediate, later = setTimeout } = parts;
    this.#publish = publish;
    this.#many = many;
    this.#monotonic = monotonic;
    this.#nextTurn = nextTurn;
    this.#later = later;
  }

  readonly publish: Publish = (topic, frame, listeners) => {
    if (!this.#isPaused) return this.#send(topic, frame, listeners);
    // Bytes are the encoder's own.
    const kept = typeof frame === "string" ? frame : frame.slice();
    this.#waiting.push({ topic, frame: kept, listeners });
    const frames = this.#frames.get(topic);
    if (frames === undefined) this.#frames.set(topic, [kept]);
    else frames.push(kept);
    if (this.#waiting.length === WAITING_MAX) this.settle();
  };

  /**
   * Lets somebody come to a topic who knows how things stand: `enter` subscribes him, at once or when those frames have
   * gone out that he has no need of, and sends him before what he has missed until then.
   */
  enter(topic: string, enter: (missed: readonly Frame[]) => void): void {
    const frames = this.#frames.get(topic);
    if (frames === undefined) enter([]);
    else this.#entering.push({ frames, known: frames.length, enter });
  }

  /** Sends what waits. */
  settle(): void {
    const waiting = this.#waiting;
    const entering = this.#entering;
    this.#waiting = [];
    this.#entering = [];
    this.#frames = new Map();
    for (const { topic, frame, listeners } of waiting) this.#send(topic, frame, listeners);
    for (const { frames, known, enter } of entering) enter(frames.slice(known));
  }

  #send(topic: string, frame: Frame, listeners: number): void {
    this.#publish(topic, frame, listeners);
    if (this.#topics.has(topic)) return;
    if (this.#topics.size === 0) {
      this.#startedAt = this.#monotonic();
      this.#nextTurn(this.#onTurn);
    }
    this.#topics.add(topic);
    this.#listeners += listeners;
  }

  /** Bun sends what was published in this turn at its end. */
  readonly #onTurn = (): void => {
    const areMany = this.#listeners >= this.#many;
    this.#topics.clear();
    this.#listeners = 0;
    if (this.#isPaused || !areMany) return;
    this.#isPaused = true;
    this.#nextTurn(() => {
      const spent = this.#monotonic() - this.#startedAt;
      this.#later(this.#onPauseOver, Math.min(PAUSE_MS_MAX, spent));
    });
  };

  readonly #onPauseOver = (): void => {
    this.#isPaused = false;
    this.settle();
  };
}
