/** A change with its sign and an arrow. The colour only repeats them. */
import { percentChange } from "./money.ts";

export type Direction = "up" | "down" | "even";

export function directionOf(difference: number): Direction {
  return difference > 0 ? "up" : difference < 0 ? "down" : "even";
}

const ARROWS = { up: "▲", down: "▼" } as const;

export function Arrow({ direction }: { direction: Direction }) {
  if (direction === "even") return null;
  return (
    <span class="arrow" aria-hidden="true">
      {ARROWS[direction]}
    </span>
  );
}

/** The change from one price to another in percent; a dash when one is missing. */
export function Change({ from, to }: { from: number | null; to: number | null }) {
  if (from === null || to === null) return <span class="change">–</span>;
  const direction = directionOf(to - from);
  return (
    <span class="change" data-direction={direction}>
      <Arrow direction={direction} />
      {percentChange(from, to)}
    </span>
  );
}
