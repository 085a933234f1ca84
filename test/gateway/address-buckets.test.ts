import { expect, test } from "bun:test";
import { AddressBuckets } from "../../src/gateway/address-buckets.ts";

function open(perSecond: number, burst: number) {
  const clock = { now: 0 };
  return { clock, buckets: new AddressBuckets({ perSecond, burst, monotonic: () => clock.now }) };
}

test("each address has its own bucket, and an IPv6 /64 network counts as one address", () => {
  const { buckets } = open(1, 1);
  expect(buckets.take("1.2.3.4")).toBe(0);
  expect(buckets.take("1.2.3.4")).toBe(1000);
  expect(buckets.take("1.2.3.5")).toBe(0);
  expect(buckets.take("2001:db8:0:1::1")).toBe(0);
  expect(buckets.take("2001:db8:0:1:ffff::2")).toBe(1000);
  expect(buckets.take("2001:db8:0:2::1")).toBe(0);
});

test("a charge above the balance becomes a debt", () => {
  const { buckets, clock } = open(10, 10);
  expect(buckets.take("a", 25)).toBe(0);
  expect(buckets.take("a")).toBe(1600);
  clock.now = 1599;
  expect(buckets.take("a")).toBe(1);
  clock.now = 1600;
  expect(buckets.take("a")).toBe(0);
});

test("a limited number of addresses is remembered, and the least recently used are forgotten first", () => {
  const { buckets } = open(1, 1);
  for (let n = 0; n < 65_536; n++) buckets.take(`10.${n >> 8}.${n & 255}.1`);
  expect(buckets.take("10.0.0.1")).toBeGreaterThan(0);
  expect(buckets.take("192.0.2.1")).toBe(0);
  expect(buckets.take("10.0.0.1")).toBeGreaterThan(0);
  expect(buckets.take("10.0.1.1")).toBe(0);
  expect(buckets.take("10.255.255.1")).toBeGreaterThan(0);
});

test("an address with an empty bucket cannot refill it by using very many other addresses, as long as it continues", () => {
  const { buckets } = open(1, 1);
  const given: string[] = [];
  for (let n = 0; n < 100_000; n++) {
    buckets.take(`${10 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.1`);
    if (n % 1000 === 0 && buckets.take("192.0.2.1") === 0) given.push(`after ${n}`);
  }
  expect(given).toEqual(["after 0"]);
});
