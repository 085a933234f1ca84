/** Which teams play: a few at a time, each for a quarter of an hour, the same for everybody who looks. */
import { fnv1a } from "../lib/hash.ts";

const GAME_MS = 900_000;
/** One team in so many plays. */
const TEAMS_PER_GAME = 6;

/** `nowMs`: milliseconds since 1970. Who has no team never plays. */
export function isPlaying(team: string | null, nowMs: number): boolean {
  if (team === null) return false;
  return fnv1a(`${team} ${Math.floor(nowMs / GAME_MS)}`) % TEAMS_PER_GAME === 0;
}
