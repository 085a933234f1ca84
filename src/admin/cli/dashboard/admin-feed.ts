/** Polls the exchange for its metrics, readiness, state and recent admin actions. */
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { Component } from "../../../protocol/schemas/admin-replies.ts";
import { ask, type Connection, type Reply } from "../admin-client.ts";
import { Readings } from "./readings.ts";

const Readiness = Type.Object({
  status: Component.properties.status,
  components: Type.Record(Type.String(), Component),
});
export type Readiness = Static<typeof Readiness>;
export type AdminAction = Reply<"GET /admin/v1/actions">["actions"][number];

const POLL_MS = 1_000;
/** Without symbols, which come from the market data. */
const QUERY = { symbols: false };
/** Only every so many polls, because the exchange hashes its state for it, which takes milliseconds. */
const STATE_EVERY = 10;
const TIMEOUT_MS = 5_000;

export class AdminFeed {
  readonly readings = new Readings();
  readiness: Readiness | null = null;
  state: Reply<"GET /admin/v1/state"> | null = null;
  /** The recent actions of operators, newest first. */
  actions: AdminAction[] = [];
  /** Why the exchange does not answer; null while it does. */
  away: string | null = "connecting";
  /** Why the admin API refuses; null while it answers. */
  refused: string | null = null;
  /** When the exchange last answered, milliseconds since 1970. */
  answeredAt: number | null = null;
  readonly #connection: Connection;
  readonly #changed: () => void;
  #timer: Timer | undefined;
  #isOver = false;
  #round = 0;

  constructor(connection: Connection, changed: () => void) {
    this.#connection = connection;
    this.#changed = changed;
  }

  start(): void {
    void this.#poll();
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #poll(): Promise<void> {
    try {
      const [metrics, readiness] = await Promise.all([this.#get("/metrics"), this.#get("/readyz")]);
      this.readings.add(await metrics.text(), performance.now());
      this.readiness = Value.Parse(Readiness, await readiness.json());
      this.answeredAt = Date.now();
      const isBack = this.away !== null;
      this.away = null;
      await this.#askAdmin(isBack);
    } catch (error) {
      this.away = error instanceof Error ? error.message : String(error);
      this.readings.forget();
    }
    if (this.#isOver) return;
    this.#changed();
    this.#timer = setTimeout(() => void this.#poll(), POLL_MS);
  }

  async #askAdmin(isBack: boolean): Promise<void> {
    try {
      if (isBack || this.#round % STATE_EVERY === 0) {
        this.state = await ask(this.#connection, "GET /admin/v1/state", { query: QUERY });
      }
      this.#round++;
      this.actions = (await ask(this.#connection, "GET /admin/v1/actions")).actions;
      this.refused = null;
    } catch (error) {
      this.refused = error instanceof Error ? error.message : String(error);
    }
  }

  /** Readiness is 503 while something fails: that is an answer too. */
  async #get(path: string): Promise<Response> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`${this.#connection.url}${path}`, { signal });
    if (response.ok || response.status === 503) return response;
    throw new Error(`${path} answers ${response.status}`);
  }
}
