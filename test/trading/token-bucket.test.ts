import { expect, test } from "bun:test";
import fc from "fast-check";
import { TokenBucket } from "../../src/trading/token-bucket.ts";

const HOUR_MS = 3_600_000;

test("gives its burst at once, then tokens at its rate, and never holds more than its burst", () => {
  const bucket = new TokenBucket(10, 3, 0);
  const takeAt = (...times: number[]) => times.map((now) => bucket.take(now));
  expect(takeAt(0, 0, 0, 0, 0)).toEqual([0, 0, 0, 100, 100]);
  expect(takeAt(50, 100, 100, 150, 250)).toEqual([50, 0, 100, 50, 0]);
  expect(takeAt(10_000, 10_000, 10_000, 10_000)).toEqual([0, 0, 0, 100]);
});

test("a debt is paid back first, whether there were tokens or not", () => {
  const bucket = new TokenBucket(10, 3, 0);
  bucket.owe(0, 2);
  bucket.owe(0, 2);
  expect([bucket.left(0), bucket.wait(0), bucket.wait(200), bucket.left(400)]).toEqual([
    0, 200, 0, 3,
  ]);
  bucket.owe(400, 3);
  bucket.owe(400, -2);
  expect(bucket.left(400)).toBe(2);
  bucket.owe(400, -2);
  expect(bucket.left(400)).toBe(3);
});

test("asking for the time to wait takes no token", () => {
  const bucket = new TokenBucket(1, 1, 0);
  expect([bucket.wait(0), bucket.wait(0), bucket.take(0), bucket.wait(0)]).toEqual([0, 0, 0, 1000]);
});

test("a clock that goes back gives no token twice", () => {
  const bucket = new TokenBucket(10, 2, 5000);
  const takeAt = (...times: number[]) => times.map((now) => bucket.take(now));
  expect(takeAt(5000, 5000, 5000)).toEqual([0, 0, 100]);
  expect(takeAt(1000, 4999, 5000, 5050, 5100, 5100)).toEqual([100, 100, 100, 50, 0, 100]);
});

test("a bucket with rate 0 says an hour, and a bucket with a burst below one never gives a token", () => {
  const empty = new TokenBucket(0, 1, 0);
  expect([empty.take(0), empty.take(1e9)]).toEqual([0, HOUR_MS]);
  expect(new TokenBucket(100, 0, 0).take(1e9)).toBe(HOUR_MS);
  expect(new TokenBucket(100, 0.5, 0).take(1e9)).toBe(HOUR_MS);
});

test("waiting for the given time yields a token, and waiting for less does not", () => {
  const rate = fc.integer({ min: 1, max: 5000 });
  fc.assert(
    fc.property(rate, fc.integer({ min: 1, max: 20 }), (perSecond, burst) => {
      const bucket = new TokenBucket(perSecond, burst, 0);
      for (let i = 0; i < burst; i++) expect(bucket.take(0)).toBe(0);
      const wait = bucket.take(0);
      expect(wait).toBe(Math.ceil(1000 / perSecond));
      expect(bucket.take(wait - 1)).toBeGreaterThan(0);
      expect(bucket.take(wait)).toBe(0);
    }),
  );
});

test("never gives more than its burst and its rate allow", () => {
  const steps = fc.array(fc.integer({ min: -50, max: 200 }), { maxLength: 200 });
  const number = fc.integer({ min: 1, max: 100 });
  fc.assert(
    fc.property(number, number, steps, (perSecond, burst, times) => {
      const bucket = new TokenBucket(perSecond, burst, 0);
      let now = 0;
      let latest = 0;
      let given = 0;
      for (const step of times) {
        now = Math.max(0, now + step);
        latest = Math.max(latest, now);
        if (bucket.take(now) === 0) given++;
        expect(given).toBeLessThanOrEqual(burst + (latest * perSecond) / 1000 + 1e-6);
      }
    }),
  );
});
