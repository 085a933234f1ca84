/** The players that the market shows, and their order. */
import { computed, effect, signal } from "@preact/signals";
import type { Ticker } from "../lib/exchange.ts";
import { figuresVersion, type Player, players } from "./players.ts";
import { watched } from "./watch-list.ts";

export const COLUMNS = [
  { id: "name", title: "Player" },
  { id: "team", title: "Team" },
  { id: "position", title: "Pos" },
  { id: "last", title: "Last" },
  { id: "change", title: "24 h" },
  { id: "volume", title: "Volume" },
  { id: "bid", title: "Bid" },
  { id: "ask", title: "Ask" },
] as const;
export type Column = (typeof COLUMNS)[number]["id"];

export interface Sort {
  readonly column: Column;
  readonly isDescending: boolean;
}

export const search = signal("");
export const team = signal("");
export const position = signal("");
export const onlyWatched = signal(false);
export const sort = signal<Sort>({ column: "volume", isDescending: true });

/**
 * Live columns are sorted again at most this often, because a table whose rows jump cannot be read or clicked.
 */
const SORT_EVERY_MS = 1000;
const LIVE_COLUMNS: readonly Column[] = ["last", "change", "volume", "bid", "ask"];

const matching = computed<readonly Player[]>(() => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  return players.value.filter(
    ({ info, text }) =>
      words.every((word) => text.includes(word)) &&
      (team.value === "" || info.team === team.value) &&
      (position.value === "" || info.position === position.value) &&
      (!onlyWatched.value || watched.value.has(info.symbol)),
  );
});

/** The shown players, in order. */
export const shownPlayers = signal<readonly Player[]>([]);
effect(() => {
  shownPlayers.value = ordered(matching.value, sort.value);
});

let timer: ReturnType<typeof setTimeout> | null = null;
figuresVersion.subscribe(() => {
  if (timer !== null || !LIVE_COLUMNS.includes(sort.peek().column)) return;
  timer = setTimeout(() => {
    timer = null;
    shownPlayers.value = ordered(matching.peek(), sort.peek());
  }, SORT_EVERY_MS);
});

function ordered(all: readonly Player[], { column, isDescending }: Sort): Player[] {
  const keyed = all.map((player) => ({ player, key: keyOf(player, column) }));
  const sign = isDescending ? -1 : 1;
  keyed.sort((a, b) => {
    // Players without a figure come last in both directions.
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    if (a.key === b.key) return 0;
    return a.key < b.key ? -sign : sign;
  });
  return keyed.map(({ player }) => player);
}

export const teams = computed(() => namesOf(({ info }) => info.team));
export const positions = computed(() => namesOf(({ info }) => info.position));

function namesOf(name: (player: Player) => string | null): string[] {
  const names = new Set(players.value.map(name).filter((each) => each !== null));
  return [...names].sort();
}

function keyOf({ info, ticker }: Player, column: Column): number | string | null {
  const figures = ticker.peek();
  switch (column) {
    case "name":
      return info.player_name.toLowerCase();
    case "team":
      return info.team;
    case "position":
      return info.position;
    case "change":
      return changeOf(figures);
    case "bid":
      return figures?.bid?.[0] ?? null;
    case "ask":
      return figures?.ask?.[0] ?? null;
    case "last":
      return figures?.last ?? null;
    case "volume":
      return figures?.volume ?? null;
  }
}

/** The change in hundredths of a percent; null when it is not known. */
function changeOf(figures: Ticker | null): number | null {
  if (figures === null || figures.open === null || figures.last === null) return null;
  return ((figures.last - figures.open) * 10_000) / figures.open;
}

/** Sorts by the column; when it is sorted by it already, reverses the order. Figures begin with the largest. */
export function sortBy(column: Column): void {
  const { column: now, isDescending } = sort.peek();
  sort.value = {
    column,
    isDescending: now === column ? !isDescending : LIVE_COLUMNS.includes(column),
  };
}
