/**
 * One connection under load. A closed loop keeps `inFlightMax` orders unanswered: after each answer it sends the next
 * order. An open loop sends each order at its planned time and does not wait for answers.
 *
 * Orders are counted from 0. Order `n` is frame `n mod ring.count` with request id `REQUEST_ID_MIN + n`.
 */
import type { Histogram } from "hdr-histogram-js";
import type { Encoding } from "../../src/protocol/encoding.ts";
import { ackFault } from "./check-ack.ts";
import { messageFrame } from "./client-frames.ts";
import type { FrameRing } from "./frame-ring.ts";
import { FrameSocket } from "./frame-socket.ts";
import { REQUEST_ID_MAX, REQUEST_ID_MIN } from "./request-id.ts";
import { decodeMessage, readJsonResultId, readMsgpackResultId, UNUSUAL } from "./response.ts";
import { RingWriter } from "./ring-writer.ts";

/** By default the latency of one order in this many is measured. To measure all would cost the client too much. */
const LATENCY_EVERY = 16;
const LOGIN_ID = "login";

/** Counts over all connections of a client process. */
export interface LoadTally {
  acked: number;
  rejected: number;
  rejectCodes: Record<string, number>;
  checked: number;
  /** Answers in an unusual layout, which had to be decoded as a whole. */
  unusual: number;
  /** Microseconds from before the write to after the read. In an open loop they count from the planned time. */
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
  /** The latency of one order in this many is measured. A power of two; the default is `LATENCY_EVERY`. */
  latencyEvery?: number | undefined;
  /** One answer in this many is decoded and checked against the contract; 0 = none. */
  checkEvery: number;
  /** The server always sends the same acknowledgement, so the n-th answer counts as the answer to order n. */
  areAnswersFixed?: boolean;
  tally: LoadTally;
  /** Takes the decoded answer to an order whose latency is measured, and the time when the order was sent. */
  onMeasured?: ((response: unknown, sentNs: number) => void) | undefined;
  /** Called once, when the server closes the connection or breaks the contract. */
  onFault: (error: Error) => void;
}

/** The times at which an open loop sends its orders, by `Bun.nanoseconds()`. */
export interface Pace {
  firstNs: number;
  intervalNs: number;
}

export class LoadConnection {
  readonly #options: LoadConnectionOptions;
  readonly #ring: FrameRing;
  readonly #readResultId: (bytes: Uint8Array, start: number) => number;
  readonly #writer: RingWriter;
  readonly #latencyMask: number;
  /** By frame: the id that has no answer yet, or 0. */
  readonly #pendingIds: Int32Array;
  /** By frame: when it was sent. Only set if its latency is measured. */
  readonly #sentNs: Float64Array;
  readonly #opening = Promise.withResolvers<void>();
  #draining: PromiseWithResolvers<void> | undefined;
  #socket: FrameSocket | undefined;
  #pace: Pace | undefined;
  #isLoggedIn = false;
  #running = false;
  #inFlight = 0;
  /** How many orders were issued so far. This is also the number of the next one. */
  #issued = 0;
  #answers = 0;

  constructor(options: LoadConnectionOptions) {
    if (options.ring.count <= options.inFlightMax) {
      throw new RangeError("The ring must hold more orders than may be in flight");
    }
    this.#options = options;
    this.#ring = options.ring;
    this.#readResultId = options.encoding === "msgpack" ? readMsgpackResultId : readJsonResultId;
    this.#writer = new RingWriter(options.ring, (bytes) => this.#socket?.write(bytes) ?? 0);
    this.#latencyMask = (options.latencyEvery ?? LATENCY_EVERY) - 1;
    this.#pendingIds = new Int32Array(options.ring.count);
    this.#sentNs = new Float64Array(options.ring.count);
    // `onFault` reports a fault that comes before anybody waits for this promise.
    this.#opening.promise.catch(() => undefined);
  }

  /** Connects, upgrades and logs in. */
  async open(): Promise<void> {
    const { hostname, port, encoding, apiKey, apiSecret } = this.#options;
    this.#socket = await FrameSocket.open({
      hostname,
      port,
      path: "/orders",
      encoding,
      onFrame: (_opcode, bytes, start, end) => this.#onFrame(bytes, start, end),
      onRead: () => this.#onRead(),
      onDrain: () => this.#writer.writeUntil(this.#issued % this.#ring.count),
      onFault: (error) => this.#onFault(error),
    });
    const params = { api_key: apiKey, api_secret: apiSecret };
    this.#socket.send(messageFrame({ id: LOGIN_ID, method: "auth.login", params }, encoding));
    await this.#opening.promise;
  }

  /** Sends orders until `stop`. In an open loop (with `pace`) the caller must call `sendDue` to send them. */
  start(pace?: Pace): void {
    this.#pace = pace;
    this.#running = true;
    this.sendDue();
  }

  /** Sends no more orders. Resolves when every order that was sent is answered. */
  async stop(): Promise<void> {
    this.#running = false;
    if (this.#inFlight === 0) return;
    this.#draining = Promise.withResolvers<void>();
    await this.#draining.promise;
  }

  close(): void {
    this.#socket?.close();
  }

  /** Sends the orders that are due. A closed loop sends until `inFlightMax` orders are unanswered. */
  sendDue(): void {
    if (!this.#running) return;
    const { inFlightMax } = this.#options;
    const ring = this.#ring;
    const nowNs = Bun.nanoseconds();
    while (this.#inFlight < inFlightMax) {
      const sentNs = this.#plannedNs() ?? nowNs;
      if (sentNs > nowNs) break;
      const frame = this.#issued % ring.count;
      // The order that used this frame before is still unanswered: answers are far out of order.
      if (this.#pendingIds[frame] !== 0) break;
      const id = REQUEST_ID_MIN + this.#issued;
      if (id > REQUEST_ID_MAX) throw new RangeError("No request ids left: a shorter run is needed");
      ring.setId(frame, id);
      this.#pendingIds[frame] = id;
      if ((this.#issued & this.#latencyMask) === 0) this.#sentNs[frame] = sentNs;
      this.#issued += 1;
      this.#inFlight += 1;
    }
    this.#writer.writeUntil(this.#issued % ring.count);
  }

  #plannedNs(): number | undefined {
    const pace = this.#pace;
    return pace === undefined ? undefined : pace.firstNs + this.#issued * pace.intervalNs;
  }

  #onRead(): void {
    if (this.#running) this.sendDue();
    else if (this.#inFlight === 0) this.#draining?.resolve();
  }

  #onFrame(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#isLoggedIn) return this.#onLogin(bytes, start, end);
    const { tally, areAnswersFixed } = this.#options;
    let id = REQUEST_ID_MIN + this.#answers;
    let accepted = true;
    if (areAnswersFixed !== true) {
      id = this.#readResultId(bytes, start);
      if (id === UNUSUAL) {
        const message = this.#decode(bytes, start, end);
        if (message.stream !== undefined) return;
        tally.unusual += 1;
        accepted = message.error === undefined;
        if (message.error !== undefined) this.#countReject(message.error.code);
        id = Number(message.id);
      }
    }
    this.#onAnswer(id, accepted, bytes, start, end);
  }

  #onAnswer(id: number, accepted: boolean, bytes: Uint8Array, start: number, end: number): void {
    const { tally, checkEvery, onMeasured } = this.#options;
    const order = id - REQUEST_ID_MIN;
    const frame = order % this.#ring.count;
    if (this.#pendingIds[frame] !== id) throw new Error(`An answer to ${id}, which is not pending`);
    this.#pendingIds[frame] = 0;
    this.#inFlight -= 1;
    this.#answers += 1;
    if (accepted) tally.acked += 1;
    if ((order & this.#latencyMask) === 0) {
      const sentNs = this.#sentNs[frame];
      const elapsedNs = Bun.nanoseconds() - sentNs;
      tally.latency.recordValue(Math.max(1, Math.round(elapsedNs / 1000)));
      if (accepted) onMeasured?.(this.#decode(bytes, start, end), sentNs);
    }
    if (accepted && checkEvery !== 0 && this.#answers % checkEvery === 0) {
      this.#check(this.#decode(bytes, start, end), id, frame);
    }
  }

  #decode(bytes: Uint8Array, start: number, end: number): WireResponse {
    return decodeMessage(bytes, start, end, this.#options.encoding) as WireResponse;
  }

  #check(response: unknown, id: number, frame: number): void {
    const order = this.#ring.orders[frame];
    if (order === undefined) throw new Error(`Frame ${frame} of ${this.#ring.count}`);
    const fault = ackFault(response, id, order, Date.now());
    if (fault !== undefined) {
      throw new Error(`An answer breaks the wire contract: ${fault}: ${JSON.stringify(response)}`);
    }
    this.#options.tally.checked += 1;
  }

  #countReject(code: number): void {
    const { tally } = this.#options;
    tally.rejected += 1;
    tally.rejectCodes[code] = (tally.rejectCodes[code] ?? 0) + 1;
  }

  #onLogin(bytes: Uint8Array, start: number, end: number): void {
    const message = this.#decode(bytes, start, end);
    if (message.stream !== undefined) return;
    if (message.error !== undefined) {
      throw new Error(`Login refused: ${JSON.stringify(message.error)}`);
    }
    this.#isLoggedIn = true;
    this.#opening.resolve();
  }

  #onFault(error: Error): void {
    this.#opening.reject(error);
    this.#draining?.reject(error);
    this.#options.onFault(error);
  }
}

interface WireResponse {
  id?: unknown;
  stream?: unknown;
  error?: { code: number; message: string };
}
