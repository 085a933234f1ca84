/** A connection that subscribes to `depth` of some symbols, and checks the sequence numbers of every message. */
import { messageFrame, Opcode } from "../load/client-frames.ts";
import { FrameSocket } from "../load/frame-socket.ts";
import type { LoadUser } from "../load/plan.ts";

const UNKNOWN = -1;
const ascii = new TextDecoder("latin1");
/** The beginning of a `depth` push. The levels are not parsed. */
const DEPTH = /^\{"stream":"depth","data":\{"symbol":"([^"]+)","first_seq":(\d+),"last_seq":(\d+)/;
const HEAD_BYTES = 128;
const REPLAY_UNAVAILABLE = 41001;

/** Counts over all connections of a process. See `ScaleCount`. */
export interface ReaderTally {
  messages: number;
  gaps: number;
  resumed: number;
  begunAnew: number;
}

export interface DepthReaderOptions {
  port: number;
  user: LoadUser;
  symbols: readonly string[];
  tally: ReaderTally;
  /** The server ended the connection. */
  onClosed: (error: Error) => void;
}

interface Answer {
  id?: number;
  result?: { from_seq?: number };
  error?: { code: number };
}

export class DepthReader {
  readonly #options: DepthReaderOptions;
  /** By symbol: the sequence number of the last change that it received. */
  readonly #seqs: Map<string, number>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #socket: FrameSocket | undefined;
  #nextId = 1;

  constructor(options: DepthReaderOptions) {
    this.#options = options;
    this.#seqs = new Map(options.symbols.map((symbol) => [symbol, UNKNOWN]));
  }

  /** Connects and logs in. Resumes the symbols that it has received before, and subscribes to the others. */
  async open(): Promise<void> {
    const { port, user } = this.#options;
    const socket = await FrameSocket.open({
      ...{ hostname: "127.0.0.1", port, path: "/market-data", encoding: "json" },
      onFrame: (opcode, bytes, start, end) => this.#onFrame(opcode, bytes, start, end),
      onFault: (error) => {
        if (this.#socket === socket) this.#options.onClosed(error);
      },
    });
    this.#socket = socket;
    const { api_key, api_secret } = user;
    const login = await this.#ask("auth.login", { api_key, api_secret });
    if (login.error !== undefined) throw new Error(`Login failed: ${JSON.stringify(login.error)}`);
    const anew: string[] = [];
    for (const [symbol, seq] of this.#seqs) {
      if (seq === UNKNOWN || !(await this.#resume(symbol, seq))) anew.push(symbol);
    }
    if (anew.length === 0) return;
    const subscribed = await this.#ask("subscribe", { channels: ["depth"], symbols: anew });
    if (subscribed.error !== undefined) {
      throw new Error(`Subscription failed: ${JSON.stringify(subscribed.error)}`);
    }
  }

  /** Cuts the connection off. */
  cut(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.#waiting.clear();
    socket?.close();
  }

  /** How many of its books lack the last change. `seqs` has the number of the last change by symbol. */
  behind(seqs: Readonly<Record<string, number>>): number {
    return [...this.#seqs].filter(([symbol, seq]) => seq !== seqs[symbol]).length;
  }

  async #resume(symbol: string, seq: number): Promise<boolean> {
    const { tally } = this.#options;
    const { error } = await this.#ask("depth.resume", { symbol, from_seq: seq + 1 });
    if (error === undefined) {
      tally.resumed++;
      return true;
    }
    if (error.code !== REPLAY_UNAVAILABLE)
      throw new Error(`Resume failed: ${JSON.stringify(error)}`);
    tally.begunAnew++;
    this.#seqs.set(symbol, UNKNOWN);
    return false;
  }

  #ask(method: string, params: object): Promise<Answer> {
    const id = this.#nextId++;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    this.#socket?.send(messageFrame({ id, method, params }, "json"));
    return promise;
  }

  #onFrame(opcode: number, bytes: Uint8Array, start: number, end: number): void {
    if (opcode !== Opcode.TEXT) return;
    const head = ascii.decode(bytes.subarray(start, Math.min(end, start + HEAD_BYTES)));
    const [, symbol, first, last] = DEPTH.exec(head) ?? [];
    if (symbol !== undefined) return this.#onDepth(symbol, Number(first), Number(last));
    const answer = JSON.parse(ascii.decode(bytes.subarray(start, end))) as Answer;
    if (answer.id === undefined) return;
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }

  #onDepth(symbol: string, first: number, last: number): void {
    const { tally } = this.#options;
    tally.messages++;
    const seq = this.#seqs.get(symbol);
    // The first message after a subscription is the whole book, so it does not follow another one.
    if (seq !== UNKNOWN && seq !== undefined && first !== seq + 1) tally.gaps++;
    this.#seqs.set(symbol, last);
  }
}
