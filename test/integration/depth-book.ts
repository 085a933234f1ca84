import type { Members } from "./wire-client.ts";

/** A level of a book as the wire has it. */
type Level = readonly [price: number, total: number];

interface DepthMessage {
  readonly symbol: string;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly checksum: number;
  readonly snapshot?: true;
}

/** CRC-32 (IEEE), bit by bit, of ASCII text. */
export function crc32(text: string): number {
  let crc = ~0;
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xed_b8_83_20 : 0);
  }
  return ~crc >>> 0;
}

/** A book that is built from `depth` messages alone, as the contract describes. */
export class DepthBook {
  lastSeq = -1;
  messages = 0;
  /** The faults of the messages, as text. */
  readonly faults: string[] = [];
  /** By `last_seq`: the book after that message, as text. */
  readonly history = new Map<number, string>();
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();

  constructor(readonly symbol: string) {}

  /** Starts from a `book.snapshot` with all levels. */
  static of(snapshot: Members): DepthBook {
    const { symbol, seq, bids, asks } = snapshot;
    const book = new DepthBook(String(symbol));
    book.lastSeq = Number(seq);
    put(book.#bids, bids as Level[]);
    put(book.#asks, asks as Level[]);
    return book;
  }

  apply(data: Members): void {
    const message = data as unknown as DepthMessage;
    const { first_seq, last_seq, snapshot } = message;
    this.messages++;
    if (snapshot === true) {
      this.#bids.clear();
      this.#asks.clear();
    } else if (first_seq !== this.lastSeq + 1) {
      this.#fault(`${this.lastSeq} is followed by ${first_seq}`);
    }
    if (last_seq < first_seq) this.#fault(`${first_seq} ends with ${last_seq}`);
    put(this.#bids, message.bids);
    put(this.#asks, message.asks);
    this.lastSeq = last_seq;
    if (crc32(this.#checked()) !== message.checksum) this.#fault(`${last_seq}: checksum`);
    this.history.set(last_seq, this.text());
  }

  /** All levels, best first, in the same form as `textOf` gives a `book.snapshot`. */
  text(): string {
    const { bids, asks } = this.levels();
    return textOf({ bids, asks });
  }

  levels(): { bids: Level[]; asks: Level[] } {
    return {
      bids: [...this.#bids].sort(([a], [b]) => b - a),
      asks: [...this.#asks].sort(([a], [b]) => a - b),
    };
  }

  #checked(): string {
    const { bids, asks } = this.levels();
    const best = (levels: readonly Level[]): string =>
      levels
        .slice(0, 10)
        .map(([price, total]) => `${price}:${total}`)
        .join(",");
    return `${best(bids)}|${best(asks)}`;
  }

  #fault(text: string): void {
    this.faults.push(`${this.symbol}: ${text}`);
  }
}

export function textOf({ bids, asks }: Members): string {
  return JSON.stringify([bids, asks]);
}

function put(side: Map<number, number>, levels: readonly Level[]): void {
  for (const [price, total] of levels) {
    if (total === 0) side.delete(price);
    else side.set(price, total);
  }
}
