/**
 * What `/metrics` shows. The hot path only adds to plain numbers; they are read when somebody asks. Times
 * are observed once a tick, not once an order.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** Seconds: from 50 µs to 1 s. */
const TICK_BUCKETS = [0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 1];
const TICK_SIZE_BUCKETS = [1, 4, 16, 64, 256, 1024, 4096, 16384];

export class Metrics {
  readonly registry = new Registry();
  readonly tickSeconds = new Histogram({
    name: "waiver_tick_seconds",
    help: "From the start of a tick to the end of its fan-out",
    buckets: TICK_BUCKETS,
    registers: [this.registry],
  });
  readonly durableSeconds = new Histogram({
    name: "waiver_tick_durable_seconds",
    help: "From the start of a tick until it was applied and durable",
    buckets: TICK_BUCKETS,
    registers: [this.registry],
  });
  readonly tickCommands = new Histogram({
    name: "waiver_tick_commands",
    help: "Commands in a tick",
    buckets: TICK_SIZE_BUCKETS,
    registers: [this.registry],
  });

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

  /** The same by label. */
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

  /** All of them as they are, and of which type the text is. */
  async page(): Promise<{ text: string; type: string }> {
    return { text: await this.registry.metrics(), type: this.registry.contentType };
  }
}
