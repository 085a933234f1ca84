/** A user whose orders fill the journal quickly and change nothing else. */
import type { User, Venue } from "../integration/venue.ts";
import type { WireClient } from "../integration/wire-client.ts";

const ORDERS_PER_BATCH = 100;
const BATCHES_IN_FLIGHT = 4;

export class SegmentFiller {
  readonly #user: User;
  readonly #orders: readonly object[];
  #client: WireClient | undefined;

  /** `user` needs cash for one order; `symbol` must have no offer at the lowest price. */
  constructor(user: User, symbol: string) {
    this.#user = user;
    const order = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
    this.#orders = Array.from({ length: ORDERS_PER_BATCH }, () => ({
      ...order,
      time_in_force: "IOC",
    }));
  }

  /** Sends batch after batch until the exchange is gone. */
  async run(venue: Venue): Promise<void> {
    const client = await venue.connect("/orders", "msgpack", this.#user);
    this.#client = client;
    const next = (): void => {
      if (client.isOpen) client.notify("order.batch", { orders: this.#orders }, next);
    };
    for (let i = 0; i < BATCHES_IN_FLIGHT; i++) next();
  }

  stop(): void {
    this.#client?.[Symbol.dispose]();
    this.#client = undefined;
  }
}
