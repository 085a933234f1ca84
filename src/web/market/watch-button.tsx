import type { Player } from "./players.ts";
import { toggleWatched, watched } from "./watch-list.ts";

/** The button that puts a player on the watch list, or takes him off. */
export function WatchButton({ player: { info } }: { player: Player }) {
  const isWatched = watched.value.has(info.symbol);
  return (
    <button
      type="button"
      class="watch"
      aria-pressed={isWatched}
      aria-label={`Watch ${info.player_name}`}
      onClick={() => toggleWatched(info.symbol)}
    >
      <span aria-hidden="true">{isWatched ? "★" : "☆"}</span>
    </button>
  );
}
