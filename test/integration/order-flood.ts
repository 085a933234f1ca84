import { expect } from "bun:test";
import type { User, Venue } from "./venue.ts";
import type { Members, Response, WireClient } from "./wire-client.ts";

/** One of this many orders stays in the book. The others are cancelled. */
const KEEP_ONE_IN = 8;

const STORAGE_FAILED = 50700;

/** What a client knows of one of its orders from answers alone. */
interface KnownOrder {
  /** The last acknowledged state; undefined until there is one. */
  acknowledged: Members | undefined;
  /** True if a cancel was sent and not acknowledged. */
  isCancelling: boolean;
}

/** A client that places and cancels orders as fast as it is answered, even after refusals. */
export class OrderFlood implements Disposable {
  readonly orders = new Map<string, KnownOrder>();
  /** How many requests were acknowledged, and how many were refused with 50700. */
  acknowledged = 0;
  refused = 0;
  /** Unexpected answers, as text. */
  readonly faults: string[] = [];
  #client: WireClient;
  #isStopped = false;
  #chains: Promise<void>[] = [];
  #serial = 0;

  private constructor(
    client: WireClient,
    readonly user: User,
    readonly symbol: string,
  ) {
    this.#client = client;
  }

  static async open(venue: Venue, symbol: string): Promise<OrderFlood> {
    const user = await venue.user({ cash: 1_000_000_000 });
    return new OrderFlood(await venue.connect("/orders", "json", user), user, symbol);
  }

  get client(): WireClient {
    return this.#client;
  }

  /** Keeps this many requests in flight until `stop`. */
  run(inFlight: number): void {
    this.#chains = Array.from({ length: inFlight }, () => this.#chain());
  }

  async #chain(): Promise<void> {
    while (!this.#isStopped) await this.placeAndCancel();
  }

  /** Resolves when every request has been answered. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#chains);
  }

  /** Places one order and cancels most of them; resolves with the last answer. */
  async placeAndCancel(): Promise<Response> {
    const serial = this.#serial++;
    const client_order_id = `flood-${serial}`;
    const known: KnownOrder = { acknowledged: undefined, isCancelling: false };
    this.orders.set(client_order_id, known);
    const order = { symbol: this.symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
    const placed = await this.#ask("order.place", { ...order, client_order_id }, known);
    if (placed.result === undefined || serial % KEEP_ONE_IN === 0) return placed;
    known.isCancelling = true;
    return this.#ask("order.cancel", { client_order_id }, known);
  }

  async #ask(method: string, params: Members, known: KnownOrder): Promise<Response> {
    const response = await new Promise<Response>((resolve) => {
      this.client.notify(method, params, resolve);
    });
    const { result, error } = response;
    if (result !== undefined) {
      if (this.refused > 0) this.faults.push(`acknowledged after a refusal: ${method}`);
      this.acknowledged++;
      known.acknowledged = result;
      known.isCancelling = false;
    } else if (error?.code === STORAGE_FAILED) {
      this.refused++;
    } else {
      this.faults.push(`${method}: ${JSON.stringify(error)}`);
    }
    return response;
  }

  /** Connects to the exchange after it was started again. */
  async reconnect(venue: Venue): Promise<void> {
    this[Symbol.dispose]();
    this.#client = await venue.connect("/orders", "json", this.user);
  }

  /**
   * Compares the exchange's state of every order with the acknowledged one. If the failure came after the
   * write, the exchange may have orders that it refused: `mayKeepRefused`.
   */
  async expectKept(mayKeepRefused: boolean): Promise<void> {
    const known = [...this.orders];
    const answers = await Promise.all(
      known.map(([client_order_id]) => this.client.request("order.status", { client_order_id })),
    );
    const faults: string[] = [];
    known.forEach(([id, order], index) => {
      const { result, error } = answers[index] as Response;
      if (isExplained(order, result, mayKeepRefused)) return;
      faults.push(`${id}: ${JSON.stringify(order)}, now ${JSON.stringify(result ?? error)}`);
    });
    expect(faults).toEqual([]);
    expect(this.faults).toEqual([]);
    expect(this.acknowledged).toBeGreaterThan(0);
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }
}

function isExplained(
  { acknowledged, isCancelling }: KnownOrder,
  now: Members | undefined,
  mayKeepRefused: boolean,
): boolean {
  if (acknowledged === undefined) return now === undefined || mayKeepRefused;
  if (Bun.deepEquals(now, acknowledged)) return true;
  return mayKeepRefused && isCancelling && now?.status === "CANCELLED";
}
