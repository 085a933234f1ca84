/** Shared by all demo accounts: the pace of their requests, the clock, and how the next symbol is chosen. */
import { ConnectionError, ExchangeError } from "@waiver/client";
import { Pacer } from "./pacer.ts";
import type { Random } from "./random.ts";
import { restAfter } from "./refusals.ts";
import type { Report } from "./report.ts";
import type { Rests } from "./rests.ts";

/** The wait after a lost connection; the client comes back by itself. */
const RECONNECT_MS = 1_000;

export class Desk {
  /** The report on how the demo does. */
  readonly report: Report = { carried: 0, refusal: null };
  readonly #pacer: Pacer;

  constructor(requestsPerSecond: number) {
    this.#pacer = new Pacer(requestsPerSecond);
  }

  setRate(requestsPerSecond: number): void {
    this.#pacer.setRate(requestsPerSecond);
  }

  nowMs(): number {
    return performance.now();
  }

  /** Resolves when one request may be sent. */
  async turn(): Promise<void> {
    await Bun.sleep(this.#pacer.reserve(this.nowMs()));
  }

  /**
   * Sends one request when its turn comes. A refusal or a lost connection is not an error of the demo: it
   * rests as `restAfter` says. Returns whether the request was carried out.
   */
  async send(rests: Rests, symbol: string, request: () => Promise<unknown>): Promise<boolean> {
    await this.turn();
    try {
      await request();
      this.report.carried++;
      this.report.refusal = null;
      return true;
    } catch (error) {
      this.report.refusal = error instanceof Error ? error.message : String(error);
      if (error instanceof ConnectionError) {
        this.#pacer.pause(this.nowMs(), RECONNECT_MS);
      } else if (error instanceof ExchangeError) {
        const rest = restAfter(error);
        if (rest?.from === "everything") this.#pacer.pause(this.nowMs(), rest.forMs);
        else if (rest !== undefined) rests.add(rest.from, symbol, this.nowMs() + rest.forMs);
      } else {
        throw error;
      }
      return false;
    }
  }
}

/**
 * One of `items`, which has at least one. The n-th is chosen about 1/n as often as the first (Zipf): of 512
 * items, two choices in five are among the first ten.
 */
export function pickEarly<T>(items: readonly T[], random: Random): T {
  return items[Math.floor((items.length + 1) ** random()) - 1] as T;
}
