/**
 * Decides which connections have compression (permessage-deflate). Bun unpacks what comes before anybody can count it. There
 * is compressed data that unpacks to nothing, but takes this thread 30 times as long as other bytes, and that is known a
 * tenth of a second later. So an address has few connections with compression at a time; its other connections have none. An
 * address that sent such data has none at all for a while.
 */
import type { MonotonicClock } from "../../lib/clocks.ts";
import { networkOf } from "../../lib/ip-address.ts";
import { remember } from "../../lib/remember.ts";
import { Admission } from "../admission.ts";

const EXTENSIONS = "sec-websocket-extensions";
const DEFLATE = /(^|,)\s*permessage-deflate\s*(;|,|$)/i;
/** Bun does not know this extension, so it accepts none. */
const NOTHING = "none";

/** The most connections with compression of one address. What they send in a turn of the event loop is unpacked in 20 ms. */
export const DEFLATED_MAX = 4;
const REFUSED_MS = 600_000;
/** The most addresses that are remembered; the oldest is forgotten. */
const ADDRESSES_MAX = 65_536;

export class DeflateOffers {
  readonly #isServed: boolean;
  readonly #monotonic: () => number;
  /** Counts connections with compression. */
  readonly #admission = new Admission(Number.POSITIVE_INFINITY, DEFLATED_MAX);
  readonly #refusedUntil = new Map<string, number>();

  constructor(isServed: boolean, { monotonic }: MonotonicClock) {
    this.#isServed = isServed;
    this.#monotonic = monotonic;
  }

  /**
   * Whether the connection of this upgrade is to have compression. If its address may not, the offer is removed from the
   * request.
   */
  take({ headers }: Request, address: string): boolean {
    if (!this.#isServed || !DEFLATE.test(headers.get(EXTENSIONS) ?? "")) return false;
    const refusedUntil = this.#refusedUntil.get(networkOf(address)) ?? -Infinity;
    const isTaken = refusedUntil <= this.#monotonic() && this.#admission.enter(address);
    if (!isTaken) headers.set(EXTENSIONS, NOTHING);
    return isTaken;
  }

  /** Called when a connection with compression has ended. */
  leave(address: string): void {
    this.#admission.leave(address);
  }

  /** Refuses compression to an address for ten minutes. */
  refuse(address: string): void {
    remember(this.#refusedUntil, networkOf(address), this.#monotonic() + REFUSED_MS, ADDRESSES_MAX);
  }
}
