/** Brings the core's rules in line with the configuration: by commands, like every change. */
import type { Config } from "../config/config.ts";
import { CommandKind } from "../core/command.ts";
import type { Core } from "../core/core.ts";
import { packFees } from "../core/ledger/fees.ts";
import { DEFAULT_BAND_BPS, DEFAULT_FEES, DEFAULT_QUANTITY_MAX } from "../core/parts.ts";
import type { ControlCommand, ControlPort } from "../router/control.ts";

const EVERY_SYMBOL = -1;

export async function applyMarketRules(
  control: ControlPort,
  core: Core,
  market: Config["market"],
): Promise<void> {
  const { defaults } = core;
  const { orderQuantityMax, priceBandBps, makerFeeBps, takerFeeBps } = market;
  const commands: ControlCommand[] = [];
  if (
    defaults[DEFAULT_QUANTITY_MAX] !== orderQuantityMax ||
    defaults[DEFAULT_BAND_BPS] !== priceBandBps
  ) {
    commands.push({
      kind: CommandKind.SET_SYMBOL_RULES,
      symbol: EVERY_SYMBOL,
      quantity: orderQuantityMax,
      amount: priceBandBps,
    });
  }
  if (defaults[DEFAULT_FEES] !== packFees(makerFeeBps, takerFeeBps)) {
    commands.push({ kind: CommandKind.SET_FEES, price: makerFeeBps, quantity: takerFeeBps });
  }
  const replies = await Promise.all(commands.map((command) => control.submit(command)));
  for (const { code } of replies) {
    if (code !== 0) throw new Error(`the core refused the configured market rules: ${code}`);
  }
}
