/** A maintenance window, and the phase of it at a given time. */
import * as v from "valibot";
import type { MAINTENANCE_PHASES } from "../protocol/schemas/market-data.ts";

const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const windowSchema = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^mnt_\d+$/)),
  /** Milliseconds since 1970. */
  starts_at: time,
  ends_at: time,
  message: v.string(),
  /** Numbers of the symbols that were closed for the window. */
  closed: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});
export type Window = Readonly<v.InferOutput<typeof windowSchema>>;

/** In the order in which a window goes through them. */
export type Phase = (typeof MAINTENANCE_PHASES)[number];

export interface Lengths {
  /** Milliseconds before the start in which orders can only be cancelled. */
  readonly cancelOnlyMs: number;
  /** Milliseconds after the end until all symbols trade as before. */
  readonly reopenMs: number;
}

export function phaseOf({ starts_at, ends_at }: Window, lengths: Lengths, now: number): Phase {
  if (now >= ends_at + lengths.reopenMs) return "over";
  if (now >= ends_at) return "reopening";
  if (now >= starts_at) return "closed";
  return now >= starts_at - lengths.cancelOnlyMs ? "cancel_only" : "scheduled";
}

/** Whether two windows overlap, each with its phases before and after. */
export function isOverlapping(a: Window, b: Window, { cancelOnlyMs, reopenMs }: Lengths): boolean {
  const begin = (window: Window): number => window.starts_at - cancelOnlyMs;
  const end = (window: Window): number => window.ends_at + reopenMs;
  return begin(a) < end(b) && begin(b) < end(a);
}
