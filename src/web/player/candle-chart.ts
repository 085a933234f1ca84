/** Draws candles and volume. Loaded when a chart is first shown. */
import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type UTCTimestamp,
} from "lightweight-charts";
import type { Candle } from "../lib/exchange.ts";
import { decimal } from "../lib/money.ts";
import { colour } from "../lib/repaint.ts";
import { timeAxis } from "../lib/time-axis.ts";

/** When so few bars are left beyond the left edge, older candles are asked for. */
const NEAR_THE_EDGE = 30;
const VOLUME_TOP = 0.8;

const time = (candle: Candle) => (candle.start / 1000) as UTCTimestamp;

/** Prices stay whole cents; only the labels are dollars. */
const priceFormat = {
  type: "custom",
  minMove: 1,
  formatter: (cents: number) => decimal(Math.max(0, Math.round(cents))),
} as const;

export class CandleChart {
  readonly #chart: IChartApi;
  readonly #candles;
  readonly #volume;
  /** Candles by the second at which they begin. */
  readonly #byTime = new Map<number, Candle>();
  #isFitted = false;
  #up = "";
  #down = "";
  #lastColor = "";

  /**
   * `onNearStart` is called when the left edge comes near the oldest candle. `onLook` is called with the candle
   * under the pointer, and with undefined when there is none any more.
   */
  constructor(
    element: HTMLElement,
    isDaily: boolean,
    onNearStart: () => void,
    onLook: (candle: Candle | undefined) => void,
  ) {
    const { localization, timeScale } = timeAxis(isDaily);
    this.#chart = createChart(element, {
      autoSize: true,
      // The logo would add a style to the document. The settings view names the library's maker.
      layout: { attributionLogo: false, fontFamily: getComputedStyle(element).fontFamily },
      localization,
      grid: { vertLines: { visible: false } },
      rightPriceScale: { borderVisible: false },
      // A finger that moves up or down on the chart scrolls the page.
      handleScroll: { vertTouchDrag: false },
      timeScale: { ...timeScale, rightOffset: 4 },
    });
    this.#candles = this.#chart.addSeries(CandlestickSeries, { priceFormat });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#volume.priceScale().applyOptions({ scaleMargins: { top: VOLUME_TOP, bottom: 0 } });
    this.#candles.priceScale().applyOptions({ scaleMargins: { top: 0.08, bottom: 0.24 } });
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && range.from < NEAR_THE_EDGE) onNearStart();
    });
    this.#chart.subscribeCrosshairMove(({ time: at }) => {
      onLook(at === undefined ? undefined : this.#byTime.get(Number(at)));
    });
  }

  /** Takes the present colours of the document. */
  paint(): void {
    const up = (this.#up = colour("--up"));
    const down = (this.#down = colour("--down"));
    const [line, muted] = [colour("--line"), colour("--muted")];
    this.#chart.applyOptions({
      layout: { background: { color: "transparent" }, textColor: muted },
      grid: { horzLines: { color: line } },
      timeScale: { borderColor: line },
    });
    // Candles are hollow when the price rose and filled when it fell, so the colour is not the only sign.
    this.#candles.applyOptions({
      upColor: "transparent",
      borderUpColor: up,
      wickUpColor: up,
      downColor: down,
      borderDownColor: down,
      wickDownColor: down,
    });
    this.#volume.applyOptions({ color: `${muted}66` });
  }

  /** Shows these candles, oldest first. */
  setAll(candles: readonly Candle[]): void {
    this.#byTime.clear();
    for (const candle of candles) this.#byTime.set(time(candle), candle);
    this.#candles.setData(candles.map((each) => ({ ...ohlc(each), time: time(each) })));
    this.#volume.setData(candles.map((each) => ({ time: time(each), value: each.volume })));
    const last = candles.at(-1);
    if (last !== undefined) this.#colorLast(last);
    if (this.#isFitted || candles.length === 0) return;
    this.#isFitted = true;
    const to = candles.length + 3;
    this.#chart.timeScale().setVisibleLogicalRange({ from: Math.max(to - 100, -2), to });
  }

  setLast(candle: Candle): void {
    this.#byTime.set(time(candle), candle);
    this.#candles.update({ ...ohlc(candle), time: time(candle) });
    this.#volume.update({ time: time(candle), value: candle.volume });
    this.#colorLast(candle);
  }

  /**
   * Sets the colour of the line at the last price. The chart would take it from the candle, and a hollow one
   * has none.
   */
  #colorLast({ open, close }: Candle): void {
    const color = close < open ? this.#down : this.#up;
    if (color === this.#lastColor) return;
    this.#lastColor = color;
    this.#candles.applyOptions({ priceLineColor: color });
  }

  close(): void {
    this.#chart.remove();
  }
}

function ohlc({ open, high, low, close }: Candle) {
  return { open, high, low, close };
}
