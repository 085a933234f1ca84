import { expect, test } from "bun:test";
import { parseOptions } from "../../../bench/siege/options.ts";

function parsed(...args: string[]) {
  const options = parseOptions(args);
  if (typeof options === "string") throw new Error(`asked for ${options}`);
  return options;
}

test("without options the amounts are those of the issue", () => {
  expect(parsed()).toMatchObject({
    seed: 1,
    only: undefined,
    scale: 1,
    memoryMibMax: 1536,
    isShort: false,
    rule: { ratioMax: 3, p99MsMax: 50, loopMsMax: 10 },
  });
});

test("minutes scale amounts and times", () => {
  const { scale, seconds, secondsMax } = parsed("--minutes", "20", "--seed", "7");
  expect({ scale, seconds, secondsMax }).toEqual({ scale: 2, seconds: 12, secondsMax: 120 });
  expect(parsed("--minutes", "100000").scale).toBe(20);
});

test("the short form is not judged by times", () => {
  const { scale, isShort, rule } = parsed("--short", "--only", "pings");
  expect(scale).toBeLessThan(0.1);
  expect(isShort).toBe(true);
  expect(rule).toMatchObject({ ratioMax: Infinity, p99MsMax: Infinity, loopMsMax: Infinity });
});

test("in clear, unless TLS is asked for", () => {
  expect([parsed().isTls, parsed("--tls").isTls]).toEqual([false, true]);
});

test("what is no number, and what is no option, is named", () => {
  expect(() => parseOptions(["--seed", "x"])).toThrow("--seed takes a whole number from 0");
  expect(() => parseOptions(["--minutes", "0"])).toThrow("--minutes takes a whole number from 1");
  expect(() => parseOptions(["--hours", "1"])).toThrow("--hours");
});
