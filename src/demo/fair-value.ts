/** The fair value of a player's share, in cents: where it starts, and how it wanders. */
import { fnv1a } from "../lib/hash.ts";
import { type Random, seededRandom } from "./random.ts";

/** Value of the cheapest and of the dearest player of each position, in cents. */
const RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  QB: [1_500, 9_500],
  RB: [900, 7_500],
  WR: [900, 8_000],
  TE: [600, 5_000],
  DEF: [700, 2_500],
  K: [400, 1_200],
};
const OTHER_RANGE = [400, 1_500] as const;

/**
 * The part of the range of their position that players may be worth, by depth: a starter, the player behind
 * him, and so on.
 */
const DEPTHS = [1, 0.4, 0.16, 0.08, 0.03];
/** The player of the weakest team is worth this part of what his depth allows. */
const WEAKEST = 0.45;

/**
 * How far a value moves at most in a minute, and in any time, as parts of the value; and the part of the way
 * back to its anchor that it is pulled in a minute.
 */
const MINUTE_STEP = 0.005;
const STEP_MAX = 0.06;
const MINUTE_PULL = 0.0006;
const MINUTE_MS = 60_000;
/** The value stays between its anchor divided by this and its anchor times this. */
const SPAN = 2;
const VALUE_MIN = 100;

/**
 * The value at which a player starts; it never changes. For a place in a depth chart (`KC-QB1`) the depth
 * decides: every starter is worth more than any substitute. Of other players, few of each position are stars.
 */
export function anchorValue(playerId: string, position: string | null): number {
  const [min, max] = RANGES[position ?? ""] ?? OTHER_RANGE;
  return Math.round(min + (max - min) * standing(playerId));
}

/** Where a player's value lies in the range of his position, from 0 to 1. */
function standing(playerId: string): number {
  const chance = seededRandom(fnv1a(playerId))();
  const [, depth] = /^[A-Z]{2,3}-[A-Z]+?(\d?)$/.exec(playerId) ?? [];
  if (depth === undefined) return chance ** 3;
  const share = DEPTHS[Math.max(1, Number(depth)) - 1] ?? 0;
  return share * (WEAKEST + (1 - WEAKEST) * chance);
}

/** How far a value moves in `ms` at most, as a part of it: in four minutes twice as far as in one. */
export function stepWithin(ms: number): number {
  return Math.min(STEP_MAX, MINUTE_STEP * Math.sqrt(ms / MINUTE_MS));
}

/**
 * The value `ms` later. `pace`: how many times farther it moves than on a quiet day. The value is not rounded
 * to cents, so that many short steps lead as far as one long step.
 */
export function nextFairValue(
  value: number,
  anchor: number,
  random: Random,
  ms: number,
  pace = 1,
): number {
  // The sum of two random numbers is more often near the middle than a single one.
  const drift = (random() + random() - 1) * stepWithin(ms) * pace * value;
  const pull = (anchor - value) * (1 - Math.exp((-MINUTE_PULL * ms) / MINUTE_MS));
  return clampedValue(value + drift + pull, anchor);
}

/** `value`, limited to what a symbol with this anchor may be worth. */
export function clampedValue(value: number, anchor: number): number {
  const min = Math.max(VALUE_MIN, Math.round(anchor / SPAN));
  return Math.min(Math.max(value, min), anchor * SPAN);
}
