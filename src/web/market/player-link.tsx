import { Link } from "../lib/router.tsx";
import { playerOf, playerPath } from "./players.ts";

/** A link with the player's name, or with the symbol while the name is not known. */
export function PlayerLink({ symbol }: { symbol: string }) {
  const player = playerOf(symbol);
  if (player === undefined) return <Link to={`/players/${symbol}`}>{symbol}</Link>;
  return (
    <Link to={playerPath(player)} class="player-link">
      {player.info.player_name}
    </Link>
  );
}
