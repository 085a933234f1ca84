/**
 * A family of topics of Bun's publish/subscribe, such as those of a channel: one for each key and encoding, and for
 * each encoding one that has every key. It counts the subscribers, so that nothing is encoded that nobody hears. To ask
 * whether anybody does costs one read of an array.
 */
import { freshDoubles, freshInts } from "../lib/fresh-memory.ts";
import { ENCODINGS, type Encoding } from "../protocol/encoding.ts";

/** Text for JSON, bytes for MessagePack. Bytes may be valid only until the next frame is made. */
export type Frame = string | Uint8Array;

/** Sends a frame to the subscribers of a topic. `listeners`: how many there are. */
export type Publish = (topic: string, frame: Frame, listeners: number) => void;

/** The key of the topic that has every key. */
export const EVERY = -1;

const ENCODING_COUNT = ENCODINGS.length;

export class Topics {
  readonly #publish: Publish;
  readonly #prefix: string;
  /** The row of the topic that has every key. */
  readonly #every: number;
  /** By row and encoding. */
  readonly #subscribers: Int32Array;
  readonly #names = new Map<number, string>();
  #total = 0;
  /** By row: frames of the second in progress, and of the last whole second, whether or not anybody heard them. */
  readonly #frames: Float64Array;
  readonly #rates: Float64Array;

  /** Keys are from 0 to `count` - 1; no other topics begin with `prefix` and a slash. */
  constructor(publish: Publish, prefix: string, count: number) {
    this.#publish = publish;
    this.#prefix = prefix;
    this.#every = count;
    this.#subscribers = freshInts((count + 1) * ENCODING_COUNT);
    this.#frames = freshDoubles(count + 1);
    this.#rates = freshDoubles(count + 1);
  }

  /** Whether nobody subscribes to any of the topics. */
  get isSilent(): boolean {
    return this.#total === 0;
  }

  /** Whether the key has a subscriber, in any encoding. */
  isHeard(key: number): boolean {
    if (this.#total === 0) return false;
    return this.#isRowHeard(this.#row(key)) || this.#isRowHeard(this.#every);
  }

  /** Frames that a subscriber of the key was sent in the last whole second, or would have been sent. */
  rate(key: number): number {
    return this.#rates[this.#row(key)];
  }

  /** Must be called every second. */
  endSecond(): void {
    this.#rates.set(this.#frames);
    this.#frames.fill(0);
  }

  /** How many subscribers the key has, in all encodings. */
  listeners(key: number): number {
    let count = 0;
    for (const row of [this.#row(key), this.#every]) {
      const i = row * ENCODING_COUNT;
      for (let column = 0; column < ENCODING_COUNT; column++)
        count += this.#subscribers[i + column];
    }
    return count;
  }

  /** Counts a new subscriber. Returns the name of the topic that its socket must subscribe to. */
  join(key: number, encoding: Encoding): string {
    return this.#count(key, encoding, 1);
  }

  /** Counts a subscriber no more. Returns the name of the topic that its socket must leave. */
  leave(key: number, encoding: Encoding): string {
    return this.#count(key, encoding, -1);
  }

  /** Publishes to the subscribers of the key and of every key. Encodes once for each encoding that somebody hears. */
  publish(key: number, encode: (encoding: Encoding) => Frame): void {
    const row = this.#row(key);
    this.#frames[row]++;
    if (row !== this.#every) this.#frames[this.#every]++;
    if (this.#total === 0) return;
    for (let column = 0; column < ENCODING_COUNT; column++) {
      const one = row * ENCODING_COUNT + column;
      const every = this.#every * ENCODING_COUNT + column;
      const isOneHeard = this.#subscribers[one] > 0;
      const isEveryHeard = one !== every && this.#subscribers[every] > 0;
      if (!isOneHeard && !isEveryHeard) continue;
      const frame = encode(ENCODINGS[column]);
      if (isOneHeard) this.#publish(this.#name(one), frame, this.#subscribers[one]);
      if (isEveryHeard) this.#publish(this.#name(every), frame, this.#subscribers[every]);
    }
  }

  #row(key: number): number {
    return key === EVERY ? this.#every : key;
  }

  #isRowHeard(row: number): boolean {
    const i = row * ENCODING_COUNT;
    return this.#subscribers[i] > 0 || this.#subscribers[i + 1] > 0;
  }

  #count(key: number, encoding: Encoding, change: 1 | -1): string {
    const i = this.#row(key) * ENCODING_COUNT + ENCODINGS.indexOf(encoding);
    const name = this.#name(i);
    this.#subscribers[i] += change;
    this.#total += change;
    if (this.#subscribers[i] === 0) this.#names.delete(i);
    return name;
  }

  #name(i: number): string {
    let name = this.#names.get(i);
    if (name === undefined) {
      const row = Math.floor(i / ENCODING_COUNT);
      const key = row === this.#every ? "*" : row;
      name = `${this.#prefix}/${key}/${ENCODINGS[i % ENCODING_COUNT]}`;
      this.#names.set(i, name);
    }
    return name;
  }
}
