/** The drawing of the equity curve. Loaded when it is first looked at, with the candles' library. */
import {
  AreaSeries,
  createChart,
  type IChartApi,
  LineType,
  type UTCTimestamp,
} from "lightweight-charts";
import { dollars } from "../lib/money.ts";
import { colour } from "../lib/repaint.ts";
import { timeAxis } from "../lib/time-axis.ts";
import type { EquityPoint } from "./equity.ts";

const priceFormat = {
  type: "custom",
  minMove: 1,
  formatter: (cents: number) => dollars(Math.round(cents)),
} as const;

export class EquityChart {
  readonly #chart: IChartApi;
  readonly #series;

  /** `onLook`: with the point that is pointed at, undefined when none is any more. */
  constructor(element: HTMLElement, onLook: (point: EquityPoint | undefined) => void) {
    this.#chart = createChart(element, {
      autoSize: true,
      layout: { attributionLogo: false, fontFamily: getComputedStyle(element).fontFamily },
      rightPriceScale: { borderVisible: false },
      // The minutes of a day are more than a phone has pixels.
      timeScale: { borderVisible: false, minBarSpacing: 0.01 },
      // It shows the whole span, and a wheel or a finger on it moves the page.
      handleScroll: false,
      handleScale: false,
      grid: { vertLines: { visible: false } },
    });
    // It stays what it was until something changes.
    this.#series = this.#chart.addSeries(AreaSeries, {
      priceFormat,
      lineType: LineType.WithSteps,
      lineWidth: 2,
    });
    this.#chart.subscribeCrosshairMove(({ time, seriesData }) => {
      const shown = seriesData.get(this.#series);
      const isPoint = time !== undefined && shown !== undefined && "value" in shown;
      onLook(isPoint ? { start: Number(time) * 1000, equity: Number(shown.value) } : undefined);
    });
  }

  /** Takes the colours that the document has. */
  paint(): void {
    this.#chart.applyOptions({
      layout: { background: { color: "transparent" }, textColor: colour("--muted") },
      grid: { horzLines: { color: colour("--line") } },
    });
    const accent = colour("--accent");
    this.#series.applyOptions({
      lineColor: accent,
      topColor: `${accent}33`,
      bottomColor: `${accent}05`,
    });
  }

  /** Oldest first; each of a day, or of a minute. */
  set(points: readonly EquityPoint[], isDaily: boolean): void {
    this.#chart.applyOptions(timeAxis(isDaily));
    this.#series.setData(
      points.map(({ start, equity }) => ({ time: (start / 1000) as UTCTimestamp, value: equity })),
    );
    this.#chart.timeScale().fitContent();
  }

  close(): void {
    this.#chart.remove();
  }
}
