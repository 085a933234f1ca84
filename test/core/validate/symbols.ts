/** Symbols: the band's prices are those of its reference and width. */
import { PRICE_MAX } from "../../../src/core/command.ts";
import type { Core } from "../../../src/core/core.ts";
import {
  S_BAND_BPS,
  S_HIGH,
  S_INCREMENT,
  S_LOW,
  S_REFERENCE,
  SYMBOL_INTS,
} from "../../../src/core/symbols.ts";
import type { Faults } from "./faults.ts";

export function validateSymbols(core: Core, report: Faults): void {
  const { ints: S, exists, count } = core.symbols;
  for (let symbol = 0; symbol < count; symbol++) {
    if (!exists(symbol)) continue;
    const s = symbol * SYMBOL_INTS;
    const reference = BigInt(S[s + S_REFERENCE]);
    const bps = BigInt(S[s + S_BAND_BPS]);
    const width = Number((reference * bps + 9_999n) / 10_000n);
    const isOff = reference === 0n || bps === 0n;
    const low = isOff ? 1 : Math.max(1, Number(reference) - width);
    const high = isOff ? PRICE_MAX : Math.min(PRICE_MAX, Number(reference) + width);
    const isSound = S[s + S_LOW] === low && S[s + S_HIGH] === high;
    report(isSound, () => `symbol ${symbol}: band ${S[s + S_LOW]}–${S[s + S_HIGH]}`);
    report(S[s + S_INCREMENT] > 0, () => `symbol ${symbol}: increment ${S[s + S_INCREMENT]}`);
  }
}
