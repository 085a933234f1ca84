/**
 * What `/metrics` shows. The hot path only adds to plain numbers; they are read when somebody asks. Times
 * are observed once a tick or once in many frames, not once an order.
 */
import type { Metric } from "prom-client";
import Counter from "prom-client/lib/counter.js";
import Gauge from "prom-client/lib/gauge.js";
import Registry from "prom-client/lib/registry.js";
import { Histogram } from "./histogram.ts";

/** Seconds: from 50 µs to 1 s. */
const TICK_BUCKETS = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 1];
const TICK_SIZE_BUCKETS = [1, 4, 16, 64, 256, 1024, 4096, 16384];
/** Seconds: from 0.5 µs, within which a frame is decoded, to 1 s. */
const STAGE_BUCKETS = [
  ...[0.0000005, 0.000001, 0.000002, 0.000005, 0.00001, 0.00002, 0.00005, 0.0001, 0.0002],
  ...[0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1],
];
/** Seconds: a timer is up to a millisecond late by itself. */
const DELAY_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5];

/**
 * The stages of an order, one after the other. From `queue` on they leave no gap: together they are what passes from
 * the frame's turn of the event loop to the end of the tick's fan-out.
 */
export const STAGES = ["decode", "queue", "journal", "wait", "match", "flush", "tell"] as const;
export type Stage = (typeof STAGES)[number];

export class Metrics {
  readonly registry = new Registry();
  /** How often `page` was called. */
  #pages = 0;
  readonly tickSeconds = this.histogram(
    "waiver_tick_seconds",
    "From the start of a tick to the end of its fan-out",
    TICK_BUCKETS,
  );
  readonly durableSeconds = this.histogram(
    "waiver_tick_durable_seconds",
    "From the start of a tick until it was applied and durable",
    TICK_BUCKETS,
  );
  readonly tickCommands = this.histogram(
    "waiver_tick_commands",
    "Commands in a tick",
    TICK_SIZE_BUCKETS,
  );
  readonly orderSeconds = this.histogram(
    "waiver_order_seconds",
    "From the turn of the event loop that took an order in until its answer was written",
    STAGE_BUCKETS,
  );
  readonly stageSeconds: Readonly<Record<Stage, Histogram>> = this.histograms(
    "waiver_stage_seconds",
    "decode: of an order's frame, one in 64. queue: an order's wait for its tick. Of each tick: journal, stamped, hashed " +
      "and written; wait, until the tick before is told of; match; flush, what is left of the wait for the disk; tell, " +
      "answers, streams and market data",
    "stage",
    STAGES,
    STAGE_BUCKETS,
  );
  readonly eventLoopDelaySeconds = this.histogram(
    "waiver_event_loop_delay_seconds",
    "How late a timer of 100 ms fires: what kept the thread from everything else",
    DELAY_BUCKETS,
  );
  readonly youngCollectionSeconds = this.histogram(
    "waiver_young_collection_seconds",
    "Collections of young garbage that the exchange asks for; the runtime does not tell of its own",
    DELAY_BUCKETS,
  );

  /** A number that only grows, read by `read` when the metrics are asked for. */
  counter(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  /** A counter for each value of `label`. */
  counters(
    name: string,
    help: string,
    label: string,
    read: () => Iterable<[string, number]>,
  ): void {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [value, count] of read()) this.inc({ [label]: value }, count);
      },
    });
  }

  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  gauges(name: string, help: string, label: string, read: () => Iterable<[string, number]>): void {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect() {
        this.reset();
        for (const [value, count] of read()) this.set({ [label]: value }, count);
      },
    });
  }

  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const histogram = new Histogram(bounds);
    this.#show(name, help, () => samplesOf(name, histogram, {}));
    return histogram;
  }

  /** One histogram for each value of a label. */
  histograms<const Value extends string>(
    name: string,
    help: string,
    label: string,
    values: readonly Value[],
    bounds: readonly number[],
  ): Record<Value, Histogram> {
    const all = values.map((value): [Value, Histogram] => [value, new Histogram(bounds)]);
    this.#show(name, help, () =>
      all.flatMap(([value, histogram]) => samplesOf(name, histogram, { [label]: value })),
    );
    return Object.fromEntries(all) as Record<Value, Histogram>;
  }

  /** Makes a function that calls `read` once for each page, for several metrics that show parts of the same answer. */
  oncePerPage<Answer>(read: () => Answer): () => Answer {
    let answer: { page: number; value: Answer } | null = null;
    return () => {
      if (answer?.page !== this.#pages) answer = { page: this.#pages, value: read() };
      return answer.value;
    };
  }

  /** The text of all metrics, and its content type. */
  async page(): Promise<{ text: string; type: string }> {
    this.#pages++;
    return { text: await this.registry.metrics(), type: this.registry.contentType };
  }

  /** Shows a histogram whose numbers are kept here: prom-client's own histogram allocates with each observation. */
  #show(name: string, help: string, samples: () => Sample[]): void {
    const metric = {
      name,
      get: async () => ({ name, help, type: "histogram", values: samples() }),
    };
    this.registry.registerMetric(metric as unknown as Metric<string>);
  }
}

interface Sample {
  metricName: string;
  labels: Record<string, string | number>;
  value: number;
}

function samplesOf(name: string, histogram: Histogram, labels: Record<string, string>): Sample[] {
  const { upTo, count, sum } = histogram.read();
  const bucket = (le: string | number, value: number): Sample => ({
    metricName: `${name}_bucket`,
    labels: { le, ...labels },
    value,
  });
  return [
    ...histogram.bounds.map((bound, range) => bucket(bound, upTo[range])),
    bucket("+Inf", count),
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
