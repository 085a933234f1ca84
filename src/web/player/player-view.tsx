import { useEffect } from "preact/hooks";
import { Link } from "../lib/router.tsx";
import { playerOf, players } from "../market/players.ts";
import { Chart } from "./chart.tsx";
import { Ladder } from "./ladder.tsx";
import { PlayerHead } from "./player-head.tsx";
import { Tape } from "./tape.tsx";

/** `name`: `SYMBOL_<n>` or a ticker. */
export function PlayerView({ name }: { name: string }) {
  const isKnown = players.value.length > 0;
  const player = playerOf(name);
  useEffect(() => {
    if (player === undefined) return;
    const { title } = document;
    document.title = `${player.info.player_name} · Waiver Exchange`;
    return () => {
      document.title = title;
    };
  }, [player?.info.player_name]);
  if (player === undefined) {
    return isKnown ? <NoPlayer name={name} /> : <p class="empty">Loading…</p>;
  }
  return (
    <div class="player-view" key={player.info.symbol}>
      <PlayerHead player={player} />
      <Chart player={player} />
      <Ladder player={player} />
      <Tape player={player} />
    </div>
  );
}

function NoPlayer({ name }: { name: string }) {
  return (
    <div class="empty">
      <h1>No such player</h1>
      <p>
        Nobody is listed as {name}. <Link to="/">To the market</Link>
      </p>
    </div>
  );
}
