/** `account.equity`: what an account is worth and has earned, at the last durable tick and before. */
import { accountName, symbolName } from "../protocol/names.ts";
import { averagePrice } from "../protocol/order-state.ts";
import { ROWS_DEFAULT } from "../protocol/schemas/fields.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import { ONE_DAY, ONE_MINUTE } from "../records/candle-series.ts";
import { type PositionFigures, worth } from "../records/equity.ts";
import { type EquityPoint, endOfYesterday, equityHistory } from "../records/equity-history.ts";
import { exchangeTime } from "../router/sequencer.ts";
import type { LoggedIn } from "./caller.ts";
import type { Outcome } from "./outcome.ts";
import { pageEnd } from "./pages.ts";
import type { QueryParts } from "./query-parts.ts";

type EquityResult = Result<"account.equity">;

export function accountEquity(
  parts: QueryParts,
  { account }: LoggedIn,
  params: Params<"account.equity">,
): Outcome<EquityResult> {
  const { view, equity } = parts;
  const figures = equity.account(account);
  const positions = equity.positions(account).map((each) => positionOf(parts, each));
  const value = positions.reduce((sum, each) => sum + each.value, 0);
  const yesterday = endOfYesterday(parts, account, exchangeTime(parts));
  const { makerBps, takerBps } = view.feesOf(account);
  const now: EquityPoint = { start: 0, value, ...figures };
  const earned = (point: EquityPoint): number => point.cash + point.value - point.deposits;
  const day_change = yesterday && earned(now) - earned(yesterday);
  return {
    result: {
      account_id: accountName(account),
      ...pointFields(now),
      day_change,
      fee_rates: { maker_bps: makerBps, taker_bps: takerBps },
      positions,
      timestamp: view.timestamp(),
      tick: view.tick(),
      ...historyOf(parts, account, params),
    },
    told: positions.length,
  };
}

function historyOf(
  parts: QueryParts,
  account: number,
  { interval, limit = ROWS_DEFAULT, before = Number.MAX_SAFE_INTEGER }: Params<"account.equity">,
): Pick<EquityResult, "interval" | "history" | "next"> {
  if (interval === undefined) return {};
  const index = interval === "1m" ? ONE_MINUTE : ONE_DAY;
  const now = exchangeTime(parts);
  // One point more than asked for shows whether there is another page.
  const points = equityHistory(parts, { account, interval: index, now, before, limit: limit + 1 });
  const history = points
    .slice(0, limit)
    .map((point) => ({ start: point.start, ...pointFields(point) }));
  return { interval, history, ...pageEnd(points.length > limit ? history.at(-1)?.start : null) };
}

function pointFields({ cash, value, deposits, realised, fees }: EquityPoint) {
  const equity = cash + value;
  const unrealised = equity - deposits - realised;
  return { equity, cash, value, deposits, realised, unrealised, fees };
}

function positionOf(
  { view }: QueryParts,
  { symbol, quantity, cost, realised, fees }: PositionFigures,
): EquityResult["positions"][number] {
  const last = view.lastTrade(symbol)?.price ?? null;
  const value = worth(quantity, last ?? 0);
  return {
    symbol: symbolName(symbol),
    quantity,
    cost,
    average_price: quantity === 0 ? null : averagePrice(cost, quantity),
    last,
    value,
    realised,
    unrealised: value - cost,
    fees,
  };
}
