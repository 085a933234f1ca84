/**
 * HTTP connections that are no WebSockets: between two requests, in the middle of one, or without any. Bun does not
 * count them, and ends those on which nothing comes for ten seconds. When there are too many, the longest idle ones of
 * the address with the most connections are ended first; connections with a request under way only when no idle one is
 * left. Meanwhile some answers to such an address say that they are the last on their connection.
 *
 * They are counted by a look at all descriptors of the process, a few at a time; faster when so many descriptors are in
 * use that there may be too many connections.
 */
import { networkOfPeer, peerKey, type TcpReceipts } from "../../host/tcp-receipts.ts";
import type { Counters } from "../counters.ts";

/** Shares of the largest number allowed: above the first, connections are ended until the second is left. */
const FULL_SHARE = 0.75;
const LEFT_SHARE = 0.5;
/**
 * Connections that are ended in one turn, ten times a second. Clients may come back at once, and accepting a connection costs
 * more than ending it.
 */
const ENDED_AT_ONCE = 25;
/**
 * Connections are ended in every turn of the event loop when this share of the process's descriptors is in use, or this
 * many times the allowed number are open.
 */
const SCARCE_SHARE = 0.75;
const SCARCE_FACTOR = 16;

export interface HttpConnection {
  descriptor: number;
  /** As `peerKey` names it. */
  peer: string;
  /** Milliseconds since something was sent to it; since it was opened, when nothing was. */
  sinceSentMs: number;
  /** Whether something has come from it since then. */
  isBusy: boolean;
}

export interface HttpConnectionsParts {
  /** Null where connections cannot be counted. */
  receipts: Pick<TcpReceipts, "end"> | null;
  /** Whether the connection of this peer has become a WebSocket since it was found. */
  isWebSocket(peer: string): boolean;
  /** How many HTTP connections there may be. */
  connectionsMax: number;
  /** How many descriptors the process may have; Infinity where the system does not tell. */
  descriptorsMax: number;
  /** Runs the rest after other work has had its turn. */
  later(run: () => void): void;
  counters: Pick<Counters, "httpConnections" | "httpConnectionsEnded">;
}

export class HttpConnections {
  readonly #parts: HttpConnectionsParts;
  #found: HttpConnection[] = [];
  /** Peers whose connections were ended in this pass and in the one before: a look may still find them. */
  #ended = new Set<string>();
  #endedBefore: ReadonlySet<string> = new Set();
  #leaving: HttpConnection[] = [];
  /** Addresses that have too many. */
  #crowded: ReadonlySet<string> = new Set();
  #isScarce = false;
  /** Answers that may be their connections' last until `endSome` is called again. */
  #lastAnswers = 0;

  constructor(parts: HttpConnectionsParts) {
    this.#parts = parts;
  }

  /** With more connections than these, some are ended. */
  get fullAt(): number {
    return Math.floor(this.#parts.connectionsMax * FULL_SHARE);
  }

  /** Adds a connection that a look has found. */
  add(connection: HttpConnection): void {
    this.#found.push(connection);
  }

  /**
   * Ends a pass, in which all connections were found. When they are too many, chooses those that have to go. `descriptors`:
   * how many are in use.
   */
  endPass(descriptors: number): void {
    const found = this.#found.filter(
      ({ peer }) => !this.#ended.has(peer) && !this.#endedBefore.has(peer),
    );
    const { receipts, connectionsMax, descriptorsMax, counters, later } = this.#parts;
    this.#found = [];
    this.#endedBefore = this.#ended;
    this.#ended = new Set();
    counters.httpConnections = found.length;
    if (receipts === null || found.length <= this.fullAt) {
      this.#leaving = [];
      this.#crowded = new Set();
      return;
    }
    const left = Math.floor(connectionsMax * LEFT_SHARE);
    const wasScarce = this.#isScarce && this.#leaving.length > 0;
    this.#leaving = firstToGo(found, found.length - left);
    this.#crowded = new Set(this.#leaving.map(({ peer }) => networkOfPeer(peer)));
    this.#isScarce =
      found.length > connectionsMax * SCARCE_FACTOR || descriptors > descriptorsMax * SCARCE_SHARE;
    if (this.#isScarce && !wasScarce) later(() => this.#endAll());
  }

  /** Ends a few of the chosen connections. Call it ten times a second. */
  endSome(): void {
    this.#lastAnswers = ENDED_AT_ONCE;
    if (!this.#isScarce) this.#endSome();
  }

  /**
   * Whether an answer is to be its connection's last. `address` returns the peer's address; it is called only when there are
   * too many connections.
   */
  takeLastAnswer(address: () => string | undefined): boolean {
    if (this.#crowded.size === 0 || this.#lastAnswers === 0) return false;
    const peer = peerKey(address() ?? "", 0);
    if (peer === null || !this.#crowded.has(networkOfPeer(peer))) return false;
    this.#lastAnswers--;
    return true;
  }

  #endAll(): void {
    this.#endSome();
    if (this.#leaving.length > 0) this.#parts.later(() => this.#endAll());
  }

  #endSome(): void {
    const { receipts, isWebSocket, counters } = this.#parts;
    for (const { descriptor, peer, isBusy } of this.#leaving.splice(0, ENDED_AT_ONCE)) {
      if (isWebSocket(peer) || receipts?.end(descriptor, peer, isBusy) !== true) continue;
      this.#ended.add(peer);
      counters.httpConnectionsEnded++;
      counters.httpConnections--;
    }
  }
}

/**
 * The `count` connections that go first: each time the longest idle one of the address that then has the most, busy
 * ones last.
 */
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
  const going = [...byAddress.values()]
    .filter(({ length }) => length > keep)
    .flatMap((own) => longestFirst(own).slice(0, own.length - keep));
  return longestFirst(going).slice(0, count);
}

/**
 * Sorts idle connections before busy ones, the longest idle first. It sorts numbers, which takes a tenth of the time of
 * comparing objects.
 */
function longestFirst(all: readonly HttpConnection[]): HttpConnection[] {
  const keys = Float64Array.from(all, ({ sinceSentMs, isBusy }, n) => {
    const rank = (isBusy ? BUSY_MS : 0) - Math.min(sinceSentMs, BUSY_MS - 1);
    return rank * RANKED_MAX + n;
  });
  return Array.from(keys.sort(), (key) => {
    const n = key - Math.floor(key / RANKED_MAX) * RANKED_MAX;
    return all[n] as HttpConnection;
  });
}

/** More milliseconds than a connection can be silent, and more connections than there can be. Their product is exact. */
const BUSY_MS = 2 ** 31;
const RANKED_MAX = 2 ** 21;

/** How many connections each address may keep so that all keep `left` at most; addresses with fewer keep all. */
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
