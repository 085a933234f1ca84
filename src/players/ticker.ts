/**
 * The ticker of a player, a name for its symbol that people can remember: `PMAHOMES`. Made once, when the
 * player first gets a symbol, and then kept whatever the player is called later.
 *
 * ```
 *  Patrick Mahomes     PMAHOMES     first letter, then the last name
 *  Kenneth Walker III  KWALKER      without suffixes, accents and punctuation
 *  the next K. Walker  KWALKER2     the smallest number that is free
 *  Kansas City's DEF   KCDEF        the team
 *  slot KC-QB1         KCQB1        the slot
 * ```
 */
import type { Player, PlayerSource } from "./player.ts";

export const TICKER_PATTERN = /^[A-Z0-9]{1,16}$/;
const TICKER_CHARACTERS_MAX = 16;

/** Suffixes behind a last name. */
const SUFFIX = /^(?:JR|SR|II|III|IV|V|VI)$/;

/** A ticker for a player who has none. It depends only on the player and on which tickers are taken. */
export function freeTicker(
  player: Player & { readonly source: PlayerSource },
  isTaken: (ticker: string) => boolean,
): string {
  const wanted = wantedTicker(player);
  let ticker = clipped(wanted, "");
  for (let number = 2; isTaken(ticker); number++) ticker = clipped(wanted, String(number));
  return ticker;
}

function clipped(wanted: string, number: string): string {
  return wanted.slice(0, TICKER_CHARACTERS_MAX - number.length) + number;
}

/** At least one character. */
function wantedTicker({
  name,
  team,
  position,
  player_id,
  source,
}: Player & { source: PlayerSource }) {
  if (source === "offline") return lettersOf(player_id);
  if (position === "DEF") return lettersOf(`${team}DEF`);
  const words = name
    .split(/\s+/)
    .map(lettersOf)
    .filter((word) => word !== "");
  while (words.length > 2 && SUFFIX.test(words.at(-1) ?? "")) words.pop();
  const [first, ...last] = words;
  // Nothing is left of a name in another script.
  if (first === undefined) return `P${lettersOf(player_id)}`;
  return last.length === 0 ? first : first.slice(0, 1) + last.join("");
}

/** The Latin letters and the digits of a text, upper-case, without their accents. */
function lettersOf(text: string): string {
  return text
    .normalize("NFD")
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "");
}
