/** Queries about the market, as of the last durable tick. */
import type { CoreView } from "../core/view.ts";
import type { PlayerRegistry } from "../players/registry.ts";
import { ErrorCode } from "../protocol/errors.ts";
import { CANDLE_INTERVALS, SIDES, symbolName } from "../protocol/names.ts";
import { LEVELS_DEFAULT, ROWS_DEFAULT } from "../protocol/schemas/fields.ts";
import { stateName } from "../protocol/schemas/market-data.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import { isClosed } from "../records/candles.ts";
import { exchangeTime } from "../router/sequencer.ts";
import type { Caller } from "./caller.ts";
import { failure, type Outcome } from "./outcome.ts";
import { pageEnd } from "./pages.ts";
import type { QueryParts } from "./query-parts.ts";

type RegisteredPlayer = NonNullable<ReturnType<PlayerRegistry["get"]>>;
type Listed = Result<"symbols.get">;

export function listSymbols(
  { view, players }: QueryParts,
  _caller: Caller,
  { query, team, position, state }: Params<"symbols.list">,
): Outcome<Result<"symbols.list">> {
  const symbols = players
    .search(query)
    .filter((player) => view.isListed(player.symbol))
    .filter((player) => isSame(player.team, team) && isSame(player.position, position))
    .map((player) => listedSymbol(view, player))
    .filter((listed) => state === undefined || listed.state === state);
  return { result: { symbols } };
}

export function getSymbol(
  { view, players, symbols }: QueryParts,
  _caller: Caller,
  { symbol: name }: Params<"symbols.get">,
): Outcome<Listed> {
  const player = players.get(symbols.find(name));
  if (player === undefined) return failure(ErrorCode.UNKNOWN_SYMBOL);
  return { result: listedSymbol(view, player) };
}

/** Whether a player's team or position is the one asked for; upper and lower case do not differ. */
function isSame(own: string, asked: string | undefined): boolean {
  return asked === undefined || own.toUpperCase() === asked.toUpperCase();
}

function listedSymbol(view: CoreView, player: RegisteredPlayer): Listed {
  return {
    symbol: symbolName(player.symbol),
    ...(player.ticker !== undefined && { ticker: player.ticker }),
    player_id: player.player_id,
    player_name: player.name,
    team: player.team || null,
    position: player.position || null,
    number: player.number,
    player_status: player.status,
    state: stateName(view.symbolState(player.symbol)),
    price_increment: view.priceIncrement(player.symbol),
  };
}

export function getTicker(
  { symbols, market }: QueryParts,
  _caller: Caller,
  { symbol: name }: Params<"tickers.get">,
): Outcome<Result<"tickers.get">> {
  const symbol = symbols.find(name);
  if (symbol < 0) return failure(ErrorCode.UNKNOWN_SYMBOL);
  return { result: market.ticker(symbol) };
}

export function listTickers({ view, market }: QueryParts): Outcome<Result<"tickers.list">> {
  return { result: { tickers: view.listedSymbols().map((symbol) => market.ticker(symbol)) } };
}

/** `book.snapshot`. From now on the book's changes are kept for a while, so that the client can follow it from here. */
export function bookSnapshot(
  parts: QueryParts,
  _caller: Caller,
  { symbol: name, levels = LEVELS_DEFAULT }: Params<"book.snapshot">,
): Outcome<Result<"book.snapshot">> {
  const { view, symbols, levelChanges } = parts;
  const symbol = symbols.find(name);
  if (symbol < 0) return failure(ErrorCode.UNKNOWN_SYMBOL);
  levelChanges.watches.look(symbol, exchangeTime(parts));
  return {
    result: {
      symbol: symbolName(symbol),
      bids: levelsOf(view, symbol, 0, levels),
      asks: levelsOf(view, symbol, 1, levels),
      last_trade: view.lastTrade(symbol),
      seq: levelChanges.seq(symbol),
      tick: view.tick(),
    },
  };
}

/** Levels of one side, best first. */
function levelsOf(view: CoreView, symbol: number, side: number, most: number): [number, number][] {
  const flat = new Float64Array(most * 2);
  const count = view.depth(symbol, side, flat, most);
  return Array.from({ length: count }, (_, i) => [flat[i * 2], flat[i * 2 + 1]]);
}

export function recentTrades(
  { symbols, trades }: QueryParts,
  _caller: Caller,
  { symbol: name, limit = ROWS_DEFAULT }: Params<"trades.recent">,
): Outcome<Result<"trades.recent">> {
  const symbol = symbols.find(name);
  if (symbol < 0) return failure(ErrorCode.UNKNOWN_SYMBOL);
  const rows = trades
    .list(symbol, limit)
    .map((trade): Result<"trades.recent">["trades"][number] => ({
      ...trade,
      taker_side: SIDES[trade.taker_side],
    }));
  return { result: { symbol: symbolName(symbol), trades: rows } };
}

/** `candles.list`: newest first; `next` is the start of the oldest candle. */
export function listCandles(
  parts: QueryParts,
  _caller: Caller,
  { symbol: name, interval, limit = ROWS_DEFAULT, before }: Params<"candles.list">,
): Outcome<Result<"candles.list">> {
  const { symbols, candles } = parts;
  const time = exchangeTime(parts);
  const symbol = symbols.find(name);
  if (symbol < 0) return failure(ErrorCode.UNKNOWN_SYMBOL);
  const length = CANDLE_INTERVALS.indexOf(interval);
  // One candle more than asked for shows whether there is another page.
  const found = candles.list(symbol, length, limit + 1, before);
  const rows = found.slice(0, limit).map((candle): Result<"candles.list">["candles"][number] => ({
    ...candle,
    closed: isClosed(candle.start, length, time),
  }));
  const next = found.length > limit ? rows.at(-1)?.start : undefined;
  return {
    result: {
      symbol: symbolName(symbol),
      interval,
      candles: rows,
      ...pageEnd(next),
    },
  };
}
