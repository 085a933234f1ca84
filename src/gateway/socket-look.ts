/**
 * Asks the system about the process's TCP connections, for a share of the descriptors each time: how many bytes have
 * come in on WebSockets that Bun has not handed over yet, and which connections are no WebSockets.
 */
import type { TcpReceipts } from "../host/tcp-receipts.ts";
import type { HttpConnections } from "./http/http-connections.ts";
import type { HalfRead } from "./websocket/half-read.ts";

/** Descriptors in one look, and in each slice of a look at all of them: less than half a millisecond. */
const LOOK_DESCRIPTORS = 256;
/** After a look at all descriptors that did not find too many connections: looks until the next one. */
const CALM_LOOKS = 10;
/**
 * When a WebSocket is closed, Bun reads and drops what the client still sends until the client ends the connection. So a
 * client that is still sending can read why it was closed. `HEARD_OUT_MAX` closed clients are read at a time, each for
 * `HEARD_OUT_LOOKS` looks and until a look finds it after that. Otherwise a client that never ends its side would be read for
 * ever, and reading what a crowd sends takes longer than all other work for it.
 */
const HEARD_OUT_MAX = 16;
const HEARD_OUT_LOOKS = 10;

/** What is needed of the system's data about TCP connections. */
export type Receipts = Pick<
  TcpReceipts,
  | "look"
  | "sinceSentMs"
  | "isBusy"
  | "isEnding"
  | "isOnPort"
  | "lowestFree"
  | "descriptors"
  | "stopReading"
>;

export interface SocketLookParts {
  /** Null where the system does not have such data. */
  receipts: Receipts | null;
  halfRead: HalfRead;
  http: HttpConnections;
  /** Descriptors that are neither WebSockets nor HTTP connections. */
  ownDescriptors: number;
  /** Runs the rest after other work has had its turn. */
  later(run: () => void): void;
}

export class SocketLook {
  readonly #parts: SocketLookParts;
  #port = 0;
  #isHurrying = false;
  #calm = 0;
  /** Looks so far, and how many there were when the current pass began. */
  #looks = 0;
  #passBegan = 0;
  /** Closed peers that are still read, with the number of looks before they were closed. */
  readonly #heardOut = new Map<string, number>();
  /** Descriptors by peer, read when `#heardOut` was full; null when they were not read since the last look. */
  #descriptors: ReadonlyMap<string, number> | null = null;
  /** Closed peers that are not in `#descriptors`. The next look tries again to stop reading from them. */
  #missed: string[] = [];

  constructor(parts: SocketLookParts) {
    this.#parts = parts;
  }

  /** Connections to this port are clients'. */
  listensOn(port: number): void {
    this.#port = port;
  }

  /** As `HttpConnections.takeLastAnswer`. */
  takeLastAnswer(address: () => string | undefined): boolean {
    return this.#parts.http.takeLastAnswer(address);
  }

  /** Call it ten times a second. `webSockets`: how many are open. */
  look(webSockets: number): void {
    const { receipts, http } = this.#parts;
    if (receipts === null) return;
    http.endSome();
    this.#looks++;
    this.#descriptors = null;
    for (const peer of this.#missed.splice(0)) this.#stop(receipts, peer);
    if (this.#isHurrying) return;
    if (this.#calm > 0) this.#calm--;
    else if (this.#isPressed(receipts, webSockets)) return this.#hurry(receipts);
    this.#slice(receipts);
  }

  /**
   * Called when a client's WebSocket was closed. The client may still send. `descriptor` is where a look last found its
   * connection; -1 when no look has found it yet.
   */
  onClosed(peer: string | null, descriptor: number): void {
    const { receipts } = this.#parts;
    if (receipts === null || peer === null) return;
    if (this.#heardOut.size < HEARD_OUT_MAX) {
      this.#heardOut.set(peer, this.#looks);
      return;
    }
    if (descriptor >= 0) receipts.stopReading(descriptor, peer);
    else if (!this.#stop(receipts, peer)) this.#missed.push(peer);
  }

  /** Stops reading from a peer. Returns false when `#descriptors` does not have it. */
  #stop(receipts: Receipts, peer: string): boolean {
    this.#descriptors ??= receipts.descriptors();
    const descriptor = this.#descriptors.get(peer);
    return descriptor !== undefined && receipts.stopReading(descriptor, peer);
  }

  /** Whether so many descriptors are in use that there may be too many HTTP connections. */
  #isPressed(receipts: Receipts, webSockets: number): boolean {
    const { http, ownDescriptors } = this.#parts;
    return receipts.lowestFree() > ownDescriptors + webSockets + http.fullAt;
  }

  /** Looks at all descriptors. It passes the end twice, because the current pass may have begun long ago. */
  #hurry(receipts: Receipts, passes = 2): void {
    this.#isHurrying = true;
    const left = this.#slice(receipts) ? passes - 1 : passes;
    if (left > 0) return this.#parts.later(() => this.#hurry(receipts, left));
    this.#isHurrying = false;
    this.#calm = CALM_LOOKS;
  }

  /** Looks at the next descriptors. Returns whether it reached the last one. */
  #slice(receipts: Receipts): boolean {
    const { halfRead, http } = this.#parts;
    const isLast = receipts.look(LOOK_DESCRIPTORS, (peer, bytes, descriptor) => {
      if (halfRead.count(peer, bytes, descriptor)) return;
      if (!receipts.isOnPort(descriptor, this.#port)) return;
      // Otherwise the client is gone, and this is a new connection from the same port.
      if (receipts.isEnding && this.#isHeardOut(peer, this.#looks)) {
        receipts.stopReading(descriptor, peer);
      }
      http.add({ descriptor, peer, sinceSentMs: receipts.sinceSentMs, isBusy: receipts.isBusy });
    });
    if (isLast) this.#endPass(receipts);
    return isLast;
  }

  #endPass(receipts: Receipts): void {
    this.#parts.http.endPass(receipts.lowestFree());
    // Each of these was heard out before the pass began. The pass has found it and stopped reading from it, or it is gone.
    for (const peer of this.#heardOut.keys()) {
      if (this.#isHeardOut(peer, this.#passBegan)) this.#heardOut.delete(peer);
    }
    this.#passBegan = this.#looks;
  }

  /** Whether a closed client had been read for long enough before look number `look`. */
  #isHeardOut(peer: string, look: number): boolean {
    const closed = this.#heardOut.get(peer);
    return closed !== undefined && look - closed > HEARD_OUT_LOOKS;
  }
}
