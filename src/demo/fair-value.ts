/** What a player's share is held to be worth: where it starts, and how it wanders. In cents. */
import { type Random, seededRandom, textSeed } from "./random.ts";

/** Cheapest and dearest player of each position. */
const RANGES: Readonly<Record<string, readonly [min: number, max: number]>> = {
  QB: [2_000, 8_000],
  RB: [1_200, 6_500],
  WR: [1_200, 6_500],
  TE: [800, 4_500],
  DEF: [700, 2_500],
  K: [500, 1_500],
};
const OTHER_RANGE = [500, 2_000] as const;

/** Of the value, how far one step goes at most, and how strongly the anchor pulls it back. */
const STEP_MAX = 0.012;
const PULL = 0.02;
/** The value stays between the anchor divided and multiplied by this. */
const SPAN = 2;
const VALUE_MIN = 100;

/** Where a symbol's value starts and returns to, for ever the same for a player: few of a position are stars. */
export function anchorValue(playerId: string, position: string | null): number {
  const [min, max] = RANGES[position ?? ""] ?? OTHER_RANGE;
  const rank = seededRandom(textSeed(playerId))();
  return Math.round(min + (max - min) * rank ** 2);
}

/** The value after one step of its walk. */
export function nextFairValue(value: number, anchor: number, random: Random): number {
  // The sum of two is more often near the middle than one.
  const drift = (random() + random() - 1) * STEP_MAX * value;
  return clampedValue(Math.round(value + drift + (anchor - value) * PULL), anchor);
}

/** `value` within what a symbol of this anchor may be worth. */
export function clampedValue(value: number, anchor: number): number {
  const min = Math.max(VALUE_MIN, Math.round(anchor / SPAN));
  return Math.min(Math.max(value, min), anchor * SPAN);
}
