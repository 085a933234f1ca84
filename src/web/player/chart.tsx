import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Candle, CandleInterval } from "../lib/exchange.ts";
import { axisWords } from "../lib/moment.ts";
import { decimal, shares } from "../lib/money.ts";
import { onColours } from "../lib/repaint.ts";
import { Segments } from "../lib/segments.tsx";
import { remembered } from "../lib/storage.ts";
import type { Player } from "../market/players.ts";
import type { CandleChart } from "./candle-chart.ts";
import { CandleStore } from "./candle-store.ts";

const INTERVALS: readonly CandleInterval[] = ["1m", "5m", "15m", "1h", "1d"];
const interval = remembered<CandleInterval>("interval", "5m", (value) =>
  INTERVALS.includes(value as CandleInterval),
);

const isDaily = (each: CandleInterval): boolean => each === "1d";

export function Chart({ player }: { player: Player }) {
  const { symbol, player_name } = player.info;
  return (
    <section class="card chart" aria-label="Chart">
      <div class="card-head">
        <Segments legend="Interval" all={INTERVALS} textOf={(each) => each} chosen={interval} />
      </div>
      <Drawing
        key={`${symbol} ${interval.value}`}
        symbol={symbol}
        interval={interval.value}
        label={`Candles of ${player_name}, ${interval.value} each`}
      />
    </section>
  );
}

/** The figures of the candle under the pointer, or of the last one. */
function Figures({ candle, interval }: { candle: Candle | undefined; interval: CandleInterval }) {
  if (candle === undefined) return null;
  const { start, open, high, low, close, volume } = candle;
  const parts = [
    ...[["O", decimal(open)] as const, ["H", decimal(high)] as const, ["L", decimal(low)] as const],
    ...[["C", decimal(close)] as const, ["V", shares(volume)] as const],
  ];
  return (
    <p class="chart-figures" data-direction={close < open ? "down" : "up"}>
      <time dateTime={new Date(start).toISOString()}>
        {axisWords(isDaily(interval)).point(start)}
      </time>
      {parts.map(([name, text]) => (
        <span key={name}>
          {name} <b>{text}</b>
        </span>
      ))}
    </p>
  );
}

interface DrawingProps {
  symbol: string;
  interval: CandleInterval;
  label: string;
}

function Drawing({ symbol, interval, label }: DrawingProps) {
  const place = useRef<HTMLDivElement>(null);
  const word = useSignal("Loading the chart…");
  const last = useSignal<Candle | undefined>(undefined);
  const looked = useSignal<Candle | undefined>(undefined);
  useEffect(() => {
    let chart: CandleChart | undefined;
    let store: CandleStore | undefined;
    let isGone = false;
    let stopPainting = (): void => undefined;
    import("./candle-chart.ts").then(
      ({ CandleChart }) => {
        if (isGone || place.current === null) return;
        const drawn = new CandleChart(
          place.current,
          isDaily(interval),
          () => void store?.loadOlder(),
          (candle) => {
            looked.value = candle;
          },
        );
        chart = drawn;
        store = new CandleStore(symbol, interval, {
          onAll: (candles) => {
            word.value = candles.length === 0 ? "No trades yet" : "";
            last.value = candles.at(-1);
            drawn.setAll(candles);
          },
          onLast: (candle) => {
            word.value = "";
            last.value = candle;
            drawn.setLast(candle);
          },
        });
        stopPainting = onColours(() => drawn.paint());
      },
      () => {
        word.value = "The chart could not be loaded: reload the page";
      },
    );
    return () => {
      isGone = true;
      stopPainting();
      store?.close();
      chart?.close();
      chart = undefined;
    };
  }, []);
  return (
    <div class="chart-body">
      <Figures candle={looked.value ?? last.value} interval={interval} />
      <div class="chart-place" ref={place} role="img" aria-label={label} />
      {word.value !== "" && <p class="chart-word">{word.value}</p>}
    </div>
  );
}
