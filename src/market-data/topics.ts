/**
 * Topics of the native publish/subscribe, one for each channel, symbol and encoding, and one for each
 * channel and encoding that has every symbol; with the number of subscribers of each, counted here, so
 * that nothing is encoded for nobody and the question costs an array read.
 */
import { ENCODINGS, type Encoding } from "../protocol/encoding.ts";

/** The channels served now. */
export const SERVED_CHANNELS = ["book", "trades", "bbo", "status"] as const;
export type ServedChannel = (typeof SERVED_CHANNELS)[number];

export function isServedChannel(channel: string): channel is ServedChannel {
  return (SERVED_CHANNELS as readonly string[]).includes(channel);
}

/** Takes frames to the subscribers of a topic: text to JSON topics, binary to MessagePack ones. */
export type Publish = (topic: string, frame: string | Uint8Array) => void;

const CHANNEL_COUNT = SERVED_CHANNELS.length;
const ENCODING_COUNT = ENCODINGS.length;

export class Topics {
  readonly #symbolsMax: number;
  readonly #subscribers: Int32Array;
  readonly #names: (string | undefined)[] = [];

  constructor(symbolsMax: number) {
    this.#symbolsMax = symbolsMax;
    this.#subscribers = new Int32Array((symbolsMax + 1) * CHANNEL_COUNT * ENCODING_COUNT);
  }

  /** `symbol` -1 is every symbol. */
  #index(channel: ServedChannel, symbol: number, encoding: Encoding): number {
    const row = symbol < 0 ? this.#symbolsMax : symbol;
    const column = SERVED_CHANNELS.indexOf(channel) * ENCODING_COUNT + ENCODINGS.indexOf(encoding);
    return row * CHANNEL_COUNT * ENCODING_COUNT + column;
  }

  name(channel: ServedChannel, symbol: number, encoding: Encoding): string {
    const i = this.#index(channel, symbol, encoding);
    let name = this.#names[i];
    if (name === undefined) {
      name = `${channel}/${symbol < 0 ? "*" : symbol}/${encoding}`;
      this.#names[i] = name;
    }
    return name;
  }

  subscribers(channel: ServedChannel, symbol: number, encoding: Encoding): number {
    return this.#subscribers[this.#index(channel, symbol, encoding)];
  }

  /** Whether anybody hears of the symbol, in whatever encoding. */
  areHeard(channel: ServedChannel, symbol: number): boolean {
    for (const encoding of ENCODINGS) {
      if (this.subscribers(channel, symbol, encoding) > 0) return true;
      if (this.subscribers(channel, -1, encoding) > 0) return true;
    }
    return false;
  }

  /** Somebody subscribed (`change` 1) or left (-1). */
  count(channel: ServedChannel, symbol: number, encoding: Encoding, change: 1 | -1): void {
    this.#subscribers[this.#index(channel, symbol, encoding)] += change;
  }

  /** Publishes to the subscribers of the symbol and to those of all, encoding once, or not at all. */
  publish(
    send: Publish,
    channel: ServedChannel,
    symbol: number,
    encode: (encoding: Encoding) => string | Uint8Array,
  ): void {
    for (const encoding of ENCODINGS) {
      const one = this.subscribers(channel, symbol, encoding) > 0;
      const every = this.subscribers(channel, -1, encoding) > 0;
      if (!one && !every) continue;
      const frame = encode(encoding);
      if (one) send(this.name(channel, symbol, encoding), frame);
      if (every) send(this.name(channel, -1, encoding), frame);
    }
  }
}
