/** Brings the core's rules in line with the configuration: by commands, like every change. */
import type { Config } from "../config/config.ts";
import { CommandKind } from "../core/command.ts";
import type { Core } from "../core/core.ts";
import { packFees } from "../core/ledger/fees.ts";
import { MARKET_FEES } from "../core/parts.ts";
import {
  S_AUCTION_MS,
  S_BAND_BPS,
  S_MOVE_BPS,
  S_NOTIONAL_MAX_F64,
  S_OPEN_ORDERS_MAX,
  S_PAUSE_MS,
  S_QUANTITY_MAX,
  S_WINDOW_MS,
  SYMBOL_DOUBLES,
  SYMBOL_INTS,
} from "../core/symbols.ts";
import type { ControlCommand, ControlPort } from "../router/control.ts";

const EVERY_SYMBOL = -1;

export async function applyMarketRules(
  control: ControlPort,
  core: Core,
  market: Config["market"],
): Promise<void> {
  const { ints, template } = core.symbols;
  const rules = template * SYMBOL_INTS;
  const { orderQuantityMax, priceBandBps, makerFeeBps, takerFeeBps } = market;
  const commands: ControlCommand[] = [];
  if (
    ints[rules + S_QUANTITY_MAX] !== orderQuantityMax ||
    ints[rules + S_BAND_BPS] !== priceBandBps
  ) {
    commands.push({
      kind: CommandKind.SET_SYMBOL_RULES,
      symbol: EVERY_SYMBOL,
      quantity: orderQuantityMax,
      amount: priceBandBps,
    });
  }
  if (core.market[MARKET_FEES] !== packFees(makerFeeBps, takerFeeBps)) {
    commands.push({ kind: CommandKind.SET_FEES, price: makerFeeBps, quantity: takerFeeBps });
  }
  if (!hasProtection(core, market)) {
    commands.push({
      kind: CommandKind.SET_SYMBOL_PROTECTION,
      symbol: EVERY_SYMBOL,
      quantity: market.openOrdersMax,
      price: market.volatilityMoveBps,
      stopPrice: market.volatilityWindowMs,
      orderSlot: market.volatilityPauseMs,
      orderGeneration: market.volatilityAuctionMs,
      amount: market.orderNotionalMax,
    });
  }
  const replies = await Promise.all(commands.map((command) => control.submit(command)));
  for (const { code } of replies) {
    if (code !== 0) throw new Error(`the core refused the configured market rules: ${code}`);
  }
}

/** Whether symbols are listed with the configured protections already. */
function hasProtection({ symbols }: Core, market: Config["market"]): boolean {
  const s = symbols.template * SYMBOL_INTS;
  const { ints, doubles } = symbols;
  return (
    ints[s + S_OPEN_ORDERS_MAX] === market.openOrdersMax &&
    ints[s + S_MOVE_BPS] === market.volatilityMoveBps &&
    ints[s + S_WINDOW_MS] === market.volatilityWindowMs &&
    ints[s + S_PAUSE_MS] === market.volatilityPauseMs &&
    ints[s + S_AUCTION_MS] === market.volatilityAuctionMs &&
    doubles[symbols.template * SYMBOL_DOUBLES + S_NOTIONAL_MAX_F64] === market.orderNotionalMax
  );
}
