/**
 * Words to search players by. Case, diacritics and punctuation do not count: "D.J. Moore" is found
 * by "dj moore", "Amon-Ra" by "amonra" and by "amon ra".
 */
import type { Player } from "./player.ts";

/** All words that a player is found by, with a space before each one. */
export function searchText(symbol: number, player: Player): string {
  const { name, team, position, player_id } = player;
  const words = [name, team, position, player_id].flatMap((text) => [
    ...searchWords(text),
    ...searchWords(text.replace(/[^\p{L}\p{N}\p{M}]+/gu, " ")),
  ]);
  return [...new Set(words), `symbol${symbol}`].map((word) => ` ${word}`).join("");
}

/** The words of a query or text as they are compared. */
export function searchWords(text: string): string[] {
  return text
    .normalize("NFD")
    .toLowerCase()
    .split(/\s+/)
    .map((word) => word.replace(/[^\p{L}\p{N}]/gu, ""))
    .filter((word) => word !== "");
}

/** Whether every word is a word of the text or the beginning of one. */
export function matches(text: string, words: readonly string[]): boolean {
  return words.every((word) => text.includes(` ${word}`));
}
