import { useComputed, useSignal } from "@preact/signals";
import { answered } from "@waiver/client";
import { useEffect, useRef } from "preact/hooks";
import { market } from "../lib/exchange.ts";
import { KeptFresh } from "../lib/kept-fresh.ts";
import { axisWords } from "../lib/moment.ts";
import { dollars } from "../lib/money.ts";
import { onColours } from "../lib/repaint.ts";
import { ask } from "../lib/rest.ts";
import { Segments } from "../lib/segments.tsx";
import { session } from "../login/session.ts";
import { type Equity, type EquityPoint, equity } from "./equity.ts";
import type { EquityChart } from "./equity-chart.ts";
import { curveOf, DAY, readSpan, SPANS, type Span } from "./equity-span.ts";

interface SpanPoints {
  readonly span: Span;
  readonly points: readonly EquityPoint[];
}

const isDaily = ({ interval }: Span): boolean => interval === "1d";

/** The exchange has a minute's point when the minute is over. */
const EVERY_MS = 60_000;

/** The equity of the account over a day, a month or a year. Another account needs another one of these. */
export function EquityCurve() {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<EquityChart | null>(null);
  const span = useSignal<Span>(DAY);
  const read = useSignal<SpanPoints | null>(null);
  const looked = useSignal<EquityPoint | undefined>(undefined);
  const shown = useComputed(() => {
    const points = pointsOf(read.value, span.value) ?? [];
    return curveOf(span.value, market.now(), points, equity.value?.equity ?? null);
  });
  const chosen = span.value;
  const curve = shown.value;

  useEffect(() => {
    let isGone = false;
    const account = session.peek()?.account_id;
    const fresh = new KeptFresh(async () => {
      try {
        const known = pointsOf(read.peek(), chosen) ?? [];
        const points = await readSpan(chosen, market.now(), known, ({ limit, before }) =>
          answered(
            () => ask<Equity>("GET", historyPath(chosen, limit, before), undefined, account),
            () => !isGone,
          ),
        );
        if (!isGone) read.value = { span: chosen, points };
      } catch {
        // The account's figures beside the curve say what is wrong.
      }
    }, EVERY_MS);
    fresh.within(0);
    return () => {
      isGone = true;
      fresh.stop();
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
        drawn.set(shown.peek(), isDaily(span.peek()));
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

  useEffect(() => chart.current?.set(curve, isDaily(chosen)), [curve, chosen]);

  return (
    <section class="card equity" aria-label="Equity">
      <div class="card-head">
        <h2>Equity</h2>
        {looked.value !== undefined && <Looked point={looked.value} span={chosen} />}
        <span class="spacer" />
        <Segments legend="Span" all={SPANS} textOf={({ title }) => title} chosen={span} />
      </div>
      <div class="chart-body">
        <div class="chart-place" ref={place} role="img" aria-label="Equity over time" />
        {curve.length === 0 && (
          <p class="chart-word">
            {pointsOf(read.value, chosen) === null
              ? "Loading…"
              : "The curve begins with your first minutes"}
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

/** The points of the span; null while only those of another span are known. */
function pointsOf(read: SpanPoints | null, span: Span): readonly EquityPoint[] | null {
  return read?.span === span ? read.points : null;
}

function historyPath({ interval }: Span, limit: number, before: number | undefined): string {
  const page = `/account/equity?interval=${interval}&limit=${limit}`;
  return before === undefined ? page : `${page}&before=${before}`;
}
