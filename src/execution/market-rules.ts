/** Brings the core's rules in line with the configuration, by commands, as every change of the state is made. */
import type { Config } from "../config/config.ts";
import { CommandKind } from "../core/command.ts";
import { RULES_VERSION } from "../core/rules.ts";
import type { CoreView, MarketRules } from "../core/view.ts";
import type { ControlCommand, ControlPort } from "../router/control.ts";

const EVERY_SYMBOL = -1;
const EVERY_ACCOUNT = -1;

/** Resolves when the rules are set. Rejects when the core refuses them. */
export async function applyMarketRules(
  control: ControlPort,
  view: CoreView,
  market: Config["market"],
): Promise<void> {
  const rules = view.marketRules();
  const wanted = { ...market, priceBandWindowMs: windowOf(market) };
  const differs = (...names: (keyof MarketRules)[]): boolean =>
    names.some((name) => rules[name] !== wanted[name]);
  const commands: ControlCommand[] = [];
  if (view.rulesVersion() < RULES_VERSION) {
    commands.push({ kind: CommandKind.SET_RULES, quantity: RULES_VERSION, amount: drawSeed() });
  }
  const { openOrders, ladderPages, positions, clientOrderIds } = market.shares;
  if (!Bun.deepEquals(view.shares(), market.shares)) {
    commands.push({
      kind: CommandKind.SET_SHARES,
      account: EVERY_ACCOUNT,
      quantity: openOrders,
      price: ladderPages,
      stopPrice: positions,
      amount: clientOrderIds,
    });
  }
  if (differs("orderQuantityMax", "priceBandBps", "priceBandWindowMs")) {
    commands.push({
      kind: CommandKind.SET_SYMBOL_RULES,
      symbol: EVERY_SYMBOL,
      quantity: wanted.orderQuantityMax,
      amount: wanted.priceBandBps,
      orderSlot: wanted.priceBandWindowMs,
    });
  }
  if (differs("makerFeeBps", "takerFeeBps")) {
    commands.push({
      kind: CommandKind.SET_FEES,
      price: wanted.makerFeeBps,
      quantity: wanted.takerFeeBps,
    });
  }
  const volatility = [
    "volatilityMoveBps",
    "volatilityWindowMs",
    "volatilityPauseMs",
    "volatilityAuctionMs",
  ] as const;
  if (differs("openOrdersMax", "orderNotionalMax", ...volatility)) {
    commands.push({
      kind: CommandKind.SET_SYMBOL_PROTECTION,
      symbol: EVERY_SYMBOL,
      quantity: wanted.openOrdersMax,
      price: wanted.volatilityMoveBps,
      stopPrice: wanted.volatilityWindowMs,
      orderSlot: wanted.volatilityPauseMs,
      orderGeneration: wanted.volatilityAuctionMs,
      amount: wanted.orderNotionalMax,
    });
  }
  const replies = await Promise.all(commands.map((command) => control.submit(command)));
  for (const { code } of replies) {
    if (code !== 0) throw new Error(`the core refused the configured market rules: ${code}`);
  }
}

/** 53 random bits that nobody can guess, the key of the client order ids' hash. */
function drawSeed(): number {
  const [low = 0, high = 0] = crypto.getRandomValues(new Uint32Array(2));
  return (high >>> 11) * 2 ** 32 + low;
}

/** Without a band the core has no window for it. */
function windowOf({ priceBandBps, priceBandWindowMs }: Config["market"]): number {
  return priceBandBps === 0 ? 0 : priceBandWindowMs;
}
