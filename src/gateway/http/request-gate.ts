/**
 * Charges an address for HTTP requests without a login, before they are looked at. When it has used up what it may send, the
 * refusal comes after a pause, and its connection ends: requests that were sent behind that one are dropped unread.
 */

import type { MonotonicClock } from "../../lib/clocks.ts";
import { networkOf } from "../../lib/ip-address.ts";
import { Turns } from "../../lib/turns.ts";
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import { AddressBuckets } from "../address-buckets.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import type { Refusals } from "./refusals.ts";
import { HttpError, refusalOf } from "./responses.ts";
import type { HttpServer } from "./route.ts";

/** How long requests are served before other work has its turn. Bun's own work for them takes about as long. */
const SLICE_MS = 2;
/** How long a health check may have to wait: less than a second, the least that such programs wait for an answer. */
const WATCHER_DELAY_MS_MAX = 900;

export interface RequestGateParts extends MonotonicClock {
  addresses: ClientAddresses;
  refusals: Refusals;
  /** Requests that an address may send in a second, and at once. */
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
    this.#turns = new Turns({ slice: SLICE_MS, spent: monotonic, goOn: setImmediate });
  }

  /**
   * Serves a request at once, or in its address's turn: one turn of the event loop may bring a request from each of a
   * thousand connections. False when too many wait.
   */
  enter(request: Request, server: HttpServer, run: () => void): boolean {
    return this.#turns.take(networkOf(this.#addresses.of(request, server)), run);
  }

  /** Throws `HttpError` 42902 when the address of the request has nothing left. */
  charge(request: Request, server: HttpServer, weight: number): void {
    this.chargeAddress(this.#addresses.of(request, server), weight);
  }

  /** As `charge`, for an address that is known. */
  chargeAddress(address: string, weight: number): void {
    const retry_after_ms = this.#requests.take(address, weight);
    if (retry_after_ms === 0) return;
    const body = errorBody(ErrorCode.MARKET_DATA_RATE, { retry_after_ms }, "Too many requests");
    throw lastAnswer(new HttpError(body), this.#refusals.delayOfAddress(address));
  }

  /** For requests that are never refused. They wait when the address has nothing left. */
  async hold(request: Request, server: HttpServer): Promise<void> {
    const address = this.#addresses.of(request, server);
    if (this.#requests.take(address) === 0) return;
    await this.#refusals.hold(this.#refusals.delayOfAddress(address, WATCHER_DELAY_MS_MAX));
  }
}

/**
 * Charges the address of a request that is refused, and throws the refusal; 42902 in its place when the address has nothing
 * left. An unexpected error is always thrown itself, because only what is thrown is logged and counted.
 */
export function refuse(
  gate: Pick<RequestGate, "charge">,
  request: Request,
  server: HttpServer,
  refusal: unknown,
): never {
  try {
    gate.charge(request, server, 1);
  } catch (beyond) {
    throw refusalOf(refusal) === null ? refusal : beyond;
  }
  throw refusal;
}

/**
 * The refusal, held back, as the last answer on its connection: a client that goes on regardless has to connect again.
 */
export function lastAnswer(refusal: HttpError, delayMs: number): HttpError {
  const { body, parts } = refusal.with({ Connection: "close" });
  return new HttpError(body, { ...parts, delayMs });
}
