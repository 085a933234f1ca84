/**
 * Whose offer of compression (permessage-deflate) is taken. Bun unpacks what comes before anybody can count it, and there
 * is compressed text that is nothing, but takes the thread 30 times as long as other bytes. What that cost is known a tenth
 * of a second later. So an address has few connections with compression at a time, the others have none, and one from which
 * such text came has none at all for a while.
 */
import type { MonotonicClock } from "../../lib/clocks.ts";
import { networkOf } from "../../lib/ip-address.ts";
import { remember } from "../../lib/remember.ts";
import { Admission } from "../admission.ts";

const EXTENSIONS = "sec-websocket-extensions";
const DEFLATE = /(^|,)\s*permessage-deflate\s*(;|,|$)/i;
/** Bun knows no such extension, and so answers none. */
const NOTHING = "none";

/** Connections of an address: what all of them together send in a turn of the event loop is unpacked in 20 ms. */
export const DEFLATED_MAX = 4;
const REFUSED_MS = 600_000;
/** Addresses that are remembered; past it the oldest are forgotten. */
const ADDRESSES_MAX = 65_536;

export class DeflateOffers {
  readonly #isServed: boolean;
  readonly #monotonic: () => number;
  /** Of connections with compression. */
  readonly #admission = new Admission(Number.POSITIVE_INFINITY, DEFLATED_MAX);
  readonly #refusedUntil = new Map<string, number>();

  constructor(isServed: boolean, { monotonic }: MonotonicClock) {
    this.#isServed = isServed;
    this.#monotonic = monotonic;
  }

  /** Whether an upgrade's connection is to have compression. Where its address may not, the request loses its offer. */
  take({ headers }: Request, address: string): boolean {
    if (!this.#isServed || !DEFLATE.test(headers.get(EXTENSIONS) ?? "")) return false;
    const refusedUntil = this.#refusedUntil.get(networkOf(address)) ?? -Infinity;
    const isTaken = refusedUntil <= this.#monotonic() && this.#admission.enter(address);
    if (!isTaken) headers.set(EXTENSIONS, NOTHING);
    return isTaken;
  }

  /** A connection with compression has ended. */
  leave(address: string): void {
    this.#admission.leave(address);
  }

  /** From now on and for ten minutes. */
  refuse(address: string): void {
    remember(this.#refusedUntil, networkOf(address), this.#monotonic() + REFUSED_MS, ADDRESSES_MAX);
  }
}
