/**
 * Connections that are no WebSockets: idle between requests, in the middle of one, or with none at all. Bun counts none
 * of them and ends those on which nothing comes for ten seconds. When there are too many, those go first to which
 * nothing has been sent for longest, of the address that has most.
 *
 * They are counted by looking at all descriptors of the process, slowly; at once, in slices, when so many descriptors
 * are in use that there may be too many.
 */
import { networkOfPeer, type TcpReceipts } from "../../host/tcp-receipts.ts";
import type { Counters } from "../counters.ts";

/** Of the most that there may be: some are let go when there are more than this, until there are so few. */
const FULL_SHARE = 0.75;
const LEFT_SHARE = 0.5;
/** Connections that are ended in a turn. */
const ENDED_AT_ONCE = 32;

export interface HttpConnection {
  descriptor: number;
  /** As `peerKey` names it. */
  peer: string;
  /** Milliseconds since something was sent to it; since it was opened, when nothing was. */
  sinceSentMs: number;
}

export interface HttpConnectionsParts {
  /** Null where connections cannot be counted. */
  receipts: Pick<TcpReceipts, "end"> | null;
  /** Whether one that was found has become a WebSocket. */
  isWebSocket(peer: string): boolean;
  /** As many may have descriptors. */
  connectionsMax: number;
  /** Runs what is left when others have had their turn. */
  later(run: () => void): void;
  counters: Pick<Counters, "httpConnections" | "httpConnectionsEnded">;
}

export class HttpConnections {
  readonly #parts: HttpConnectionsParts;
  #found: HttpConnection[] = [];
  #leaving: HttpConnection[] = [];

  constructor(parts: HttpConnectionsParts) {
    this.#parts = parts;
  }

  /** There are more than may stay. */
  get fullAt(): number {
    return Math.floor(this.#parts.connectionsMax * FULL_SHARE);
  }

  /** One was found. */
  add(connection: HttpConnection): void {
    this.#found.push(connection);
  }

  /** All were found: lets some go when there are too many. */
  endPass(): void {
    const found = this.#found;
    const { receipts, connectionsMax, counters } = this.#parts;
    this.#found = [];
    counters.httpConnections = found.length;
    if (receipts === null || found.length <= this.fullAt) return;
    const left = Math.floor(connectionsMax * LEFT_SHARE);
    const isAtIt = this.#leaving.length > 0;
    this.#leaving = firstToGo(found, found.length - left);
    if (!isAtIt) this.#endSome();
  }

  /** What ends one takes its time: a few in a turn. */
  #endSome(): void {
    const { receipts, isWebSocket, counters, later } = this.#parts;
    for (const { descriptor, peer } of this.#leaving.splice(0, ENDED_AT_ONCE)) {
      if (isWebSocket(peer) || receipts?.end(descriptor, peer) !== true) continue;
      counters.httpConnectionsEnded++;
      counters.httpConnections--;
    }
    if (this.#leaving.length > 0) later(() => this.#endSome());
  }
}

/** `count` of them: in turn the one that waits longest of the address that has most. */
export function firstToGo(all: readonly HttpConnection[], count: number): HttpConnection[] {
  const byAddress = new Map<string, HttpConnection[]>();
  for (const connection of all) {
    const address = networkOfPeer(connection.peer);
    const own = byAddress.get(address);
    if (own === undefined) byAddress.set(address, [connection]);
    else own.push(connection);
  }
  const keep = keptOfEach(
    [...byAddress.values()].map(({ length }) => length),
    all.length - count,
  );
  return [...byAddress.values()]
    .flatMap((own) => own.toSorted((a, b) => a.sinceSentMs - b.sinceSentMs).slice(keep))
    .sort((a, b) => b.sinceSentMs - a.sinceSentMs)
    .slice(0, count);
}

/** How many each may keep so that they keep no more than `left` together: those who have fewer keep all. */
function keptOfEach(lengths: readonly number[], left: number): number {
  let rest = left;
  let holders = lengths.length;
  for (const length of lengths.toSorted((a, b) => a - b)) {
    if (length * holders > rest) return Math.floor(rest / holders);
    rest -= length;
    holders--;
  }
  return rest;
}
