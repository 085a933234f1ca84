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

/**
 * Tokens of the full bucket, tokens that are left, and seconds until the bucket is full. No tokens are left while the caller
 * may send no requests at all: each request and its bytes are paid from `frames` first.
 */
export function rateHeaders(
  { frames }: Pick<Caller["limits"], "frames">,
  bucket: TokenBucket,
  now: number,
): Record<string, string> {
  const wait = frames.wait(now);
  return {
    "X-RateLimit-Limit": String(bucket.burst),
    "X-RateLimit-Remaining": String(wait > 0 ? 0 : bucket.left(now)),
    "X-RateLimit-Reset": String(Math.ceil(Math.max(wait, bucket.fullIn(now)) / 1000)),
  };
}

/** What `answer` returns or throws, with the headers of the caller's bucket for queries. */
export async function withRateHeaders(
  caller: Caller,
  monotonic: () => number,
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  const { limits } = caller;
  const told = () => rateHeaders(limits, limits.weights, monotonic());
  try {
    const response = await answer();
    const headers = Object.entries(told());
    for (const [name, value] of headers) response.headers.set(name, value);
    return response;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw error.with(told()).to(caller);
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
    const { limits } = caller;
    return isLoggedIn(caller) ? rateHeaders(limits, limits.weights, monotonic()) : {};
  } catch (error) {
    if (error instanceof HttpError) return {};
    throw error;
  }
}
