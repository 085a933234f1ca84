import { expect, test } from "bun:test";
import type { HttpError } from "../../src/gateway/http/responses.ts";
import { openRealExchange } from "../gateway/real-exchange.ts";

test("a band without any price is refused, and warned of where the configuration makes it", async () => {
  await using real = await openRealExchange({ WAIVER_MARKET__PRICE_INCREMENT: "100" });
  const [symbol = ""] = real.exchange.symbols();
  const set = (band: { price_band_bps: number; reference_price?: number }) =>
    real.exchange.operations
      .setSymbolBands({ symbol, ...band })
      .then(() => "set")
      .catch((error: unknown) => (error as HttpError).body);
  const refusal = (field: string, got: string) => ({
    code: 40001,
    details: {
      field,
      issue:
        `Must leave a multiple of the price increment of ${symbol}, 100, in the band, ` +
        `got ${got} basis points around 1050 are 1044 to 1056`,
    },
  });
  expect(await set({ price_band_bps: 50, reference_price: 1050 })).toMatchObject(
    refusal("reference_price", "1050: 50"),
  );
  expect(await set({ price_band_bps: 1000, reference_price: 1050 })).toBe("set");
  expect(await set({ price_band_bps: 50 })).toMatchObject(refusal("price_band_bps", "50: 50"));
  expect((await real.exchange.operations.symbol(symbol)).price_band_bps).toBe(1000);
  // A multiple is in it now, and may be in none when what trades meanwhile becomes its reference.
  expect(await set({ price_band_bps: 1000, reference_price: 1000 })).toBe("set");
  expect(await set({ price_band_bps: 300 })).toMatchObject({
    details: { field: "price_band_bps", issue: expect.stringContaining("got 300: 970 to 1030") },
  });
  expect(await set({ price_band_bps: 300, reference_price: 1000 })).toBe("set");
  expect(await set({ price_band_bps: 500 })).toBe("set");
  expect(await set({ price_band_bps: 1000, reference_price: 1050 })).toBe("set");

  await real.restart();
  expect(real.warnings).toEqual([]);
  await real.restart({ WAIVER_MARKET__PRICE_BAND_PERCENT: "0.5" });
  expect(real.warnings).toEqual([expect.stringMatching(/^no order can be placed on symbols/)]);
  expect(await set({ price_band_bps: 50, reference_price: 1000 })).toBe("set");
  await real.restart({ WAIVER_MARKET__PRICE_BAND_PERCENT: "0.5" });
  expect(real.warnings).toHaveLength(1);
});
