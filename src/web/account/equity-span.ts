/**
 * The equity of an account over a span of time: reads its points from the exchange, and makes the curve of
 * them.
 */
import type { EquityPoint } from "./equity.ts";

export interface Span {
  readonly title: string;
  readonly interval: "1m" | "1d";
  readonly unitMs: number;
  /** How many minutes or days the span goes back from the running one. */
  readonly units: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export const DAY: Span = { title: "Day", interval: "1m", unitMs: MINUTE_MS, units: 1440 };
export const SPANS: readonly Span[] = [
  DAY,
  { title: "Month", interval: "1d", unitMs: DAY_MS, units: 30 },
  { title: "Year", interval: "1d", unitMs: DAY_MS, units: 365 },
];

/** The most points of one request. */
const PAGE_MAX = 1000;

export interface EquityPage {
  /** Newest first. */
  readonly history?: readonly EquityPoint[] | undefined;
  /** Where the next page begins. */
  readonly next?: number | undefined;
}

type AskPage = (page: { limit: number; before: number | undefined }) => Promise<EquityPage>;

/**
 * The points of the span that ends at `now`, milliseconds since 1970, oldest first. The first one is the last
 * point before the span, with whose equity the span begins. `known`: points from an earlier call; only newer
 * ones are asked for.
 */
export async function readSpan(
  span: Span,
  now: number,
  known: readonly EquityPoint[],
  ask: AskPage,
): Promise<readonly EquityPoint[]> {
  const first = firstStart(span, now);
  const until = Math.max(first, known.at(-1)?.start ?? first);
  const limit = Math.min(PAGE_MAX, Math.ceil((now - until) / span.unitMs) + 1);
  const read: EquityPoint[] = [];
  let oldest = Number.POSITIVE_INFINITY;
  let before: number | undefined;
  do {
    const { history = [], next } = await ask({ limit, before });
    read.push(...history);
    oldest = read.at(-1)?.start ?? Number.NEGATIVE_INFINITY;
    before = next;
  } while (before !== undefined && oldest > until);
  const all = [...known.filter(({ start }) => start < oldest), ...read.reverse()];
  return all.slice(
    Math.max(
      0,
      all.findLastIndex(({ start }) => start <= first),
    ),
  );
}

/**
 * One point for every minute or day of the span, oldest first. Where nothing changed, the equity stays as
 * before. The curve begins with the account if that is younger than the span, and ends with `worth`, the
 * present equity; null when it is not known.
 */
export function curveOf(
  span: Span,
  now: number,
  points: readonly EquityPoint[],
  worth: number | null,
): readonly EquityPoint[] {
  const [oldest] = points;
  if (oldest === undefined) return [];
  const running = Math.floor(now / span.unitMs) * span.unitMs;
  const curve: EquityPoint[] = [];
  let at = 0;
  let start = Math.max(firstStart(span, now), oldest.start);
  for (; start <= running; start += span.unitMs) {
    while ((points[at + 1]?.start ?? Number.POSITIVE_INFINITY) <= start) at++;
    const equity = (start === running ? worth : null) ?? points[at]?.equity ?? 0;
    curve.push({ start, equity });
  }
  return curve;
}

const firstStart = ({ unitMs, units }: Span, now: number): number =>
  (Math.floor(now / unitMs) - units) * unitMs;
