/** What a player's share is held to be worth: where it starts, and how it wanders. In cents. */
import { fnv1a } from "../lib/hash.ts";
import { type Random, seededRandom } from "./random.ts";

/** Cheapest and dearest player of each position. */
const RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  QB: [1_500, 9_500],
  RB: [900, 7_500],
  WR: [900, 8_000],
  TE: [600, 5_000],
  DEF: [700, 2_500],
  K: [400, 1_200],
};
const OTHER_RANGE = [400, 1_500] as const;

/** How much of the range of their position players may be worth, by depth: a starter, the one behind him, and so on. */
const DEPTHS = [1, 0.4, 0.16, 0.08, 0.03];
/** The weakest team's player is worth this part of what his depth allows. */
const WEAKEST = 0.45;

/**
 * As parts of the value: how far a minute moves it at most, and how far any time does. And how much of the way back to its
 * anchor it is pulled in a minute.
 */
const MINUTE_STEP = 0.005;
const STEP_MAX = 0.06;
const MINUTE_PULL = 0.0006;
const MINUTE_MS = 60_000;
/** The value stays between the anchor divided and multiplied by this. */
const SPAN = 2;
const VALUE_MIN = 100;

/**
 * Where a symbol's value starts, for ever the same for a player. A place in a depth chart (`KC-QB1`) says how high: every
 * starter is worth more than anybody's substitute. Of other players few of a position are stars.
 */
export function anchorValue(playerId: string, position: string | null): number {
  const [min, max] = RANGES[position ?? ""] ?? OTHER_RANGE;
  return Math.round(min + (max - min) * standing(playerId));
}

/** From 0 to 1. */
function standing(playerId: string): number {
  const chance = seededRandom(fnv1a(playerId))();
  const [, depth] = /^[A-Z]{2,3}-[A-Z]+?(\d?)$/.exec(playerId) ?? [];
  if (depth === undefined) return chance ** 3;
  const share = DEPTHS[Math.max(1, Number(depth)) - 1] ?? 0;
  return share * (WEAKEST + (1 - WEAKEST) * chance);
}

/** How far a value goes in `ms` at most, as a share of it: in four minutes twice as far as in one. */
export function stepWithin(ms: number): number {
  return Math.min(STEP_MAX, MINUTE_STEP * Math.sqrt(ms / MINUTE_MS));
}

/**
 * The value `ms` later, `pace` times as far away as on a quiet day. Not whole cents: many short times lead as far as one
 * long.
 */
export function nextFairValue(
  value: number,
  anchor: number,
  random: Random,
  ms: number,
  pace = 1,
): number {
  // The sum of two is more often near the middle than one.
  const drift = (random() + random() - 1) * stepWithin(ms) * pace * value;
  const pull = (anchor - value) * (1 - Math.exp((-MINUTE_PULL * ms) / MINUTE_MS));
  return clampedValue(value + drift + pull, anchor);
}

/** `value` within what a symbol of this anchor may be worth. */
export function clampedValue(value: number, anchor: number): number {
  const min = Math.max(VALUE_MIN, Math.round(anchor / SPAN));
  return Math.min(Math.max(value, min), anchor * SPAN);
}
