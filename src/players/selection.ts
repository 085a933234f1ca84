/** Which of Sleeper's records become symbols. */
import type { Player } from "./player.ts";
import type { SleeperRecord } from "./sleeper-record.ts";

const POSITIONS: ReadonlySet<string> = new Set(["QB", "RB", "WR", "TE", "K", "DEF"]);

/** The active players with a team in the fantasy positions, and the team defences. */
export function selectPlayers(records: Iterable<SleeperRecord>): Player[] {
  const players: Player[] = [];
  for (const record of records) {
    const { player_id, name, team, position, number } = record;
    if (team === null || position === null || !POSITIONS.has(position) || !isActive(record))
      continue;
    players.push({ player_id, name, team, position, number, status: record.status ?? "Active" });
  }
  return players;
}

/**
 * Sleeper's `active` says whether a player belongs to the league, `status` what the team has him
 * down as. `active` decides: a player on injured reserve keeps it, and his market is open on the
 * very day that there is news about him, while `status === "Active"` would close it. Defences have
 * `active` and no `status`. A record that contradicts itself with a status of having left is not
 * active, and one without the flag goes by its status.
 */
function isActive({ active, status, position }: SleeperRecord): boolean {
  if (status === "Inactive" || status === "Retired") return false;
  return active ?? (status === "Active" || position === "DEF");
}
