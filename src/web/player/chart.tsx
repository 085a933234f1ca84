import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { CandleInterval } from "../lib/exchange.ts";
import { onColours } from "../lib/repaint.ts";
import { remembered } from "../lib/storage.ts";
import type { Player } from "../market/players.ts";
import type { CandleChart } from "./candle-chart.ts";
import { CandleStore } from "./candle-store.ts";

const INTERVALS: readonly CandleInterval[] = ["1m", "5m", "15m", "1h", "1d"];
const interval = remembered<CandleInterval>("interval", "5m", (value) =>
  INTERVALS.includes(value as CandleInterval),
);

export function Chart({ player }: { player: Player }) {
  const { symbol, player_name } = player.info;
  return (
    <section class="card chart" aria-label="Chart">
      <div class="card-head">
        <fieldset class="segments">
          <legend class="unseen">Interval</legend>
          {INTERVALS.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={interval.value === each}
              onClick={() => {
                interval.value = each;
              }}
            >
              {each}
            </button>
          ))}
        </fieldset>
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

interface DrawingProps {
  symbol: string;
  interval: CandleInterval;
  label: string;
}

function Drawing({ symbol, interval, label }: DrawingProps) {
  const place = useRef<HTMLDivElement>(null);
  const word = useSignal("Loading the chart…");
  useEffect(() => {
    let chart: CandleChart | undefined;
    let store: CandleStore | undefined;
    let isGone = false;
    let stopPainting = (): void => undefined;
    import("./candle-chart.ts").then(
      ({ CandleChart }) => {
        if (isGone || place.current === null) return;
        const drawn = new CandleChart(place.current, () => void store?.loadOlder());
        chart = drawn;
        drawn.paint();
        store = new CandleStore(symbol, interval, {
          onAll: (candles) => {
            word.value = candles.length === 0 ? "No trades yet" : "";
            drawn.setAll(candles);
          },
          onLast: (candle) => {
            word.value = "";
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
      <div class="chart-place" ref={place} role="img" aria-label={label} />
      {word.value !== "" && <p class="chart-word">{word.value}</p>}
    </div>
  );
}
