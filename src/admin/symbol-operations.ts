/** Changes several symbols with one request of an operator: those of a team, of a position, or all. */
import { CommandKind, SymbolState } from "../core/command.ts";
import type { SymbolBand } from "../core/view.ts";
import { HttpError, invalidField } from "../gateway/http/responses.ts";
import { COMMANDS_AT_ONCE_MAX } from "../lib/in-parts.ts";
import { submitted } from "../people/core-reject.ts";
import { ErrorCode, errorBody } from "../protocol/errors.ts";
import { symbolName } from "../protocol/names.ts";
import type {
  SetBandsBody,
  SetBandsReply,
  SetStatesBody,
  SetStatesReply,
} from "../protocol/schemas/admin-replies.ts";
import { PLAYER_GONE } from "../protocol/schemas/market-data.ts";
import { type ControlCommand, type ControlPort, UnavailableError } from "../router/control.ts";
import type { AdminView } from "./view.ts";

type Selection = Pick<SetStatesBody, "symbol" | "team" | "position" | "all">;

export async function setSymbolStates(
  control: ControlPort,
  view: AdminView,
  { state, ...selection }: SetStatesBody,
): Promise<SetStatesReply> {
  const opens = state === "TRADING";
  const symbols = await selected(view, selection, opens);
  const kind = CommandKind.SET_SYMBOL_STATE;
  const quantity = SymbolState[state];
  const commands = symbols.map((symbol) => ({ kind, symbol, quantity }));
  return { symbols: symbols.map(symbolName), state, tick: await submitAll(control, commands) };
}

/**
 * Sets price bands; the other rules of SET_SYMBOL_RULES stay as they are. `newWindowMs`: the window in
 * milliseconds of a symbol that had no band, unless the body gives one. The core has none for such a symbol,
 * and without a window the band would move with every trade. Throws `HttpError` for a band in which no order
 * could be placed; no symbol has changed then.
 */
export async function setSymbolBands(
  control: ControlPort,
  view: AdminView,
  newWindowMs: number,
  { price_band_bps, price_band_window_ms, reference_price = 0, ...selection }: SetBandsBody,
): Promise<SetBandsReply> {
  const symbols = await selected(view, selection, false);
  const commands = symbols.map((symbol) => {
    const { orderQuantityMax, priceBandBps, priceBandWindowMs } = view.symbolRules(symbol);
    const windowMs = price_band_window_ms ?? (priceBandBps === 0 ? newWindowMs : priceBandWindowMs);
    const band = view.bandWith(symbol, price_band_bps, windowMs, reference_price);
    if (band !== null && !band.hasPrices) throw noPrices(symbol, band, reference_price !== 0);
    const isNarrowed = price_band_bps < priceBandBps && priceBandWindowMs !== 0 && windowMs !== 0;
    if (band !== null && isNarrowed && reference_price === 0) assertReaches(symbol, band);
    return {
      kind: CommandKind.SET_SYMBOL_RULES,
      symbol,
      quantity: orderQuantityMax,
      amount: price_band_bps,
      orderSlot: windowMs,
      stopPrice: reference_price,
    };
  });
  const tick = await submitAll(control, commands);
  return { symbols: symbols.map(symbolName), price_band_bps, tick };
}

/**
 * Numbers of the symbols that are meant, at least one. `isOpening`: symbols whose players have left are not
 * meant.
 */
async function selected(
  view: AdminView,
  { symbol: name, team, position, all }: Selection,
  isOpening: boolean,
): Promise<number[]> {
  if (name !== undefined) {
    if (team !== undefined || position !== undefined || all !== undefined) throw contradiction();
    return [existingSymbol(view, name)];
  }
  const isFiltered = team !== undefined || position !== undefined;
  if (isFiltered === (all === true)) throw contradiction();
  const { symbols } = await view.ask("symbols.list", {
    ...(team !== undefined && { team }),
    ...(position !== undefined && { position }),
  });
  const meant = symbols.filter(({ player_status }) => !isOpening || player_status !== PLAYER_GONE);
  if (meant.length === 0) throw unknown("No symbol is of that team and position");
  return meant.map(({ symbol }) => existingSymbol(view, symbol));
}

/** The number of a listed symbol by its name or ticker; throws `HttpError` 40003 when there is none. */
export function existingSymbol(view: AdminView, name: string): number {
  const number = view.symbolNumber(name);
  if (number === -1) throw unknown(`There is no symbol ${name}`);
  return number;
}

/**
 * Submits the commands; returns the tick of the last one. When one fails, throws its error, which says how many
 * were done if any were.
 */
async function submitAll(
  control: ControlPort,
  commands: readonly ControlCommand[],
): Promise<number> {
  let tick = 0;
  for (let at = 0; at < commands.length; at += COMMANDS_AT_ONCE_MAX) {
    const some = commands.slice(at, at + COMMANDS_AT_ONCE_MAX);
    const settled = await Promise.allSettled(
      some.map((each) => submitted(control, each, "symbol")),
    );
    const failed = settled.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") {
      const done = at + settled.filter(({ status }) => status === "fulfilled").length;
      throw done === 0 ? failed.reason : halfDone(failed.reason, done, commands.length);
    }
    for (const each of settled) if (each.status === "fulfilled") tick = each.value.tick;
  }
  return tick;
}

/** The error `reason`, with how many symbols are changed. */
function halfDone(reason: unknown, done: number, of: number): unknown {
  const changed = `${done} of ${of} symbols are changed`;
  if (reason instanceof UnavailableError) {
    const issue = `${changed}, then: ${reason.message}`;
    return new HttpError(errorBody(reason.code, { field: "symbol", issue }));
  }
  if (!(reason instanceof HttpError)) return reason;
  const { body, parts } = reason;
  const issue = `${changed}; another was refused: ${body.details?.issue ?? body.message}`;
  return new HttpError({ ...body, details: { ...body.details, issue } }, parts);
}

function unknown(issue: string): HttpError {
  return new HttpError(errorBody(ErrorCode.UNKNOWN_SYMBOL, { field: "symbol", issue }));
}

/**
 * Throws for a band that could have no multiple of the increment in it. When the window of the old, wider band
 * ends, the mean of what has traded becomes the reference of the narrower one, and that can lie anywhere.
 */
function assertReaches(symbol: number, { bps, low, high, increment }: SymbolBand): void {
  if (high - low + 1 >= increment) return;
  const need = `at least as wide as the price increment of ${symbolName(symbol)}, ${increment}`;
  throw invalidField(
    "price_band_bps",
    `Must leave a band ${need}, or come with a reference_price, got ${bps}: ${low} to ${high}`,
  );
}

/** The error for a band without a price. `isGiven`: the request gave the reference price. */
function noPrices(
  symbol: number,
  { bps, reference, low, high, increment }: SymbolBand,
  isGiven: boolean,
): HttpError {
  const got = `${bps} basis points around ${reference} are ${low} to ${high}`;
  const need = `a multiple of the price increment of ${symbolName(symbol)}, ${increment}, in the band`;
  return isGiven
    ? invalidField("reference_price", `Must leave ${need}, got ${reference}: ${got}`)
    : invalidField("price_band_bps", `Must leave ${need}, got ${bps}: ${got}`);
}

function contradiction(): HttpError {
  return invalidField("symbol", "Give a symbol, or a team or position or both, or all: true");
}
