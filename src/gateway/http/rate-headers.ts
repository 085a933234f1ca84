/** Headers that tell a caller about the bucket that paid for a request. */
import type { MonotonicClock } from "../../lib/clocks.ts";
import type { Cost } from "../../protocol/weight.ts";
import { type Caller, isLoggedIn } from "../../trading/caller.ts";
import type { TokenBucket } from "../../trading/token-bucket.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import type { HttpLogins } from "./http-logins.ts";
import { HttpError } from "./responses.ts";
import type { HttpRequest, HttpServer } from "./route.ts";

/** The bucket that pays for requests with this cost. */
export function bucketOf({ orders, cancels, weights }: Caller["limits"], cost: Cost): TokenBucket {
  if (cost === "orders") return orders;
  return cost === "cancels" ? cancels : weights;
}

/** Tokens of the full bucket, tokens that are left, and seconds until the bucket is full. */
export function rateHeaders(bucket: TokenBucket, now: number): Record<string, string> {
  return {
    "X-RateLimit-Limit": String(bucket.burst),
    "X-RateLimit-Remaining": String(bucket.left(now)),
    "X-RateLimit-Reset": String(Math.ceil(bucket.fullIn(now) / 1000)),
  };
}

/** What `answer` returns or throws, with the headers of the caller's bucket for queries. */
export async function withRateHeaders(
  caller: Caller,
  monotonic: () => number,
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  const bucket = caller.limits.weights;
  try {
    const response = await answer();
    const headers = Object.entries(rateHeaders(bucket, monotonic()));
    for (const [name, value] of headers) response.headers.set(name, value);
    return response;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw error.with(rateHeaders(bucket, monotonic())).to(caller);
  }
}

export interface CallerParts extends MonotonicClock {
  httpLogins: Pick<HttpLogins, "callerOf">;
  addresses: ClientAddresses;
}

/**
 * The headers for a request that no bucket pays for: of the caller's bucket for queries when he is logged in; none without a
 * login or with a wrong one.
 */
export async function callerRateHeaders(
  { httpLogins, addresses, monotonic }: CallerParts,
  request: HttpRequest,
  server: HttpServer,
): Promise<Record<string, string>> {
  try {
    const caller = await httpLogins.callerOf(request, addresses.of(request, server));
    return isLoggedIn(caller) ? rateHeaders(caller.limits.weights, monotonic()) : {};
  } catch (error) {
    if (error instanceof HttpError) return {};
    throw error;
  }
}
