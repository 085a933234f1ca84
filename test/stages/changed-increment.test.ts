import { expect, test } from "bun:test";
import { openRealExchange } from "../gateway/real-exchange.ts";

test("a start warns of a price increment that listed symbols do not have", async () => {
  await using real = await openRealExchange();
  expect(real.warnings).toEqual([]);
  await real.restart({ WAIVER_MARKET__PRICE_INCREMENT: "10" });
  expect(real.warnings).toEqual([expect.stringMatching(/^symbols keep the price increment/)]);
  expect(new Set(real.exchange.listed().map(({ increment }) => increment))).toEqual(new Set([1]));
  await real.restart();
  expect(real.warnings).toHaveLength(1);
});
