import { expect } from "bun:test";
import { ANY_NUMBER, resting } from "./expectations.ts";
import type { User, Venue } from "./venue.ts";
import type { Encoding, Members, WireClient } from "./wire-client.ts";

const CASH = 1_000_000;

/** A client that sends invalid messages, and a bystander with orders and events who must not notice. */
export class Scene implements Disposable {
  private constructor(
    readonly symbol: string,
    readonly encoding: Encoding,
    readonly bad: WireClient,
    readonly attacker: User,
    readonly bystander: WireClient,
    readonly watcher: WireClient,
    readonly victim: User,
  ) {}

  static async set(venue: Venue, symbol: string, encoding: Encoding): Promise<Scene> {
    const attacker = await venue.user({ cash: CASH });
    const victim = await venue.user({ cash: CASH });
    const bad = await venue.connect("/orders", encoding, attacker);
    const bystander = await venue.connect("/orders", encoding, victim);
    const watcher = await venue.connect("/user-data", encoding, victim);
    return new Scene(symbol, encoding, bad, attacker, bystander, watcher, victim);
  }

  /** An order that is valid. */
  get order(): Members {
    return { symbol: this.symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
  }

  /** Whatever was sent: nobody else noticed, and the connection that sent it can still trade. */
  async expectUndisturbed(): Promise<void> {
    const { bad, bystander, watcher, order, encoding } = this;
    const frames = bystander.frames[encoding];
    const placed = await bystander.result("order.place", order);
    expect(placed).toEqual(resting(order));
    expect(bystander.frames[encoding]).toBe(frames + 1);
    await bystander.result("order.cancel", { order_id: placed.order_id });
    const events = () => watcher.of("user_data").filter(({ event }) => event !== "snapshot");
    await watcher.until(() => events().length >= 4, "the bystander's events");
    const strange = watcher
      .of("user_data")
      .filter(({ event, order_id }) => event === "order" && order_id !== placed.order_id);
    expect([strange, bystander.strays, watcher.strays]).toEqual([[], [], []]);
    expect(bad.isOpen).toBe(true);
    const own = await bad.result("order.place", order);
    await bad.result("order.cancel", { order_id: own.order_id });
    expect(await bad.result("orders.open")).toEqual({ orders: [], seq: ANY_NUMBER });
    expect((await bad.result("account.balances")).cash).toEqual({
      available: CASH,
      reserved: 0,
      total: CASH,
    });
    expect(bad.strays).toEqual([]);
  }

  [Symbol.dispose](): void {
    for (const client of [this.bad, this.bystander, this.watcher]) client[Symbol.dispose]();
  }
}
