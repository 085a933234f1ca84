/** A symbol: its rules, its last trade, its resting orders. */
import { PRICE_MAX, Side, SymbolState } from "../../src/core/command.ts";
import { nameIn, type RestingOrder, type SymbolView } from "./exchange-event.ts";
import { byPriority, type Order, viewOf } from "./order.ts";

export class Listing {
  state: number = SymbolState.TRADING;
  increment = 1;
  quantityMax = 0;
  bandBps = 0;
  /** 0 = none yet. */
  reference = 0;
  last: { price: number; quantity: number; timestamp: number } | null = null;
  /** In priority; by side. */
  readonly #sides: [Order[], Order[]] = [[], []];

  constructor(readonly number: number) {}

  side(side: number): Order[] {
    return side === Side.BUY ? this.#sides[0] : this.#sides[1];
  }

  add(order: Order): void {
    const orders = this.side(order.side);
    orders.push(order);
    orders.sort(byPriority);
  }

  remove(order: Order): void {
    const orders = this.side(order.side);
    orders.splice(orders.indexOf(order), 1);
  }

  /** The lowest and highest price of an order: the band, rounded outwards, within 1 … PRICE_MAX. */
  band(): { low: number; high: number } {
    if (this.bandBps === 0 || this.reference === 0) return { low: 1, high: PRICE_MAX };
    const width = Number((BigInt(this.reference) * BigInt(this.bandBps) + 9_999n) / 10_000n);
    return {
      low: Math.max(1, this.reference - width),
      high: Math.min(PRICE_MAX, this.reference + width),
    };
  }

  traded(price: number, quantity: number, timestamp: number): void {
    this.last = { price, quantity, timestamp };
    this.reference = price;
  }

  view(): SymbolView {
    const resting = (side: number): RestingOrder[] =>
      this.side(side).map((order) => ({ ...viewOf(order), timestamp: order.timestamp }));
    return {
      symbol: this.number,
      state: nameIn(SymbolState, this.state),
      last: this.last,
      bids: resting(Side.BUY),
      asks: resting(Side.SELL),
    };
  }
}
