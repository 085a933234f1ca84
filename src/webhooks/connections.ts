/**
 * Connections to receivers, kept open for a while after a post, because opening one takes several times the work of a post.
 * A connection is used by one webhook only, and goes to an address that was checked for it. Before each post the name is
 * looked up and checked again. If it has other addresses by then, a new connection is opened.
 *
 * ```
 *   post ─┬─ one to that address is kept ─► written ─┬─ answered: kept again
 *         │                                          └─ it had been closed meanwhile: once more, on a new one
 *         └─ none is ────────────────────► a new one
 * ```
 */
import { Connection } from "./connection.ts";
import type { Target } from "./target.ts";

/** From the opening of the connection, or from the post on an open one, to the answer's status. */
const TIMEOUT_MS = 10_000;
/** Most receivers that close idle connections do so after 5 s or more. */
const KEPT_MS = 4000;
/** Connections that are kept at once, of all webhooks. Each takes one of the exchange's own file descriptors. */
const KEPT_MAX = 64;

export interface ConnectionsParts {
  /** Milliseconds by a clock that is never set back. */
  monotonic(): number;
  timeoutMs?: number;
  keptMax?: number;
}

interface Kept {
  readonly connection: Connection;
  readonly since: number;
}

export class Connections {
  readonly #parts: ConnectionsParts;
  /** By number of the webhook, the one that was used last at the end. */
  readonly #kept = new Map<number, Kept>();
  #isClosed = false;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  /** How many connections are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /**
   * Posts to a webhook's target and resolves with the status of the answer. Only one post at a time for each webhook. Rejects
   * when there is no answer in 10 s. When a kept connection turns out to be closed, posts again at once on a new one. So a
   * receiver that reads a post and then closes without an answer gets it twice.
   */
  async post(
    webhook: number,
    target: Target,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<number> {
    const kept = this.#take(webhook, target);
    if (kept !== null) {
      try {
        return await this.#postOn(kept, webhook, headers, body);
      } catch (error) {
        if (!kept.isEndedUnheard) throw error;
      }
    }
    return this.#postOn(new Connection(target), webhook, headers, body);
  }

  /** Closes connections that have been idle for `KEPT_MS`. */
  sweep(): void {
    const { monotonic } = this.#parts;
    for (const [webhook, { since }] of this.#kept) {
      if (monotonic() - since < KEPT_MS) return;
      this.#close(webhook);
    }
  }

  /** Closes the connections that are kept, and later those on which an answer is awaited now. */
  close(): void {
    this.#isClosed = true;
    for (const webhook of this.#kept.keys()) this.#close(webhook);
  }

  async #postOn(
    connection: Connection,
    webhook: number,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<number> {
    const { monotonic, timeoutMs = TIMEOUT_MS, keptMax = KEPT_MAX } = this.#parts;
    const status = await connection.post(headers, body, timeoutMs);
    if (this.#isClosed) connection.close();
    // Closing the oldest kept one instead would leave none for webhooks that post in turns.
    if (this.#kept.size >= keptMax) connection.close();
    if (!connection.isClosed) this.#kept.set(webhook, { connection, since: monotonic() });
    return status;
  }

  /** Takes the webhook's kept connection. Null when there is none that goes to this target and is ready for a post. */
  #take(webhook: number, { addresses, port }: Target): Connection | null {
    const connection = this.#kept.get(webhook)?.connection;
    if (connection === undefined) return null;
    this.#kept.delete(webhook);
    const leadsThere = addresses.includes(connection.address) && port === connection.port;
    if (connection.isIdle && leadsThere) return connection;
    connection.close();
    return null;
  }

  #close(webhook: number): void {
    this.#kept.get(webhook)?.connection.close();
    this.#kept.delete(webhook);
  }
}
