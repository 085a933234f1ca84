/** The client of the Sleeper API: https://docs.sleeper.com/#players. One large reply, once a day. */
import { findHost } from "../lib/find-host.ts";
import { gathered } from "../lib/gathered.ts";
import type { Clock } from "./clock.ts";
import { membersOf, ReplyError } from "./reply-members.ts";
import { readRecords, type SleeperRecords } from "./sleeper-record.ts";

const PATH = "/v1/players/nfl";
/** About ten times the size of today's reply. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;
const BACKOFF_MS = 1000;

export interface SleeperClientOptions {
  /** Without a slash at the end. */
  baseUrl: string;
  /** Time for one try, from the request to the last byte. */
  timeoutMs: number;
  clock: Clock;
}

export interface FetchOptions {
  /** The etag of the last reply: Sleeper does not send an unchanged one again. */
  etag: string | null;
  /** How often to try, with 1 s, 2 s, 4 s, … between. */
  tries: number;
  /** When it is aborted, the fetch gives up at once. */
  signal: AbortSignal;
}

export type SleeperReply =
  | { isUnchanged: true }
  | ({ isUnchanged: false; etag: string | null } & SleeperRecords);

/** Sleeper gave no usable answer. */
export class SleeperError extends Error {
  override readonly name = "SleeperError";
}

export class SleeperClient {
  readonly #url: string;
  readonly #timeoutMs: number;
  readonly #clock: Clock;

  constructor({ baseUrl, timeoutMs, clock }: SleeperClientOptions) {
    this.#url = baseUrl + PATH;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  /**
   * Fetches all players. Rejects with `SleeperError` when the last try failed: no connection, no answer in
   * time, another status than 200 or 304, more than 64 MiB, or not a JSON object.
   */
  async fetchPlayers({ etag, tries, signal }: FetchOptions): Promise<SleeperReply> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#tryOnce(etag, signal);
      } catch (error) {
        if (signal.aborted || attempt >= tries) throw error;
      }
      await this.#pause(BACKOFF_MS * 2 ** (attempt - 1), signal);
    }
  }

  async #tryOnce(etag: string | null, signal: AbortSignal): Promise<SleeperReply> {
    const timeout = new AbortController();
    const cancel = this.#clock.after(this.#timeoutMs, () => timeout.abort());
    try {
      const either = AbortSignal.any([signal, timeout.signal]);
      await findHost(this.#url, either);
      const response = await fetch(this.#url, {
        headers: etag === null ? {} : { "if-none-match": etag },
        signal: either,
      });
      if (response.status === 304 && etag !== null) return { isUnchanged: true };
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new SleeperError(`${this.#url} answered ${response.status}`);
      }
      const records = await readRecords(membersOf(await this.#readAll(response)));
      return { isUnchanged: false, etag: response.headers.get("etag"), ...records };
    } catch (error) {
      if (error instanceof SleeperError) throw error;
      if (error instanceof ReplyError) {
        throw new SleeperError(`${this.#url} answered ${error.message}`, { cause: error });
      }
      const reason = timeout.signal.aborted
        ? `gave no full answer within ${this.#timeoutMs} ms`
        : `cannot be reached: ${(error as Error).message}`;
      throw new SleeperError(`${this.#url} ${reason}`, { cause: error });
    } finally {
      cancel();
    }
  }

  #readAll(response: Response): Promise<Buffer> {
    return gathered(response.body, (bytes) => {
      if (bytes > REPLY_BYTES_MAX) throw new ReplyError(`more than ${REPLY_BYTES_MAX} bytes`);
    });
  }

  /** Resolves after `delayMs`, or at once when the signal is aborted. */
  #pause(delayMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delayMs, done);
      signal.addEventListener("abort", done, { once: true });
      function done() {
        cancel();
        signal.removeEventListener("abort", done);
        resolve();
      }
    });
  }
}
