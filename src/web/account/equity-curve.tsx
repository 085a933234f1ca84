import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { answered } from "../lib/answered.ts";
import { axisWords } from "../lib/moment.ts";
import { dollars } from "../lib/money.ts";
import { onColours } from "../lib/repaint.ts";
import { ask } from "../lib/rest.ts";
import type { Equity, EquityPoint } from "./equity.ts";
import { equity } from "./equity.ts";
import type { EquityChart } from "./equity-chart.ts";

type Span = "1m" | "1d";
const SPANS: readonly { interval: Span; title: string; points: number }[] = [
  { interval: "1m", title: "Day", points: 1000 },
  { interval: "1d", title: "Season", points: 400 },
];

interface SpanPoints {
  readonly span: Span;
  readonly points: readonly EquityPoint[];
}

const isDaily = (span: Span): boolean => span === "1d";

/** Minutes have their points when they are over. */
const EVERY_MS = 60_000;

/** What the account was worth, over the day or the season. */
export function EquityCurve() {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EquityChart | null>(null);
  const span = useSignal<Span>("1m");
  const read = useSignal<SpanPoints | null>(null);
  const looked = useSignal<EquityPoint | undefined>(undefined);
  const chosen = span.value;
  const now = equity.value;
  const points = pointsOf(read.value, chosen);

  useEffect(() => {
    let isGone = false;
    const { points: limit = 400 } = SPANS.find(({ interval }) => interval === chosen) ?? {};
    const path = `/account/equity?interval=${chosen}&limit=${limit}`;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askPoints = async (): Promise<void> => {
      try {
        const { history = [] } = await answered(
          () => ask<Equity>("GET", path),
          () => !isGone,
        );
        if (!isGone) read.value = { span: chosen, points: history.toReversed() };
      } catch {
        // The figures beside it say what is wrong.
      }
      if (!isGone) timer = setTimeout(() => void askPoints(), EVERY_MS);
    };
    void askPoints();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [chosen]);

  useEffect(() => {
    let isGone = false;
    let stop = (): void => undefined;
    import("./equity-chart.ts").then(
      ({ EquityChart }) => {
        if (isGone || place.current === null) return;
        const drawn = new EquityChart(place.current, (point) => {
          looked.value = point;
        });
        chart.current = drawn;
        drawn.set(pointsOf(read.peek(), span.peek()) ?? [], isDaily(span.peek()));
        stop = onColours(() => chart.current?.paint());
      },
      () => undefined,
    );
    return () => {
      isGone = true;
      stop();
      chart.current?.close();
      chart.current = null;
    };
  }, []);

  // The curve ends with what the account is worth now.
  const shown = withNow(points ?? [], now);
  useEffect(() => chart.current?.set(shown, isDaily(chosen)), [shown, chosen]);

  return (
    <section class="card equity" aria-label="Equity">
      <div class="card-head">
        <h2>Equity</h2>
        {looked.value !== undefined && <Looked point={looked.value} span={chosen} />}
        <span class="spacer" />
        <fieldset class="segments">
          <legend class="unseen">Span</legend>
          {SPANS.map(({ interval, title }) => (
            <button
              key={interval}
              type="button"
              aria-pressed={chosen === interval}
              onClick={() => {
                span.value = interval;
              }}
            >
              {title}
            </button>
          ))}
        </fieldset>
      </div>
      <div class="chart-body">
        <div class="chart-place" ref={place} role="img" aria-label="Equity over time" />
        {shown.length < 2 && (
          <p class="chart-word">
            {points === null ? "Loading…" : "The curve begins with your first minutes"}
          </p>
        )}
      </div>
    </section>
  );
}

function Looked({ point: { start, equity }, span }: { point: EquityPoint; span: Span }) {
  return (
    <p class="looked">
      <strong>{dollars(equity)}</strong>{" "}
      <time class="muted" dateTime={new Date(start).toISOString()}>
        {axisWords(isDaily(span)).point(start)}
      </time>
    </p>
  );
}

/** Null while the points of the span are not known: those of another are not its. */
function pointsOf(read: SpanPoints | null, span: Span): readonly EquityPoint[] | null {
  return read?.span === span ? read.points : null;
}

function withNow(points: readonly EquityPoint[], now: Equity | null): readonly EquityPoint[] {
  const last = points.at(-1);
  if (now === null || last === undefined) return points;
  const start = Math.floor(Date.now() / 1000) * 1000;
  return start > last.start ? [...points, { start, equity: now.equity }] : points;
}
