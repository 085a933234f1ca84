/** What an answer tells a caller of the bucket that paid for it. */
import type { Cost } from "../../protocol/weight.ts";
import type { Caller } from "../../trading/caller.ts";
import type { TokenBucket } from "../../trading/token-bucket.ts";
import { HttpError } from "../http/responses.ts";

/** The bucket that pays for requests of such a cost. */
export function bucketOf({ orders, cancels, weights }: Caller["limits"], cost: Cost): TokenBucket {
  if (cost === "orders") return orders;
  return cost === "cancels" ? cancels : weights;
}

/** Tokens of the full bucket, tokens that are left, and seconds until it is full. */
export function rateHeaders(bucket: TokenBucket, now: number): Record<string, string> {
  return {
    "X-RateLimit-Limit": String(bucket.burst),
    "X-RateLimit-Remaining": String(bucket.left(now)),
    "X-RateLimit-Reset": String(Math.ceil(bucket.fullIn(now) / 1000)),
  };
}

/** What `answer` gives or throws, with the headers of the bucket that paid for it. */
export async function withRateHeaders(
  bucket: TokenBucket,
  monotonic: () => number,
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  try {
    const response = await answer();
    const headers = Object.entries(rateHeaders(bucket, monotonic()));
    for (const [name, value] of headers) response.headers.set(name, value);
    return response;
  } catch (error) {
    throw error instanceof HttpError ? error.with(rateHeaders(bucket, monotonic())) : error;
  }
}
