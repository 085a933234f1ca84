/** Finds a symbol by what people call it: its name, its player's ticker, or his name or a part of it. */
import { type Reply, request } from "./admin-client.ts";
import { CliError, EXIT } from "./cli-error.ts";
import { columns } from "./output.ts";
import type { Program } from "./root-command.ts";
import type { SymbolTitles } from "./symbol-names.ts";

export type ListedSymbol = Reply<"GET /admin/v1/symbols">["symbols"][number];

/** The members of a symbol by which it is found and told from others. */
export type NamedSymbol = Pick<
  ListedSymbol,
  "symbol" | "ticker" | "player_name" | "team" | "position"
>;

/** How many of the symbols that fit are shown at most. */
const CANDIDATES_MAX = 10;

export const SYMBOL_HELP = "symbol, ticker, or player's name or a part of it";

export function searchSymbols(
  program: Program,
  text: string,
): Promise<Reply<"GET /admin/v1/symbols">> {
  const typed = { query: "symbol, ticker or name" };
  return request(program, "GET /admin/v1/symbols", { query: { query: text || undefined }, typed });
}

/** The symbol of a running exchange that is meant. Asks and throws as `pickSymbol` does. */
export async function findSymbol(program: Program, text: string): Promise<ListedSymbol> {
  const { symbols } = await searchSymbols(program, text);
  return pickSymbol(program, text, symbols);
}

/** The name of the symbol that is meant; undefined when `text` is. Asks and throws as `pickSymbol` does. */
export async function findSymbolName(
  program: Program,
  text: string | undefined,
): Promise<string | undefined> {
  return text === undefined ? undefined : (await findSymbol(program, text)).symbol;
}

/**
 * The symbol that is meant, of `symbols`, which all fit `text`. Asks the person at the terminal when there are
 * several. Throws `CliError` when nobody can be asked, and when there is no symbol.
 */
export async function pickSymbol<T extends NamedSymbol>(
  program: Program,
  text: string,
  symbols: readonly T[],
): Promise<T> {
  const wanted = text
    .trim()
    .toLowerCase()
    .replace(/^symbol(?=\d+$)/, "symbol_");
  const exact = symbols.filter(({ symbol, ticker = "", player_name }) =>
    [symbol, ticker, player_name].some((name) => name.toLowerCase() === wanted),
  );
  // A name typed in full is meant, even when other names begin with it: SYMBOL_31 is never SYMBOL_312.
  const isWhole = exact.length > 0 || /^symbol_\d+$/.test(wanted);
  const fitting = isWhole ? exact : symbols;
  const [first, second] = fitting;
  if (first === undefined || wanted === "") {
    const message = `No symbol, ticker or player fits ${JSON.stringify(text)}: look with \`waiver players search\`.`;
    throw new CliError(message, { exitCode: EXIT.unknown });
  }
  return second === undefined ? first : choose(program, text, fitting);
}

async function choose<T extends NamedSymbol>(
  { terminal }: Program,
  text: string,
  fitting: readonly T[],
): Promise<T> {
  const shown = fitting.slice(0, CANDIDATES_MAX);
  const rest = fitting.length - shown.length;
  const said = `${JSON.stringify(text)} fits ${fitting.length} players`;
  const more = rest > 0 ? [`  … and ${rest} more`] : [];
  if (!terminal.isInteractive) {
    const lines = shown.map((symbol) => `  ${nameOf(symbol)}`);
    const message = [`${said}; say which:`, ...lines, ...more].join("\n");
    throw new CliError(message, { exitCode: EXIT.ambiguous });
  }
  const lines = shown.map((symbol, i) => `  ${i + 1}  ${nameOf(symbol)}`);
  terminal.err(`${[`${said}:`, ...lines, ...more].join("\n")}\n`);
  const chosen = shown[Number(await terminal.ask(`Which one? [1-${shown.length}] `)) - 1];
  if (chosen !== undefined) return chosen;
  throw new CliError("None of them. Nothing was done.", { exitCode: EXIT.ambiguous });
}

/** Shares by symbol, from shares by whatever people call the symbols. */
export async function findPositions(
  program: Program,
  positions: Readonly<Record<string, number>> | undefined,
): Promise<Record<string, number> | undefined> {
  if (positions === undefined) return undefined;
  const found: Record<string, number> = {};
  for (const [text, shares] of Object.entries(positions)) {
    const { symbol } = await findSymbol(program, text);
    if (symbol in found) throw new CliError(`${symbol} is given twice.`, { exitCode: EXIT.usage });
    found[symbol] = shares;
  }
  return found;
}

/** `SYMBOL_1 (PMAHOMES, Patrick Mahomes, QB KC)` */
export function nameOf({ symbol, ticker, player_name, position, team }: NamedSymbol): string {
  const role = [position, team].filter((part) => part).join(" ");
  return `${symbol} (${[ticker, player_name, role].filter((part) => part).join(", ")})`;
}

/** Titles of all symbols of a running exchange. */
export async function symbolTitles(program: Program): Promise<SymbolTitles> {
  const { symbols } = await searchSymbols(program, "");
  return titlesOf(symbols);
}

export function titlesOf(symbols: readonly NamedSymbol[]): SymbolTitles {
  return new Map(
    symbols.map((listed) => {
      const { symbol, ticker = "", player_name } = listed;
      return [symbol, { ticker, player_name, title: nameOf(listed) }];
    }),
  );
}

/** A table of symbols for people. */
export function symbolTable(symbols: readonly ListedSymbol[]): string {
  return columns(
    ["symbol", "ticker", "player", "team", "position", "state"],
    symbols.map((each) => [
      ...[each.symbol, each.ticker ?? "", each.player_name],
      ...[each.team ?? "", each.position ?? "", each.state],
    ]),
  );
}
