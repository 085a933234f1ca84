/**
 * Connections to receivers, kept open for a while after a post: to open one costs the thread several times what the post does.
 * Each is one webhook's alone, and leads to the address that was checked for it. Before each post the name is looked up and
 * checked again; one that leads elsewhere by then gets a new connection.
 *
 * ```
 *   post ─┬─ one is kept to that address ─► written ─┬─ answered: kept again
 *         │                                          └─ had been closed meanwhile: once more, on a new one
 *         └─ none is ────────────────────► new one
 * ```
 */
import { Connection } from "./connection.ts";
import type { Target } from "./target.ts";

/** From the connection's begin, or the writing of the post, to the status. */
const TIMEOUT_MS = 10_000;
/** Receivers that close idle connections do so after 5 s or more, most of them. */
const KEPT_MS = 4000;
/** Kept at once, of all webhooks: each is one of the exchange's own file descriptors. */
const KEPT_MAX = 64;

export interface ConnectionsParts {
  /** Milliseconds since whenever, never set back. */
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
  /** By webhook; those that were used last come last. */
  readonly #kept = new Map<number, Kept>();
  #isClosed = false;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  /** How many are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /**
   * Posts to where a webhook leads, one at a time of each: the status of the answer. Rejects when there is none in 10 s. What
   * is written on a kept connection that had been closed is posted again at once, so a receiver that read it and closed
   * without an answer gets it twice.
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

  /** Closes those that have been kept for long enough. */
  sweep(): void {
    const { monotonic } = this.#parts;
    for (const [webhook, { since }] of this.#kept) {
      if (monotonic() - since < KEPT_MS) return;
      this.#close(webhook);
    }
  }

  /** Those that are kept, and those that answer later. */
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
    // Not the one that was kept for longest: webhooks that have their turns would find none of theirs.
    if (this.#kept.size >= keptMax) connection.close();
    if (!connection.isClosed) this.#kept.set(webhook, { connection, since: monotonic() });
    return status;
  }

  /** Null: none is kept that takes another post, and leads there. */
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
