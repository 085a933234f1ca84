import { expect, test } from "bun:test";
import { Admission } from "../../src/gateway/admission.ts";

test("admits connections up to the limits in total and for one address", () => {
  const admission = new Admission(4, 2);
  const enter = (...addresses: string[]) => addresses.map((address) => admission.enter(address));
  expect(enter("a", "a", "a", "b", "c", "d")).toEqual([true, true, false, true, true, false]);
  admission.leave("b");
  admission.leave("a");
  expect([admission.total, ...enter("a", "a", "d", "b")]).toEqual([2, true, false, true, false]);
  for (const address of ["a", "a", "c", "d"]) admission.leave(address);
  expect([admission.total, ...enter("a", "a", "b", "b")]).toEqual([0, true, true, true, true]);
});

test("0 is no limit for an address", () => {
  const admission = new Admission(3, 0);
  expect(["a", "a", "a", "a"].map((address) => admission.enter(address))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});
