/**
 * All listed players with their live figures. Each player has a signal of his own, so only what changed is
 * drawn again.
 */

import { type Signal, signal } from "@preact/signals";
import { answered } from "@waiver/client";
import { market, type SymbolInfo, type SymbolState, type Ticker } from "../lib/exchange.ts";
import { onNextFrame } from "../lib/frames.ts";

export interface Player {
  readonly info: SymbolInfo;
  /** The text that a search looks through, in lower case. */
  readonly text: string;
  readonly ticker: Signal<Ticker | null>;
  readonly state: Signal<SymbolState>;
}

export const players = signal<readonly Player[]>([]);
/** Goes up with every frame in which a figure changed. */
export const figuresVersion = signal(0);
/** Why there are no players; null when they could be loaded. */
export const playersFault = signal<string | null>(null);

const bySymbol = new Map<string, Player>();
const byTicker = new Map<string, Player>();
const arrived = new Map<string, Ticker>();
let isLoading = false;
/** The list on its way may lack players who were listed since. */
let isOutdated = false;

/**
 * The player of a `SYMBOL_<n>` or a ticker. A component that calls it is drawn again when the list has come.
 */
export function playerOf(name: string): Player | undefined {
  if (players.value.length === 0) return undefined;
  return bySymbol.get(name) ?? byTicker.get(name.toUpperCase());
}

/** The player's name; `name` itself while the player is not known. */
export const playerName = (name: string): string => playerOf(name)?.info.player_name ?? name;

/** The path of a player's view. */
export const playerPath = ({ info }: Player): string => `/players/${info.ticker ?? info.symbol}`;

market.stream("ticker").on((ticker) => {
  arrived.set(ticker.symbol, ticker);
  onNextFrame(showFigures);
});
const statuses = market.stream("status");
// Also after a lost line: players may have been listed meanwhile.
statuses.onBegin(() => void loadPlayers());
void statuses.closed.then((error) => {
  if (error !== undefined) playersFault.value = error.message;
});
statuses.on((status) => {
  if (status.event !== "symbol" || status.symbol === undefined) return;
  const player = bySymbol.get(status.symbol);
  if (player !== undefined && status.state !== undefined) player.state.value = status.state;
  // A player who was listed after the list was made.
  if (player === undefined) void loadPlayers();
});

async function loadPlayers(): Promise<void> {
  isOutdated = isLoading;
  if (isLoading) return;
  isLoading = true;
  try {
    const { symbols } = await answered(() => market.listSymbols());
    const all = symbols.map(playerFrom);
    bySymbol.clear();
    byTicker.clear();
    for (const player of all) {
      bySymbol.set(player.info.symbol, player);
      if (player.info.ticker !== undefined) byTicker.set(player.info.ticker, player);
    }
    players.value = all;
    playersFault.value = null;
  } catch (error) {
    playersFault.value = error instanceof Error ? error.message : String(error);
  } finally {
    isLoading = false;
  }
  if (isOutdated) await loadPlayers();
}

function playerFrom(info: SymbolInfo): Player {
  const known = bySymbol.get(info.symbol);
  if (known !== undefined) known.state.value = info.state;
  const words = [info.player_name, info.team, info.position, info.ticker, info.symbol];
  return {
    info,
    text: words
      .filter((word) => word != null)
      .join(" ")
      .toLowerCase(),
    ticker: known?.ticker ?? signal<Ticker | null>(arrived.get(info.symbol) ?? null),
    state: known?.state ?? signal(info.state),
  };
}

function showFigures(): void {
  for (const [symbol, ticker] of arrived) {
    const player = bySymbol.get(symbol);
    // Figures may come before the list of players.
    if (player === undefined) continue;
    player.ticker.value = ticker;
    arrived.delete(symbol);
  }
  figuresVersion.value++;
}
