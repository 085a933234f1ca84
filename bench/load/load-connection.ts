/**
 * One connection under load: keeps `inFlightMax` orders unanswered, each answer is followed by the next
 * order. A raw TCP socket, because the client must cost far less than the server that it measures.
 *
 * Orders are counted from 0; order `n` is frame `n mod ring.count` with the id `REQUEST_ID_MIN + n`.
 */
import type { Histogram } from "hdr-histogram-js";
import type { Encoding } from "../../src/protocol/encoding.ts";
import { ackFault } from "./check-ack.ts";
import { clientFrame, messageFrame, Opcode } from "./client-frames.ts";
import { FrameReader } from "./frame-reader.ts";
import type { FrameRing } from "./frame-ring.ts";
import { REQUEST_ID_MAX, REQUEST_ID_MIN } from "./request-id.ts";
import { decodeMessage, readJsonResultId, readMsgpackResultId, UNUSUAL } from "./response.ts";
import { RingWriter } from "./ring-writer.ts";
import { upgradeEnd, upgradeRequest } from "./upgrade.ts";

/** At full load, measuring every order would cost the client too much. */
const LATENCY_EVERY = 16;
const LOGIN_ID = "login";

/** What all connections of a client process count together. */
export interface LoadTally {
  acked: number;
  rejected: number;
  rejectCodes: Record<string, number>;
  checked: number;
  /** Answers that were not in the usual layout and took a whole decode. */
  unusual: number;
  /** Microseconds from before the write to after the read. */
  latency: Histogram;
}

export interface LoadConnectionOptions {
  hostname: string;
  port: number;
  encoding: Encoding;
  ring: FrameRing;
  inFlightMax: number;
  apiKey: string;
  apiSecret: string;
  /** The latency of one order in this many is measured; a power of two, 16 without it. */
  latencyEvery?: number | undefined;
  /** One answer in this many is decoded and checked against the contract; 0 = none. */
  checkEvery: number;
  tally: LoadTally;
  /** Told once: the server closed the connection or broke the contract. */
  onFault: (error: Error) => void;
}

interface Waiter {
  resolve: () => void;
  reject: (error: Error) => void;
}

export class LoadConnection {
  readonly #options: LoadConnectionOptions;
  readonly #ring: FrameRing;
  readonly #readResultId: (bytes: Uint8Array, start: number) => number;
  readonly #reader: FrameReader;
  readonly #writer: RingWriter;
  readonly #latencyMask: number;
  /** By frame: the id under way, 0 = answered. */
  readonly #pendingIds: Int32Array;
  /** By frame: when it was sent, for those whose latency is measured. */
  readonly #sentNs: Float64Array;
  #socket: Bun.Socket | undefined;
  #upgraded = false;
  #opening: Waiter | undefined;
  #draining: Waiter | undefined;
  #running = false;
  #inFlight = 0;
  /** Orders issued so far; the number of the next one. */
  #issued = 0;
  #answers = 0;
  #closed = false;

  constructor(options: LoadConnectionOptions) {
    if (options.ring.count <= options.inFlightMax) {
      throw new RangeError("The ring must hold more orders than may be in flight");
    }
    this.#options = options;
    this.#ring = options.ring;
    this.#readResultId = options.encoding === "msgpack" ? readMsgpackResultId : readJsonResultId;
    this.#reader = new FrameReader((opcode, bytes, start, end) =>
      this.#onFrame(opcode, bytes, start, end),
    );
    this.#writer = new RingWriter(options.ring, (bytes) => this.#write(bytes));
    this.#latencyMask = (options.latencyEvery ?? LATENCY_EVERY) - 1;
    this.#pendingIds = new Int32Array(options.ring.count);
    this.#sentNs = new Float64Array(options.ring.count);
  }

  /** Connects, upgrades and logs in. */
  async open(): Promise<void> {
    const { hostname, port, encoding } = this.#options;
    const { promise, ...waiter } = Promise.withResolvers<void>();
    this.#opening = waiter;
    this.#socket = await Bun.connect({
      hostname,
      port,
      socket: {
        open: (socket) => {
          socket.setNoDelay(true);
          socket.write(upgradeRequest(`${hostname}:${port}`, encoding));
        },
        data: (_socket, chunk) => this.#onData(chunk),
        drain: () => this.#writer.writeUntil(this.#issued % this.#ring.count),
        close: () => this.#fail(new Error("The server closed the connection")),
        error: (_socket, error) => this.#fail(error),
      },
    });
    await promise;
  }

  /** Fills the connection with orders, and keeps it full until `stop`. */
  start(): void {
    this.#running = true;
    this.#fill();
  }

  /** Sends no further orders; resolves when every one under way is answered. */
  async stop(): Promise<void> {
    this.#running = false;
    if (this.#inFlight === 0) return;
    const { promise, ...waiter } = Promise.withResolvers<void>();
    this.#draining = waiter;
    await promise;
  }

  close(): void {
    this.#closed = true;
    this.#socket?.end();
  }

  #onData(chunk: Uint8Array): void {
    try {
      let frames = chunk;
      if (!this.#upgraded) {
        frames = chunk.subarray(upgradeEnd(chunk));
        this.#upgraded = true;
        this.#login();
      }
      this.#reader.push(frames);
      if (this.#running) this.#fill();
      else if (this.#inFlight === 0) this.#draining?.resolve();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #login(): void {
    const { apiKey, apiSecret, encoding } = this.#options;
    const params = { api_key: apiKey, api_secret: apiSecret };
    this.#send(messageFrame({ id: LOGIN_ID, method: "auth.login", params }, encoding));
  }

  #onFrame(opcode: number, bytes: Uint8Array, start: number, end: number): void {
    if (opcode > Opcode.BINARY) {
      this.#onControlFrame(opcode, bytes, start, end);
      return;
    }
    let id = this.#readResultId(bytes, start);
    let accepted = true;
    if (id === UNUSUAL) {
      const message = decodeMessage(bytes, start, end, this.#options.encoding) as WireResponse;
      if (message.id === LOGIN_ID) {
        this.#onLogin(message);
        return;
      }
      if (message.stream !== undefined) return;
      this.#options.tally.unusual += 1;
      accepted = message.error === undefined;
      if (message.error !== undefined) this.#countReject(message.error.code);
      id = Number(message.id);
    }
    const order = id - REQUEST_ID_MIN;
    const frame = order % this.#ring.count;
    if (this.#pendingIds[frame] !== id) throw new Error(`An answer to ${id}, which is not pending`);
    this.#pendingIds[frame] = 0;
    this.#inFlight -= 1;
    const { tally, checkEvery } = this.#options;
    if (accepted) tally.acked += 1;
    if ((order & this.#latencyMask) === 0) {
      const elapsedNs = Bun.nanoseconds() - this.#sentNs[frame];
      tally.latency.recordValue(Math.max(1, Math.round(elapsedNs / 1000)));
    }
    this.#answers += 1;
    if (accepted && checkEvery !== 0 && this.#answers % checkEvery === 0) {
      this.#check(decodeMessage(bytes, start, end, this.#options.encoding), id, frame);
    }
  }

  #check(response: unknown, id: number, frame: number): void {
    const order = this.#ring.orders[frame];
    if (order === undefined) throw new Error(`Frame ${frame} of ${this.#ring.count}`);
    const fault = ackFault(response, id, order, Date.now());
    if (fault !== undefined) {
      throw new Error(`Not what the contract promises: ${fault}: ${JSON.stringify(response)}`);
    }
    this.#options.tally.checked += 1;
  }

  #countReject(code: number): void {
    const { tally } = this.#options;
    tally.rejected += 1;
    tally.rejectCodes[code] = (tally.rejectCodes[code] ?? 0) + 1;
  }

  #onLogin(message: WireResponse): void {
    if (message.error === undefined) this.#opening?.resolve();
    else this.#fail(new Error(`Login refused: ${JSON.stringify(message.error)}`));
  }

  #onControlFrame(opcode: number, bytes: Uint8Array, start: number, end: number): void {
    if (opcode === Opcode.PING) {
      this.#send(clientFrame(Opcode.PONG, bytes.subarray(start, end)));
    } else if (opcode === Opcode.CLOSE) {
      const code = end - start >= 2 ? (bytes[start] << 8) | bytes[start + 1] : 1005;
      throw new Error(`The server closed the connection with ${code}`);
    }
  }

  /** Issues orders until `inFlightMax` are under way, then sends them. */
  #fill(): void {
    const { inFlightMax } = this.#options;
    const ring = this.#ring;
    const nowNs = Bun.nanoseconds();
    while (this.#inFlight < inFlightMax) {
      const frame = this.#issued % ring.count;
      // The same frame, a whole round ago, has still no answer: answers are far out of order.
      if (this.#pendingIds[frame] !== 0) break;
      const id = REQUEST_ID_MIN + this.#issued;
      if (id > REQUEST_ID_MAX) throw new RangeError("No request ids left: a shorter run is needed");
      ring.setId(frame, id);
      this.#pendingIds[frame] = id;
      if ((this.#issued & this.#latencyMask) === 0) this.#sentNs[frame] = nowNs;
      this.#issued += 1;
      this.#inFlight += 1;
    }
    this.#writer.writeUntil(this.#issued % ring.count);
  }

  #write(bytes: Uint8Array): number {
    return Math.max(0, this.#socket?.write(bytes) ?? 0);
  }

  /** Login and pongs. A pong is left out while half an order may be in the socket; there will be a next ping. */
  #send(frame: Uint8Array): void {
    if (!this.#writer.isIdle) return;
    if (this.#write(frame) !== frame.length) throw new Error("A short write of a small frame");
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket?.terminate();
    this.#opening?.reject(error);
    this.#draining?.reject(error);
    this.#options.onFault(error);
  }
}

interface WireResponse {
  id?: unknown;
  stream?: unknown;
  error?: { code: number; message: string };
}
