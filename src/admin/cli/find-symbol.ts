/** What people call a symbol: its name, its player's ticker, or his name or a part of it. */
import * as v from "valibot";
import { ask, type Connection } from "./admin-client.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { columns } from "./output.ts";

export const ListedSymbol = v.looseObject({
  symbol: v.string(),
  ticker: v.optional(v.string(), ""),
  player_name: v.string(),
  team: v.nullable(v.string()),
  position: v.nullable(v.string()),
  state: v.string(),
});
export type ListedSymbol = v.InferOutput<typeof ListedSymbol>;
const Symbols = v.looseObject({ symbols: v.array(ListedSymbol) });

/** So many of those that fit are shown. */
const CANDIDATES_MAX = 10;

export function searchSymbols(
  connection: Connection,
  text: string,
): Promise<v.InferOutput<typeof Symbols>> {
  const query = text === "" ? "" : `?query=${encodeURIComponent(text)}`;
  return ask(connection, "GET", `/symbols${query}`, Symbols);
}

/** Throws `CliError` when nobody fits, or several do. */
export async function findSymbol(connection: Connection, text: string): Promise<ListedSymbol> {
  const { symbols } = await searchSymbols(connection, text);
  const wanted = text.trim().toLowerCase();
  const exact = symbols.filter(({ symbol, ticker, player_name }) =>
    [symbol, ticker, player_name].some((name) => name.toLowerCase() === wanted),
  );
  // What was typed in full is meant, though it begins other names too.
  const fitting = exact.length > 0 ? exact : symbols;
  const [first, second] = fitting;
  if (first === undefined || wanted === "") {
    const message = `No symbol, ticker or player fits ${JSON.stringify(text)}: look with \`waiver players search\`.`;
    throw new CliError(message, { exitCode: EXIT.unknown });
  }
  if (second === undefined) return first;
  const shown = fitting.slice(0, CANDIDATES_MAX).map((symbol) => `  ${nameOf(symbol)}`);
  const rest = fitting.length - shown.length;
  throw new CliError(
    [
      `${JSON.stringify(text)} fits ${fitting.length} players; say which:`,
      ...shown,
      ...(rest > 0 ? [`  … and ${rest} more`] : []),
    ].join("\n"),
    { exitCode: EXIT.ambiguous },
  );
}

/** Shares by symbol, of shares by whatever they were called. */
export async function findPositions(
  connection: Connection,
  positions: Readonly<Record<string, number>> | undefined,
): Promise<Record<string, number> | undefined> {
  if (positions === undefined) return undefined;
  const found: Record<string, number> = {};
  for (const [text, shares] of Object.entries(positions)) {
    const { symbol } = await findSymbol(connection, text);
    if (symbol in found) throw new CliError(`${symbol} is given twice.`, { exitCode: EXIT.usage });
    found[symbol] = shares;
  }
  return found;
}

/** `SYMBOL_1 (PMAHOMES, Patrick Mahomes, QB KC)` */
export function nameOf({ symbol, ticker, player_name, position, team }: ListedSymbol): string {
  const role = [position, team].filter((part) => part).join(" ");
  return `${symbol} (${[ticker, player_name, role].filter((part) => part).join(", ")})`;
}

/** For people. */
export function symbolTable(symbols: readonly ListedSymbol[]): string {
  return columns(
    ["symbol", "ticker", "player", "team", "position", "state"],
    symbols.map((each) => [
      ...[each.symbol, each.ticker, each.player_name],
      ...[each.team ?? "", each.position ?? "", each.state],
    ]),
  );
}
