/** Draws the equity curve. Loaded with the charts' library when the curve is first shown. */
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

  /** `onLook` is called with the point under the pointer, and with undefined when there is none any more. */
  constructor(element: HTMLElement, onLook: (point: EquityPoint | undefined) => void) {
    this.#chart = createChart(element, {
      autoSize: true,
      layout: { attributionLogo: false, fontFamily: getComputedStyle(element).fontFamily },
      rightPriceScale: { borderVisible: false },
      // A day has more minutes than a phone has pixels.
      timeScale: { borderVisible: false, minBarSpacing: 0.01 },
      // The chart always shows the whole span, so a wheel or a finger on it moves the page.
      handleScroll: false,
      handleScale: false,
      grid: { vertLines: { visible: false } },
    });
    // Equity keeps its value until it changes, so the line has steps.
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

  /** Takes the present colours of the document. */
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

  /** Shows these points, oldest first. `isDaily`: each is of a day, else of a minute. */
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
