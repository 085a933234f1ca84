import { describe, expect, test } from "bun:test";
import { ExchangeError } from "@waiver/client";
import { Pacer } from "../../src/demo/pacer.ts";
import { restAfter } from "../../src/demo/refusals.ts";
import { Rests } from "../../src/demo/rests.ts";
import { ERROR_CODES } from "../../src/protocol/errors.ts";

describe("the pacer", () => {
  test("gives turns evenly, and does not save them up", () => {
    const pacer = new Pacer(100);
    expect([0, 0, 5, 40, 40, 1_000].map((nowMs) => pacer.reserve(nowMs))).toEqual([
      0, 10, 15, 0, 10, 0,
    ]);
  });

  test("pauses, and takes another rate", () => {
    const pacer = new Pacer(100);
    pacer.pause(0, 500);
    pacer.setRate(10);
    expect([0, 0, 450].map((nowMs) => pacer.reserve(nowMs))).toEqual([500, 600, 250]);
  });
});

test("every error of the wire has a pause", () => {
  const rests = ERROR_CODES.map((code) => {
    const details = code === 42901 ? { retry_after_ms: 250 } : {};
    const rest = restAfter(new ExchangeError({ code, message: "", details }));
    return `${code} ${rest === undefined ? "none" : `${rest.from} ${rest.forMs}`}`;
  });
  const symbolCodes = [
    40000, 40001, 40002, 40003, 40100, 40101, 40102, 40300, 40301, 40904, 40905, 40909, 40910,
    40911, 41001, 42902, 42903, 42904, 50000,
  ];
  expect(rests).toEqual(
    [
      ...[40004, 40901, 40902, 40903, 40908].map((code) => `${code} none`),
      ...symbolCodes.map((code) => `${code} symbol 60000`),
      "40906 buying 30000",
      "40907 selling 30000",
      "42901 everything 250",
      ...[50300, 50301, 50302].map((code) => `${code} everything 1000`),
      "50700 everything 10000",
    ].sort(),
  );
});

test("a pause ends, and applies only where it belongs", () => {
  const rests = new Rests();
  rests.add("buying", "SYMBOL_1", 10);
  rests.add("selling", "SYMBOL_1", 20);
  rests.add("symbol", "SYMBOL_3", 30);
  const allowedAt = (nowMs: number): string[] =>
    ["SYMBOL_1", "SYMBOL_2", "SYMBOL_3"].flatMap((symbol) =>
      (["BUY", "SELL"] as const)
        .filter((side) => rests.allows(side, symbol, nowMs))
        .map((side) => `${side} ${symbol}`),
    );

  expect([9, 10, 20, 30].map(allowedAt)).toEqual([
    ["SELL SYMBOL_2"],
    ["BUY SYMBOL_1", "BUY SYMBOL_2", "SELL SYMBOL_2"],
    ["BUY SYMBOL_1", "SELL SYMBOL_1", "BUY SYMBOL_2", "SELL SYMBOL_2"],
    [
      "BUY SYMBOL_1",
      "SELL SYMBOL_1",
      "BUY SYMBOL_2",
      "SELL SYMBOL_2",
      "BUY SYMBOL_3",
      "SELL SYMBOL_3",
    ],
  ]);
});
