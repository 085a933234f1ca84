/**
 * Checks price windows. In every step the lowest price is not above the highest. The newest step contains the
 * last price. A symbol whose last price is too far from one of the steps is not trading. From version 1 of
 * the rules a step may have no prices.
 */
import { SymbolState } from "../../../src/core/command.ts";
import { S_LAST_PRICE, S_MOVE_BPS, SYMBOL_INTS } from "../../../src/core/symbols.ts";
import type { TestCore } from "../test-core.ts";
import type { Faults } from "./faults.ts";

// As drawn in price-windows.ts.
const STEPS = 17;
const WINDOW_INTS = 2 + 2 * STEPS;
const FIRST = 2;

export function validateWindows(core: TestCore, report: Faults): void {
  const numbers = new Float64Array(core.windows.ints.buffer);
  for (let symbol = 0; symbol < core.symbols.count; symbol++) {
    const newest = numbers[symbol * (WINDOW_INTS / 2)];
    if (newest !== 0) validateWindow(core, symbol, newest, report);
  }
}

function validateWindow(core: TestCore, symbol: number, newest: number, report: Faults): void {
  const { ints: S, state } = core.symbols;
  const last = S[symbol * SYMBOL_INTS + S_LAST_PRICE];
  const bps = BigInt(S[symbol * SYMBOL_INTS + S_MOVE_BPS]);
  const mayMove = (from: number): boolean =>
    BigInt(Math.abs(last - from)) * 10_000n <= bps * BigInt(from);
  for (let step = 0; step < STEPS; step++) {
    const w = symbol * WINDOW_INTS + FIRST + step * 2;
    const { [w]: low, [w + 1]: high } = core.windows.ints;
    const at = `symbol ${symbol}, step ${step}: ${low}–${high}`;
    const isEmpty = low === 0 && high === 0 && core.rules.isAtLeast1();
    if (isEmpty && step !== newest % STEPS) continue;
    report(low > 0 && low <= high, () => at);
    const holdsLast = step !== newest % STEPS || (low <= last && last <= high);
    report(holdsLast, () => `${at}, but the last price is ${last}`);
    const isPaused = state(symbol) !== SymbolState.TRADING;
    report(isPaused || (mayMove(low) && mayMove(high)), () => `${at}: ${last} is too far`);
  }
}
