/** Queries for an account's cash, positions and fills, as of the last durable tick. */
import { ErrorCode } from "../protocol/errors.ts";
import { accountName, LIQUIDITIES, orderName, SIDES, symbolName } from "../protocol/names.ts";
import { ROWS_DEFAULT } from "../protocol/schemas/fields.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import type { LoggedIn } from "./caller.ts";
import { failure, type Outcome } from "./outcome.ts";
import { EVERY_SYMBOL, pageEnd } from "./pages.ts";
import type { QueryParts } from "./query-parts.ts";

export function balances(
  { view, streams }: QueryParts,
  { account }: LoggedIn,
): Outcome<Result<"account.balances">> {
  const seq = streams.lastSeq(account);
  return { result: { account_id: accountName(account), cash: cashOf(view, account), seq } };
}

export function positions(
  { view, streams }: QueryParts,
  { account }: LoggedIn,
): Outcome<Result<"account.positions">> {
  const seq = streams.lastSeq(account);
  const held = positionsOf(view, account);
  return {
    result: { account_id: accountName(account), positions: held, seq },
    told: held.length,
  };
}

export function cashOf(
  view: QueryParts["view"],
  account: number,
): Result<"account.balances">["cash"] {
  return holding(view.cashAvailable(account), view.cashReserved(account));
}

export function positionsOf(
  view: QueryParts["view"],
  account: number,
): Result<"account.positions">["positions"] {
  return view.holdings(account).map(({ symbol, available, reserved }) => ({
    symbol: symbolName(symbol),
    ...holding(available, reserved),
  }));
}

function holding(available: number, reserved: number) {
  return { available, reserved, total: available + reserved };
}

/** The account's fills, newest first, in pages. */
export function accountTrades(
  { fills, symbols }: QueryParts,
  { account }: LoggedIn,
  { symbol: name, before = 0, limit = ROWS_DEFAULT }: Params<"account.trades">,
): Outcome<Result<"account.trades">> {
  const symbol = name === undefined ? EVERY_SYMBOL : symbols.find(name);
  if (symbol < EVERY_SYMBOL) return failure(ErrorCode.UNKNOWN_SYMBOL);
  const { rows, next, passed } = fills.page(account, symbol, before, limit);
  const trades = rows.map((fill): Result<"account.trades">["trades"][number] => ({
    order_id: orderName(fill.order),
    symbol: symbolName(fill.symbol),
    side: SIDES[fill.side],
    price: fill.price,
    quantity: fill.quantity,
    trade_id: fill.tradeId,
    liquidity: LIQUIDITIES[fill.liquidity],
    fee: fill.fee,
    timestamp: fill.timestamp,
    tick: fill.tick,
  }));
  return { result: { account_id: accountName(account), trades, ...pageEnd(next) }, told: passed };
}
