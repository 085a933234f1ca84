/**
 * Which order an account has given which client order id: its open orders, and the recent past, of which an
 * account has a share of its own.
 */
import type { Limits } from "./limits.ts";
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
  #recent: ClientIdEntry[] = [];

  constructor(readonly limits: Limits) {}

  find(account: number, text: string): ClientIdEntry | undefined {
    return text === "" ? undefined : this.#entries.get(keyOf(account, text));
  }

  add(order: Order, command: ReadCommand): void {
    if (order.clientId === "") return;
    const key = keyOf(order.account, order.clientId);
    this.#entries.set(key, { key, order, asked: askedFor(command) });
  }

  /** The order is done. Where there are too many now, of the account or else of all, the oldest goes. */
  retire(order: Order): void {
    const entry = this.find(order.account, order.clientId);
    if (entry === undefined) return;
    this.#recent.push(entry);
    const own = this.#recent.filter((each) => each.order.account === order.account);
    const { accountClientIdsMax, recentClientIdsMax } = this.limits;
    if (own.length > accountClientIdsMax) this.#forget(own[0]);
    else if (this.#recent.length > recentClientIdsMax) this.#forget(this.#recent[0]);
  }

  #forget(oldest: ClientIdEntry | undefined): void {
    if (oldest === undefined) return;
    this.#recent = this.#recent.filter((each) => each !== oldest);
    this.#entries.delete(oldest.key);
  }

  /** The order never came to be. */
  remove(order: Order): void {
    this.#entries.delete(keyOf(order.account, order.clientId));
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
