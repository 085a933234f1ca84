/** What an account was worth over a span of time: points as the exchange gives them, and the curve that they make. */
import type { EquityPoint } from "./equity.ts";

export interface Span {
  readonly title: string;
  readonly interval: "1m" | "1d";
  readonly unitMs: number;
  /** How far back it goes from the running minute or day. */
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

/** Points of one request, at most. */
const PAGE_MAX = 1000;

export interface EquityPage {
  /** Newest first. */
  readonly history?: readonly EquityPoint[] | undefined;
  /** Where the next page begins. */
  readonly next?: number | undefined;
}

type AskPage = (page: { limit: number; before: number | undefined }) => Promise<EquityPage>;

/**
 * The points of the span as of `now`, milliseconds since 1970, oldest first, and the last one before it, of which the
 * span begins. `known` are those of earlier: only what is newer is asked for.
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
 * One point for every minute or day of the span, oldest first: what did not change stays as it was. It begins with the
 * account where that is younger, and ends with what it is worth now, null: not known.
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
