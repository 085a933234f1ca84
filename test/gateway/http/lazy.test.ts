import { expect, test } from "bun:test";
import { lazy } from "../../../src/gateway/http/lazy.ts";

test("a value is made once, when it is first needed", async () => {
  let made = 0;
  const value = lazy(async () => ++made);
  expect(made).toBe(0);
  expect(await Promise.all([value(), value()])).toEqual([1, 1]);
  expect(await value()).toBe(1);
});

test("a value that could not be made is tried again", async () => {
  let tries = 0;
  const value = lazy(async () => {
    if (++tries === 1) throw new Error("too many open files");
    return "text";
  });
  await expect(value()).rejects.toThrow("too many open files");
  expect(await value()).toBe("text");
});
