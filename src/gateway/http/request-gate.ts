/**
 * What strangers' HTTP requests cost, before anybody looks into them. Who has used up what his address may send is told
 * so, after a while, and his connection ends: requests that he has sent behind that one are dropped unread.
 */

import type { MonotonicClock } from "../../lib/clocks.ts";
import { Turns } from "../../lib/turns.ts";
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import { AddressBuckets } from "../address-buckets.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import type { Refusals } from "./refusals.ts";
import { HttpError } from "./responses.ts";
import type { HttpServer } from "./route.ts";

/** How long requests may be looked into before others have their turn. What Bun does for one takes about as long. */
const SLICE_MS = 2;
/** How long whoever watches may have to wait: less than a second, for which such programs wait at least. */
const WATCHER_DELAY_MS_MAX = 900;

export interface RequestGateParts extends MonotonicClock {
  addresses: ClientAddresses;
  refusals: Refusals;
  /** Requests of an address, and as many at once. */
  perSecond: number;
}

export class RequestGate {
  readonly #addresses: ClientAddresses;
  readonly #refusals: Refusals;
  readonly #requests: AddressBuckets;
  readonly #turns: Turns<string>;

  constructor({ addresses, refusals, perSecond, monotonic }: RequestGateParts) {
    this.#addresses = addresses;
    this.#refusals = refusals;
    this.#requests = new AddressBuckets({ perSecond, burst: perSecond, monotonic });
    this.#turns = new Turns({ sliceMs: SLICE_MS, stopwatch: monotonic, goOn: setImmediate });
  }

  /**
   * Runs what a request asks for now, or in its address's turn: a turn of the event loop may hand over a request of
   * each of a thousand connections. False when too many wait.
   */
  enter(request: Request, server: HttpServer, run: () => void): boolean {
    return this.#turns.take(this.#addresses.of(request, server), run);
  }

  /** Throws `HttpError` 42902 when the address of the request has nothing left. */
  charge(request: Request, server: HttpServer, weight: number): void {
    this.chargeAddress(this.#addresses.of(request, server), weight);
  }

  /** As `charge`, of an address that is known. */
  chargeAddress(address: string, weight: number): void {
    const retry_after_ms = this.#requests.take(address, weight);
    if (retry_after_ms === 0) return;
    const body = errorBody(ErrorCode.MARKET_DATA_RATE, { retry_after_ms }, "Too many requests");
    throw lastAnswer(new HttpError(body), this.#refusals.delayOfAddress(address));
  }

  /** For requests that are never refused: they wait when nothing is left. */
  async hold(request: Request, server: HttpServer): Promise<void> {
    const address = this.#addresses.of(request, server);
    if (this.#requests.take(address) === 0) return;
    await this.#refusals.hold(this.#refusals.delayOfAddress(address, WATCHER_DELAY_MS_MAX));
  }
}

/** The refusal, held back, and the end of its connection: a client that goes on regardless has to connect again. */
export function lastAnswer(refusal: HttpError, delayMs: number): HttpError {
  const { body, parts } = refusal.with({ Connection: "close" });
  return new HttpError(body, { ...parts, delayMs });
}
