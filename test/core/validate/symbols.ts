/**
 * Symbols: the band's prices are those of its reference and width; the next end of a pause is the earliest;
 * stops that the last price reaches wait only where some are left over from a command.
 */
import { PRICE_MAX, SymbolState } from "../../../src/core/command.ts";
import {
  CLOCK_DUE,
  MARKET_BACKLOG,
  MARKET_BACKLOG_FIRST,
  triggerBook,
} from "../../../src/core/parts.ts";
import {
  S_BAND_BPS,
  S_BAND_MS,
  S_BAND_REFERENCE,
  S_DUE_F64,
  S_ELECTED_HIGH,
  S_ELECTED_LOW,
  S_HIGH,
  S_INCREMENT,
  S_LAST_PRICE,
  S_LOW,
  S_REFERENCE,
  SYMBOL_DOUBLES,
  SYMBOL_INTS,
} from "../../../src/core/symbols.ts";
import type { TestCore } from "../test-core.ts";
import type { Faults } from "./faults.ts";

export function validateSymbols(core: TestCore, report: Faults): void {
  validateBands(core, report);
  validateDue(core, report);
  validateStops(core, report);
}

function validateDue(core: TestCore, report: Faults): void {
  const { doubles: SD, ints: S, count } = core.symbols;
  let first = Number.POSITIVE_INFINITY;
  for (let symbol = 0; symbol < count; symbol++) {
    const due = SD[symbol * SYMBOL_DOUBLES + S_DUE_F64];
    if (due === 0) continue;
    first = Math.min(first, due);
    const state: number = S[symbol * SYMBOL_INTS];
    const mayEnd = state === SymbolState.HALTED || state === SymbolState.AUCTION;
    report(mayEnd, () => `symbol ${symbol}: state ${state} ends at ${due}`);
  }
  const noted = core.clock[CLOCK_DUE];
  report(noted === (Number.isFinite(first) ? first : 0), () => `due at ${noted}, not ${first}`);
}

function validateStops(core: TestCore, report: Faults): void {
  const { market, ladder } = core;
  const { ints: S, count, exists, state } = core.symbols;
  const first = MARKET_BACKLOG_FIRST;
  const backlog = [...market.subarray(first, first + market[MARKET_BACKLOG])];
  const isSound = new Set(backlog).size === backlog.length && backlog.every(exists);
  report(isSound, () => `symbols with stops left: ${backlog}`);
  const rest = market.subarray(first + backlog.length);
  report(
    rest.every((word) => word === 0),
    () => `behind the ${backlog.length} symbols with stops left: ${rest}`,
  );
  for (let symbol = 0; symbol < count; symbol++) {
    const last = S[symbol * SYMBOL_INTS + S_LAST_PRICE];
    const buy = ladder.best(triggerBook(count, symbol * 2));
    const sell = ladder.best(triggerBook(count, symbol * 2 + 1));
    const reached = last !== 0 && ((buy !== 0 && buy <= last) || sell >= last);
    const elected = [
      S[symbol * SYMBOL_INTS + S_ELECTED_LOW],
      S[symbol * SYMBOL_INTS + S_ELECTED_HIGH],
    ];
    const isElected = elected.some((price) => price !== 0);
    report(
      !isElected || backlog.includes(symbol),
      () => `symbol ${symbol}: ${elected} elect stops`,
    );
    const mayWait = backlog.includes(symbol) || state(symbol) !== SymbolState.TRADING;
    report(!reached || mayWait, () => `symbol ${symbol}: at ${last} stops wait at ${buy}, ${sell}`);
  }
}

function validateBands(core: TestCore, report: Faults): void {
  const { ints: S, exists, count } = core.symbols;
  for (let symbol = 0; symbol < count; symbol++) {
    if (!exists(symbol)) continue;
    const s = symbol * SYMBOL_INTS;
    const isHeld = S[s + S_BAND_MS] !== 0;
    const reference = BigInt(S[s + (isHeld ? S_BAND_REFERENCE : S_REFERENCE)]);
    const isUnused = S[s + S_BAND_REFERENCE] === 0;
    report(isHeld || isUnused, () => `symbol ${symbol}: holds ${S[s + S_BAND_REFERENCE]}`);
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
