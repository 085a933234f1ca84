/** Watches the server's memory and processor time from outside, which also works while its thread is held. */
import { processUsage } from "../load/process-usage.ts";
import type { BesiegedServer } from "./server.ts";

const EVERY_MS = 100;
/** The server is killed at this multiple of its bound on memory, to protect the machine. */
const KILL_FACTOR = 1.5;

export class Watch implements Disposable {
  /** The most memory since the last `reset`. */
  memoryPeakMib = 0;
  memoryMib = 0;
  #cpuSeconds = 0;
  #cpuSecondsAtReset = 0;
  #logBytesAtReset = 0;
  #resetAt = performance.now();
  readonly #server: BesiegedServer;
  readonly #memoryMibMax: number;
  readonly #timer: ReturnType<typeof setInterval>;

  private constructor(server: BesiegedServer, memoryMibMax: number) {
    this.#server = server;
    this.#memoryMibMax = memoryMibMax;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
  }

  static async begin(server: BesiegedServer, memoryMibMax: number): Promise<Watch> {
    const watch = new Watch(server, memoryMibMax);
    await watch.#look();
    watch.reset();
    return watch;
  }

  reset(): void {
    this.memoryPeakMib = this.memoryMib;
    this.#cpuSecondsAtReset = this.#cpuSeconds;
    this.#logBytesAtReset = this.#server.logBytes;
    this.#resetAt = performance.now();
  }

  /** The share of one processor that the server used since the last `reset`. */
  get cpuShare(): number {
    return (this.#cpuSeconds - this.#cpuSecondsAtReset) / this.#secondsSinceReset;
  }

  get logBytesPerSecond(): number {
    return (this.#server.logBytes - this.#logBytesAtReset) / this.#secondsSinceReset;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  get #secondsSinceReset(): number {
    return Math.max(0.001, (performance.now() - this.#resetAt) / 1000);
  }

  async #look(): Promise<void> {
    if (this.#server.end !== undefined) return;
    // /proc has no memory for a process that is just ending.
    const usage = await processUsage(this.#server.pid).catch(() => undefined);
    if (usage === undefined || Number.isNaN(usage.rssMib)) return;
    this.memoryMib = usage.rssMib;
    this.memoryPeakMib = Math.max(this.memoryPeakMib, usage.rssMib);
    this.#cpuSeconds = usage.cpuSeconds;
    if (usage.rssMib > KILL_FACTOR * this.#memoryMibMax) this.#server.kill("for its memory");
  }
}
