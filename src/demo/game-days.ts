/**
 * Which teams play now: a few at a time, each for a quarter of an hour. The time alone decides, so all callers
 * see the same.
 */
import { fnv1a } from "../lib/hash.ts";

const GAME_MS = 900_000;
/** At any time about one team of this many plays. */
const TEAMS_PER_GAME = 6;

/** Whether a team plays at `nowMs`, milliseconds since 1970. A player without a team never plays. */
export function isPlaying(team: string | null, nowMs: number): boolean {
  if (team === null) return false;
  return fnv1a(`${team} ${Math.floor(nowMs / GAME_MS)}`) % TEAMS_PER_GAME === 0;
}
