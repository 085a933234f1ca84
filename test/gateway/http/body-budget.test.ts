import { expect, test } from "bun:test";
import { BODY_BYTES_PER_CALLER, BodyBudget } from "../../../src/gateway/http/body-budget.ts";

test("one caller has a fixed budget of bytes in flight, independent of other callers", () => {
  const budget = new BodyBudget({ bytesTotal: 2 ** 30, heldByOthers: () => 0 });
  const [one, other] = [{}, {}];
  const first = budget.open(one);
  first.take(BODY_BYTES_PER_CALLER - 1);
  const second = budget.open(one);
  second.take(1);
  expect(() => second.take(1)).toThrow("Too many long bodies at once");
  budget.open(other).take(BODY_BYTES_PER_CALLER);
  first[Symbol.dispose]();
  second.take(BODY_BYTES_PER_CALLER - 1);
});

test("all callers share a total budget, and return what they used", () => {
  let heldByOthers = 40;
  const budget = new BodyBudget({ bytesTotal: 100, heldByOthers: () => heldByOthers });
  const hold = budget.open({});
  hold.take(60);
  const late = budget.open({});
  expect(() => late.take(1)).toThrow(
    expect.objectContaining({
      body: {
        code: 50300,
        message: "Too many long bodies at once",
        details: { retry_after_ms: 1000 },
      },
    }),
  );
  heldByOthers = 39;
  late.take(1);
  hold[Symbol.dispose]();
  hold[Symbol.dispose]();
  late[Symbol.dispose]();
  expect(budget.held).toBe(0);
});
