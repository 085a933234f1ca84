/**
 * What strangers' HTTP requests cost, before anybody looks into them. Who has used up what his address may send is told
 * so, after a while, and his connection ends: requests that he has sent behind that one are dropped unread.
 */
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import { AddressBuckets } from "../address-buckets.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import { HttpError } from "./responses.ts";
import type { HttpServer } from "./route.ts";

/**
 * How long refusals are held back at least, and at most twice as long, so that those of very many connections do not go
 * out at once. All HTTP connections that there may be, asking again as soon as they are answered, then take a tenth of the
 * processor.
 */
export const REFUSAL_DELAY_MS = 300;

export class RequestGate {
  readonly #addresses: ClientAddresses;
  readonly #requests: AddressBuckets;

  /** `perSecond`: requests of an address, and as many at once. */
  constructor(addresses: ClientAddresses, perSecond: number, monotonic: () => number) {
    this.#addresses = addresses;
    this.#requests = new AddressBuckets({ perSecond, burst: perSecond, monotonic });
  }

  /** Throws `HttpError` 42902 when the address of the request has nothing left. */
  charge(request: Request, server: HttpServer, weight: number): void {
    this.chargeAddress(this.#addresses.of(request, server), weight);
  }

  /** As `charge`, of an address that is known. */
  chargeAddress(address: string, weight: number): void {
    const wait = this.#requests.take(address, weight);
    if (wait > 0) throw tooMany(ErrorCode.MARKET_DATA_RATE, wait, "Too many requests");
  }

  /** For what is never refused: when nothing is left it waits instead. */
  async hold(request: Request, server: HttpServer): Promise<void> {
    const wait = this.#requests.take(this.#addresses.of(request, server));
    if (wait > 0) await Bun.sleep(delayMs());
  }
}

/** Ends the connection, so that whoever goes on regardless has to connect again. */
export function tooMany(code: number, retry_after_ms: number, message?: string): HttpError {
  const parts = { headers: { Connection: "close" }, delayMs: delayMs() };
  return new HttpError(errorBody(code, { retry_after_ms }, message), parts);
}

function delayMs(): number {
  return REFUSAL_DELAY_MS * (1 + Math.random());
}
