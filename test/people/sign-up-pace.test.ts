import { expect, test } from "bun:test";
import { SignUpPace } from "../../src/people/sign-up-pace.ts";

/** How many of so many are let in, each from another address. */
function letIn(pace: SignUpPace, count: number, address: (i: number) => string): number {
  return Array.from({ length: count }, (_, i) => pace.take(address(i))).filter(
    (refusal) => refusal === null,
  ).length;
}

test("a site of IPv6 does not use up everybody's sign-ups, from however many of its networks it comes", () => {
  const pace = new SignUpPace(() => 0);
  const ofSite = (i: number) => `2001:db8:1:${i.toString(16)}::1`;
  expect(letIn(pace, 1000, ofSite)).toBe(40);
  expect(pace.take(ofSite(7))).toMatchObject({
    code: 42904,
    message: "Too many sign-ups from this address",
  });
  expect(letIn(pace, 30, () => "2001:db8:2:1::1")).toBe(20);
  expect(letIn(pace, 30, () => "192.0.2.1")).toBe(20);
  expect(letIn(pace, 30, (i) => `198.51.100.${i}`)).toBe(20);
  expect(pace.take("203.0.113.1")).toMatchObject({ code: 50300 });
});

test("a minute later a network has one more, and a site three", () => {
  let now = 0;
  const pace = new SignUpPace(() => now);
  const ofSite = (i: number) => `2001:db8:1:${i}::1`;
  expect(letIn(pace, 20, () => "192.0.2.1")).toBe(20);
  expect(letIn(pace, 40, ofSite)).toBe(40);
  now = 61_000;
  expect(letIn(pace, 1, () => "192.0.2.1")).toBe(1);
  expect(letIn(pace, 3, ofSite)).toBe(3);
});
