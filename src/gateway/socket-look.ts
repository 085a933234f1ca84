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
 * Bun goes on reading what a client sends that it has closed, and drops it, until the client ends the connection, too; so
 * one that is still sending reads why it was closed. That is done for so many between two looks. When it is done for all of
 * a crowd, to read what they send takes longer than everything else about them.
 */
const HEARD_OUT_MAX = 16;

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
  /** Clients closed since the last look, for what they sent. */
  #abusers = 0;
  /** Where connections were when there were too many of these; null before that. */
  #descriptors: ReadonlyMap<string, number> | null = null;

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
    this.#abusers = 0;
    this.#descriptors = null;
    if (this.#isHurrying) return;
    if (this.#calm > 0) this.#calm--;
    else if (this.#isPressed(receipts, webSockets)) return this.#hurry(receipts);
    this.#slice(receipts);
  }

  /** A client was closed for what it sent; there may be more of it. */
  onAbuserClosed(peer: string | null): void {
    const { receipts } = this.#parts;
    this.#abusers++;
    if (receipts === null || peer === null || this.#abusers <= HEARD_OUT_MAX) return;
    this.#descriptors ??= receipts.descriptors();
    const descriptor = this.#descriptors.get(peer);
    if (descriptor !== undefined) receipts.stopReading(descriptor, peer);
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
      if (halfRead.count(peer, bytes) || !receipts.isOnPort(descriptor, this.#port)) return;
      http.add({ descriptor, peer, sinceSentMs: receipts.sinceSentMs, isBusy: receipts.isBusy });
    });
    if (isLast) http.endPass(receipts.lowestFree());
    return isLast;
  }
}
