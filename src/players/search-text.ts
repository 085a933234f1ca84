/**
 * Words to search players by. Case, diacritics and punctuation do not count: "D.J. Moore" is found
 * by "dj moore", "Amon-Ra" by "amonra" and by "amon ra".
 */
import type { Player } from "./player.ts";

/**
 * A word of at least this many letters finds a ticker by its beginning. A shorter one would find KCOUSINS under
 * the team KC and DALLEN under DAL.
 */
const TICKER_LETTERS_MIN = 4;

/** Letters and digits without diacritics, in words with one space between. */
const PLAIN = /^[A-Za-z0-9]+(?: [A-Za-z0-9]+)*$/;

/**
 * All words by which a player is found, with a space before each word. The ticker stands between $ and a space.
 */
export function searchText(symbol: number, player: Player & { readonly ticker?: string }): string {
  const { name, team, position, player_id } = player;
  const words = new Set([name, team, position, player_id].flatMap(wordsOf)).add(`symbol${symbol}`);
  const ticker = player.ticker === undefined ? "" : ` $${player.ticker.toLowerCase()} `;
  return ` ${[...words].join(" ")}${ticker}`;
}

/**
 * The words of a text, both without its punctuation and with spaces in its place. Most texts have none; the
 * test for that saves a start some 15 ms.
 */
function wordsOf(text: string): string[] {
  if (PLAIN.test(text)) return text.toLowerCase().split(" ");
  return [...searchWords(text), ...searchWords(text.replace(/[^\p{L}\p{N}\p{M}]+/gu, " "))];
}

/** The words of a query or text in the form in which they are compared. */
export function searchWords(text: string): string[] {
  return text
    .normalize("NFD")
    .toLowerCase()
    .split(/\s+/)
    .map((word) => word.replace(/[^\p{L}\p{N}]/gu, ""))
    .filter((word) => word !== "");
}

/** Whether every word is a word of the text or the beginning of one, or of the ticker. */
export function matches(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(` ${word}`) || text.includes(tickerText(word)));
}

function tickerText(word: string): string {
  return `$${word}${word.length < TICKER_LETTERS_MIN ? " " : ""}`;
}
