/**
 * Another client that subscribes to the books, and measures how long an order takes to appear there.
 *
 * Acknowledgements and `book` pushes name their tick. An order has appeared with the first push of its symbol whose
 * tick is not before the tick of the acknowledgement.
 */
import type { Histogram } from "hdr-histogram-js";
import type { Encoding } from "../../src/protocol/encoding.ts";
import { messageFrame } from "./client-frames.ts";
import { FrameSocket } from "./frame-socket.ts";
import { decodeMessage } from "./response.ts";

export interface BookWatchOptions {
  hostname: string;
  port: number;
  encoding: Encoding;
  symbols: readonly string[];
  /** The histogram for the microseconds. It is asked for anew with each order, because the caller replaces it. */
  latency: () => Histogram;
  onFault: (error: Error) => void;
}

interface SymbolWatch {
  /** The tick of the newest push, and when that push came. */
  tick: number;
  arrivedNs: number;
  /** Orders that have not appeared yet. */
  waiting: { tick: number; sentNs: number }[];
}

export class BookWatch {
  readonly #options: BookWatchOptions;
  readonly #symbols: Map<string, SymbolWatch>;
  #socket: FrameSocket | undefined;

  constructor(options: BookWatchOptions) {
    this.#options = options;
    this.#symbols = new Map(
      options.symbols.map((symbol) => [symbol, { tick: 0, arrivedNs: 0, waiting: [] }]),
    );
  }

  /** Connects and subscribes. */
  async open(): Promise<void> {
    const { hostname, port, encoding, symbols, onFault } = this.#options;
    const onFrame = (_opcode: number, bytes: Uint8Array, start: number, end: number): void =>
      this.#onMessage(decodeMessage(bytes, start, end, encoding) as WireMessage);
    const path = "/market-data";
    this.#socket = await FrameSocket.open({ hostname, port, path, encoding, onFrame, onFault });
    const params = { channels: ["book"], symbols };
    this.#socket.send(messageFrame({ id: 1, method: "subscribe", params }, encoding));
  }

  /** Takes the response to an order that was sent at `sentNs`. */
  onAnswer(response: unknown, sentNs: number): void {
    const { symbol, tick } = (response as { result: { symbol: string; tick: number } }).result;
    const watch = this.#symbols.get(symbol);
    if (watch === undefined) throw new Error(`An answer about ${symbol}, which is not watched`);
    if (watch.tick >= tick) this.#record(watch.arrivedNs - sentNs);
    else watch.waiting.push({ tick, sentNs });
  }

  close(): void {
    this.#socket?.close();
  }

  #onMessage(message: WireMessage): void {
    const arrivedNs = Bun.nanoseconds();
    if (message.error !== undefined) throw new Error(JSON.stringify(message));
    if (message.stream !== "market_data" || message.data === undefined) return;
    const watch = this.#symbols.get(message.data.symbol);
    if (watch === undefined) return;
    const { tick } = message.data;
    Object.assign(watch, { tick, arrivedNs });
    while (watch.waiting.length > 0 && watch.waiting[0].tick <= tick) {
      const { sentNs } = watch.waiting.shift() ?? { sentNs: arrivedNs };
      this.#record(arrivedNs - sentNs);
    }
  }

  #record(elapsedNs: number): void {
    this.#options.latency().recordValue(Math.max(1, Math.round(elapsedNs / 1000)));
  }
}

interface WireMessage {
  stream?: string;
  data?: { symbol: string; tick: number };
  error?: unknown;
}
