import { expect, test } from "bun:test";
import { rateHeaders } from "../../../src/gateway/http/rate-headers.ts";
import { FrameBudget } from "../../../src/trading/frame-budget.ts";
import { TokenBucket } from "../../../src/trading/token-bucket.ts";

const headers = (limit: number, remaining: number, reset: number) => ({
  "X-RateLimit-Limit": String(limit),
  "X-RateLimit-Remaining": String(remaining),
  "X-RateLimit-Reset": String(reset),
});

test("they tell of the full bucket, of what is left, and when it is full again", () => {
  const bucket = new TokenBucket(10, 50, 0);
  const limits = { frames: new FrameBudget(1000, 1000, 0) };
  expect(rateHeaders(limits, bucket, 0)).toEqual(headers(50, 50, 0));
  bucket.take(0);
  expect(rateHeaders(limits, bucket, 0)).toEqual(headers(50, 49, 1));
  bucket.take(0, 70);
  expect(rateHeaders(limits, bucket, 0)).toEqual(headers(50, 0, 8));
  expect(rateHeaders(limits, bucket, 2_150)).toEqual(headers(50, 0, 5));
  expect(rateHeaders(limits, bucket, 2_200)).toEqual(headers(50, 1, 5));
  expect(rateHeaders(limits, bucket, 60_000)).toEqual(headers(50, 50, 0));
});

test("nothing is left while the caller may send no requests", () => {
  const bucket = new TokenBucket(10, 50, 0);
  const limits = { frames: new FrameBudget(1000, 1000, 0) };
  limits.frames.take(4096 + 64 * 3998, () => 0);
  expect(rateHeaders(limits, bucket, 0)).toEqual(headers(50, 0, 3));
  expect(rateHeaders(limits, bucket, 2999)).toEqual(headers(50, 0, 1));
  expect(rateHeaders(limits, bucket, 3000)).toEqual(headers(50, 50, 0));
});
