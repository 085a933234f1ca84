/** Players' names beside symbols. */

export interface SymbolTitle {
  /** "" where he has none. */
  ticker: string;
  player_name: string;
  /** For people: `SYMBOL_1 (PMAHOMES, Patrick Mahomes, QB KC)` */
  title: string;
}

export type SymbolTitles = ReadonlyMap<string, SymbolTitle>;

/** Every object in `value` with a symbol, and beside it the ticker and the name of its player. */
export function withNames<T>(value: T, titles: SymbolTitles): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => withNames(each, titles)) as T;
  const named: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    named[name] = withNames(member, titles);
    const title = name === "symbol" && typeof member === "string" ? titles.get(member) : undefined;
    if (title === undefined) continue;
    named.ticker = title.ticker;
    named.player_name = title.player_name;
  }
  return named as T;
}

export function titleOf(symbol: string, titles: SymbolTitles): string {
  return titles.get(symbol)?.title ?? symbol;
}

/** Text for people in which every symbol stands with its title. */
export function titled(text: string, titles: SymbolTitles): string {
  return text.replace(/\bSYMBOL_\d+\b/g, (symbol) => titleOf(symbol, titles));
}
