/** Somebody who trades beside the browser: over REST, with a key. */
import type { ServerProcess } from "../integration/server-process.ts";

export interface Keys {
  readonly api_key: string;
  readonly api_secret: string;
}

export interface Order {
  readonly order_id: string;
  readonly symbol: string;
  readonly side: string;
  readonly price?: number;
  readonly quantity: number;
  readonly filled_quantity: number;
  readonly status: string;
}

export class Trader {
  readonly #url: () => string;

  constructor(
    url: () => string,
    readonly keys: Keys,
  ) {
    this.#url = url;
  }

  /** Cash in cents, shares by symbol. */
  static async make(
    server: () => ServerProcess,
    name: string,
    means: { cash: number; positions: Record<string, number>; rate_limits?: object },
  ): Promise<Trader> {
    const keys = await server().ask<Keys>("POST", "/users", { name, ...means });
    return new Trader(() => server().url, keys);
  }

  async call<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${this.#url()}/api/v1${path}`, {
      method,
      headers: {
        "X-API-KEY": this.keys.api_key,
        "X-API-SECRET": this.keys.api_secret,
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer as Answer;
  }

  place(order: object): Promise<Order> {
    return this.call("POST", "/orders", { type: "LIMIT", ...order });
  }

  async openOrders(): Promise<Order[]> {
    return (await this.call<{ orders: Order[] }>("GET", "/orders")).orders;
  }

  async doneOrders(): Promise<Order[]> {
    return (await this.call<{ orders: Order[] }>("GET", "/orders?status=done")).orders;
  }
}
