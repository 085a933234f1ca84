/**
 * Sends traces to a collector, and nothing else waits for that. Traces wait in a bounded queue, one batch is on its way
 * at a time, and traces that find no room or do not arrive are dropped and counted.
 */
import type { Log } from "../lib/log.ts";
import type { OrderTrace } from "./order-traces.ts";

/** The most traces that wait, the most traces of a batch, and how often batches are sent. */
export const QUEUE_MAX = 2048;
export const BATCH_MAX = 256;
const INTERVAL_MS = 1000;
/** How long the end of the exchange waits for the last traces. */
const CLOSE_TIMEOUT_MS = 1000;

/** Sends a batch; rejects with why it has not arrived. */
export type SendTraces = (traces: readonly OrderTrace[]) => Promise<void>;

export class TraceExport {
  /** Traces since the start that arrived, and that did not. */
  exported = 0;
  dropped = 0;
  readonly #send: SendTraces;
  readonly #log: Log;
  readonly #waiting: OrderTrace[] = [];
  #sending: Promise<void> | null = null;
  #isFailing = false;
  #timer: Timer | null = null;

  constructor(send: SendTraces, log: Log) {
    this.#send = send;
    this.#log = log;
  }

  /** From now on a batch is sent every second. */
  start(): void {
    this.#timer = setInterval(() => void this.flush(), INTERVAL_MS);
    this.#timer.unref();
  }

  /** Takes a trace. Never blocks and never throws. */
  add = (trace: OrderTrace): void => {
    if (this.#waiting.length < QUEUE_MAX) this.#waiting.push(trace);
    else this.dropped++;
  };

  /** Sends the traces that wait, batch by batch. If that is going on already, waits for its end. Never rejects. */
  flush(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  /** Sends the traces that still wait, if the collector takes them in time. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    await Promise.race([this.flush(), promise]);
    clearTimeout(timer);
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH_MAX);
      try {
        await this.#send(batch);
        this.exported += batch.length;
        if (this.#isFailing) this.#log.info({}, "traces arrive again");
        this.#isFailing = false;
      } catch (error) {
        this.dropped += batch.length;
        if (!this.#isFailing) this.#log.warn({ error: String(error) }, "traces do not arrive");
        this.#isFailing = true;
        return;
      }
    }
  }
}
