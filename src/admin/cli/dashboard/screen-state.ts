/** What the operator looks at: the view, the chosen symbol and the search. Keys change it. */
import type { Key } from "ink";
import type { Listed, MarketFeed, Ticker } from "./market-feed.ts";

export const VIEWS = ["Overview", "Market", "Book", "Health", "Actions"] as const;
export type View = (typeof VIEWS)[number];

export interface ScreenState {
  readonly view: View;
  readonly hasHelp: boolean;
  /** A search is being typed. */
  readonly isTyping: boolean;
  /** The words that the shown symbols must have; empty = all symbols. */
  readonly search: string;
  readonly chosen: string | null;
}

export const START: ScreenState = {
  view: "Overview",
  hasHelp: false,
  isTyping: false,
  search: "",
  chosen: null,
};

/** A symbol with its ticker. */
export interface MarketRow extends Listed {
  readonly ticks: Ticker | undefined;
}

const SEARCH_CHARACTERS_MAX = 40;

/**
 * Symbols that have each word of `search` in symbol, ticker, name, team or position. The symbol of which most
 * shares traded in 24 hours comes first.
 */
export function marketRows(
  { listed, tickers }: Pick<MarketFeed, "listed" | "tickers">,
  search: string,
): MarketRow[] {
  const words = search.toLowerCase().split(/\s+/);
  const rows = [...listed.values()].filter((each) => {
    const text = `${each.symbol} ${each.ticker} ${each.name} ${each.team} ${each.position}`;
    return words.every((word) => text.toLowerCase().includes(word));
  });
  return rows
    .map((each) => ({ ...each, ticks: tickers.get(each.symbol) }))
    .sort((a, b) => (b.ticks?.volume ?? 0) - (a.ticks?.volume ?? 0));
}

export interface Rows {
  /** The rows that a search finds. */
  find(search: string): readonly MarketRow[];
  /** How many rows a page has. */
  readonly page: number;
}

/**
 * The state after keys were pressed; "quit" ends the dashboard. `input` has several keys when somebody types
 * fast.
 */
export function onInput(
  state: ScreenState,
  input: string,
  key: Key,
  rows: Rows,
): ScreenState | "quit" {
  let next = state;
  for (const character of input === "" ? [""] : input) {
    const after = onKey(next, character, { ...key, ...NAMED[character] }, rows);
    if (after === "quit") return after;
    next = after;
  }
  return next;
}

/** Keys with a name, as `input` has them among others. */
const NAMED: Readonly<Record<string, Partial<Key>>> = {
  "\r": { return: true },
  "\x7f": { backspace: true },
  "\x1b": { escape: true },
};

function onKey(state: ScreenState, input: string, key: Key, rows: Rows): ScreenState | "quit" {
  if (key.ctrl && input === "c") return "quit";
  if (state.isTyping) return onTyped(state, input, key, rows);
  if (input === "q") return "quit";
  if (state.hasHelp) return { ...state, hasHelp: false };
  if (input === "?") return { ...state, hasHelp: true };
  if (input === "/") {
    const view = state.view === "Book" ? "Book" : "Market";
    return { ...state, view, isTyping: true, search: "" };
  }
  if (key.escape) return { ...state, search: "" };
  if (key.return && state.view === "Market") return { ...state, view: "Book" };
  const numbered = VIEWS[Number(input) - 1];
  if (/^\d$/.test(input) && numbered !== undefined) return { ...state, view: numbered };
  const turn = key.rightArrow || (key.tab && !key.shift) ? 1 : key.leftArrow || key.tab ? -1 : 0;
  if (turn !== 0) return { ...state, view: beside(state.view, turn) };
  return { ...state, chosen: moved(state, key, rows) };
}

function onTyped(state: ScreenState, input: string, key: Key, rows: Rows): ScreenState {
  if (key.escape) return { ...state, isTyping: false, search: "" };
  if (key.return) {
    const [first] = rows.find(state.search);
    return { ...state, isTyping: false, chosen: first?.symbol ?? state.chosen };
  }
  if (key.backspace || key.delete) return { ...state, search: state.search.slice(0, -1) };
  if (key.ctrl || key.meta || !/^[^\p{Cc}]$/u.test(input)) return state;
  return { ...state, search: (state.search + input).slice(0, SEARCH_CHARACTERS_MAX) };
}

function beside(view: View, turn: number): View {
  const at = (VIEWS.indexOf(view) + turn + VIEWS.length) % VIEWS.length;
  return VIEWS[at] ?? view;
}

function moved({ chosen, search }: ScreenState, key: Key, { find, page }: Rows): string | null {
  const rows = find(search);
  const at = rows.findIndex(({ symbol }) => symbol === chosen);
  const last = rows.length - 1;
  const steps = [
    [key.upArrow, at - 1],
    [key.downArrow, at + 1],
    [key.pageUp, at - page],
    [key.pageDown, at + page],
    [key.home, 0],
    [key.end, last],
  ] as const;
  const step = steps.find(([pressed]) => pressed);
  if (step === undefined) return chosen;
  return rows[Math.min(last, Math.max(0, step[1]))]?.symbol ?? chosen;
}
