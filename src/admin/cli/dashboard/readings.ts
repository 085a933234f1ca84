/**
 * The last readings of `/metrics`. Rates and percentiles come from two readings, never from the time since the
 * start.
 */
import { type Labels, MetricsText, quantile } from "./metrics-text.ts";

interface Reading {
  /** When it was read, by a monotonic clock, in milliseconds. */
  readonly at: number;
  readonly metrics: MetricsText;
}

/** With a reading a second, two minutes. */
const READINGS_MAX = 120;
/** Percentiles are of the last ten seconds, rates of the last three. */
const QUANTILE_READINGS = 10;
const RATE_READINGS = 3;
/** When one of these counters has gone back, the exchange was restarted. */
const COUNTERS = ["waiver_requests_total", "waiver_tick_seconds_count"];

export class Readings {
  #all: Reading[] = [];

  add(text: string, at: number): void {
    const metrics = new MetricsText(text);
    const last = this.latest;
    const isNew = COUNTERS.some((name) => (metrics.value(name) ?? 0) < (last.value(name) ?? 0));
    if (isNew) this.#all = [];
    this.#all.push({ at, metrics });
    if (this.#all.length > READINGS_MAX) this.#all.shift();
  }

  /** Forgets all readings: the next one says nothing about the time since the last. */
  forget(): void {
    this.#all = [];
  }

  get latest(): MetricsText {
    return this.#all.at(-1)?.metrics ?? NOTHING;
  }

  /** Increase of a counter a second, over the last three seconds; null before there are two readings. */
  rate(name: string, labels?: Labels): number | null {
    const { length } = this.#all;
    return this.#rate(Math.max(0, length - 1 - RATE_READINGS), length - 1, name, labels);
  }

  /** The rates between readings, oldest first, at most `count`. */
  rates(name: string, count: number): number[] {
    const { length } = this.#all;
    const first = Math.max(0, length - 1 - count);
    const steps = Array.from({ length: Math.max(0, length - 1 - first) }, (_, i) => first + i);
    return steps.map((i) => this.#rate(i, i + 1, name) ?? 0);
  }

  /** The quantile of a histogram over the last ten seconds; null before there are two readings. */
  quantile(share: number, name: string): number | null {
    const before = this.#all.at(Math.max(-QUANTILE_READINGS - 1, -this.#all.length));
    if (before === undefined || this.#all.length < 2) return null;
    return quantile(share, this.latest.buckets(name), before.metrics.buckets(name));
  }

  #rate(from: number, to: number, name: string, labels?: Labels): number | null {
    const a = this.#all[from];
    const b = this.#all[to];
    if (a === undefined || b === undefined || b.at <= a.at) return null;
    const now = b.metrics.value(name, labels);
    // A series that was not there before had counted nothing.
    const before = a.metrics.value(name, labels) ?? 0;
    return now === undefined ? null : Math.max(0, (now - before) / ((b.at - a.at) / 1000));
  }
}

const NOTHING = new MetricsText("");
