/** Which order an account has given which client order id: its open orders, and the recent past. */
import type { Order } from "./order.ts";
import type { ReadCommand } from "./read-command.ts";

export interface ClientIdEntry {
  key: string;
  order: Order;
  /** What the order asked for. */
  asked: string;
}

export class ClientIdBook {
  readonly #entries = new Map<string, ClientIdEntry>();
  /** Of done orders, the longest done first. */
  readonly #recent: ClientIdEntry[] = [];
  /** Places of orders that never came to be: the next ids take them, and nothing is forgotten. */
  #spare = 0;

  constructor(readonly recentMax: number) {}

  find(account: number, text: string): ClientIdEntry | undefined {
    return text === "" ? undefined : this.#entries.get(keyOf(account, text));
  }

  add(order: Order, command: ReadCommand): void {
    if (order.clientId === "") return;
    if (this.#spare > 0) {
      this.#spare--;
    } else if (this.#recent.length >= this.recentMax) {
      const oldest = this.#recent.shift();
      if (oldest !== undefined) this.#entries.delete(oldest.key);
    }
    const key = keyOf(order.account, order.clientId);
    this.#entries.set(key, { key, order, asked: askedFor(command) });
  }

  /** The order is done. */
  retire(order: Order): void {
    const entry = this.find(order.account, order.clientId);
    if (entry !== undefined) this.#recent.push(entry);
  }

  /** The order never came to be. */
  remove(order: Order): void {
    if (this.#entries.delete(keyOf(order.account, order.clientId))) this.#spare++;
  }
}

function keyOf(account: number, text: string): string {
  return `${account} ${text}`;
}

/** What a PLACE asks for, besides its client order id. */
export function askedFor(command: ReadCommand): string {
  const { side, type, timeInForce, selfTrade, flags, symbol, price, quantity } = command;
  const { stopPrice, amount } = command;
  return [
    side,
    type,
    timeInForce,
    selfTrade,
    flags,
    symbol,
    price,
    quantity,
    stopPrice,
    amount,
  ].join(" ");
}
