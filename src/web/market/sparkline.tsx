import { useComputed } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { directionOf } from "../lib/change.tsx";
import type { Player } from "./players.ts";
import { sparkline, watchSparkline } from "./sparklines.ts";

const WIDTH = 96;
const HEIGHT = 28;

/** A line of the day's prices, in the colour of the change beside it. */
export function Sparkline({ player }: { player: Player }) {
  const { symbol } = player.info;
  useEffect(() => watchSparkline(symbol), [symbol]);
  const closes = sparkline(symbol).value;
  const trend = useComputed(() => {
    const { open = null, last = null } = player.ticker.value ?? {};
    return directionOf((last ?? 0) - (open ?? last ?? 0));
  });
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden="true"
      data-trend={trend.value}
    >
      {closes.length > 1 && <path d={lineThrough(closes)} />}
    </svg>
  );
}

function lineThrough(closes: readonly number[]): string {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const close of closes) {
    low = Math.min(low, close);
    high = Math.max(high, close);
  }
  const range = high - low || 1;
  const step = WIDTH / (closes.length - 1);
  const points = closes.map((close, i) => {
    const y = HEIGHT - 3 - ((close - low) * (HEIGHT - 6)) / range;
    return `${(i * step).toFixed(1)},${y.toFixed(1)}`;
  });
  return `M${points.join("L")}`;
}
