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
 * Bun goes on reading what a client sends whose WebSocket is closed, and drops it, until the client ends the connection,
 * too; so one that is still sending reads why it was closed. That is done for so many at once, for so many looks and until
 * they are found then: a client that never ends its side would be read for ever, and to read what a crowd sends takes
 * longer than everything else about it.
 */
const HEARD_OUT_MAX = 16;
const HEARD_OUT_LOOKS = 10;

/** Of the system. */
export type Receipts = Pick<
  TcpReceipts,
  "look" | "sinceSentMs" | "isBusy" | "isOnPort" | "lowestFree" | "descriptors" | "stopReading"
>;

export interface SocketLookParts {
  /** Null where the system does not say. */
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
  /** Looks so far, and before the pass that is under way. */
  #looks = 0;
  #passBegan = 0;
  /** Peers that were closed and are still read, with the look before that. */
  readonly #heardOut = new Map<string, number>();
  /** Where connections were when there were too many of these; null before that. */
  #descriptors: ReadonlyMap<string, number> | null = null;
  /** Peers beyond these that came after that. */
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

  /** To be called ten times a second. */
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
   * A client's WebSocket was closed; it may still send. `descriptor`: where its connection was last found, -1 when no look
   * has come by it yet.
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

  /** Stops reading from a peer, if it was there when all were last looked for. */
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

  /** Looks at all descriptors, past the end twice: the pass that it is in may have begun long ago. */
  #hurry(receipts: Receipts, passes = 2): void {
    this.#isHurrying = true;
    const left = this.#slice(receipts) ? passes - 1 : passes;
    if (left > 0) return this.#parts.later(() => this.#hurry(receipts, left));
    this.#isHurrying = false;
    this.#calm = CALM_LOOKS;
  }

  /** Whether it came to the end. */
  #slice(receipts: Receipts): boolean {
    const { halfRead, http } = this.#parts;
    const isLast = receipts.look(LOOK_DESCRIPTORS, (peer, bytes, descriptor) => {
      if (halfRead.count(peer, bytes, descriptor)) return;
      if (!receipts.isOnPort(descriptor, this.#port)) return;
      if (this.#isHeard(peer, this.#looks)) receipts.stopReading(descriptor, peer);
      http.add({ descriptor, peer, sinceSentMs: receipts.sinceSentMs, isBusy: receipts.isBusy });
    });
    if (isLast) this.#endPass(receipts);
    return isLast;
  }

  #endPass(receipts: Receipts): void {
    this.#parts.http.endPass(receipts.lowestFree());
    // The pass would have found them.
    for (const peer of this.#heardOut.keys()) {
      if (this.#isHeard(peer, this.#passBegan)) this.#heardOut.delete(peer);
    }
    this.#passBegan = this.#looks;
  }

  /** Whether a client that was closed had been heard out before that look. */
  #isHeard(peer: string, look: number): boolean {
    const closed = this.#heardOut.get(peer);
    return closed !== undefined && look - closed > HEARD_OUT_LOOKS;
  }
}
