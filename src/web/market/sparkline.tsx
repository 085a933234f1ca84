import { useEffect } from "preact/hooks";
import { sparkline, watchSparkline } from "./sparklines.ts";

const WIDTH = 96;
const HEIGHT = 28;

/** The way of a price through the day, without figures: these stand beside it. */
export function Sparkline({ symbol }: { symbol: string }) {
  useEffect(() => watchSparkline(symbol), [symbol]);
  const closes = sparkline(symbol).value;
  const first = closes[0] ?? 0;
  const last = closes.at(-1) ?? 0;
  const trend = last > first ? "up" : last < first ? "down" : "even";
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" data-trend={trend}>
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
