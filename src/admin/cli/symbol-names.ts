/** Adds players' names to symbols. */

export interface SymbolTitle {
  /** "" when the player has none. */
  ticker: string;
  player_name: string;
  /** For people: `SYMBOL_1 (PMAHOMES, Patrick Mahomes, QB KC)` */
  title: string;
}

export type SymbolTitles = ReadonlyMap<string, SymbolTitle>;

/**
 * A copy of `value` in which every object with a member `symbol` also has the ticker and the name of its
 * player.
 */
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

/** Text for people in which every symbol is replaced by its title. */
export function titled(text: string, titles: SymbolTitles): string {
  return text.replace(/\bSYMBOL_\d+\b/g, (symbol) => titleOf(symbol, titles));
}
