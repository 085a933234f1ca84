/**
 * The client order ids that each account has used: those of its open orders, and recent ones of done orders.
 * Each account has its own share of the recent ones.
 */
import type { Limits } from "./limits.ts";
import type { Order } from "./order.ts";
import type { ReadCommand } from "./read-command.ts";

export interface ClientIdEntry {
  key: string;
  order: Order;
  /** The parameters of the order. */
  asked: string;
}

export class ClientIdBook {
  readonly #entries = new Map<string, ClientIdEntry>();
  /** Ids of done orders, the oldest first. */
  #recent: ClientIdEntry[] = [];
  /**
   * From version 1 of the rules: accounts that have ids of done orders, in classes. Within a class, the
   * account that has been there longest comes first.
   */
  #holders: { account: number; level: number }[] = [];

  /** `shareOf`: how many ids of done orders an account may have. */
  constructor(
    readonly limits: Limits,
    readonly rules: { version: number },
    readonly shareOf: (account: number) => number,
  ) {}

  find(account: number, text: string): ClientIdEntry | undefined {
    return text === "" ? undefined : this.#entries.get(keyOf(account, text));
  }

  add(order: Order, command: ReadCommand): void {
    if (order.clientId === "") return;
    const key = keyOf(order.account, order.clientId);
    this.#entries.set(key, { key, order, asked: askedFor(command) });
  }

  /** The order is done. If there are now too many ids, of the account or of all accounts, the oldest goes. */
  retire(order: Order): void {
    const entry = this.find(order.account, order.clientId);
    if (entry === undefined) return;
    this.#recent.push(entry);
    const { account } = order;
    const { accountClientIdsMax, recentClientIdsMax } = this.limits;
    if (this.rules.version === 0) {
      if (this.#own(account).length > accountClientIdsMax) this.#forget(this.#own(account)[0]);
      else if (this.#recent.length > recentClientIdsMax) this.#forget(this.#recent[0]);
      return;
    }
    this.#rank(account);
    for (let i = 0; i < 2; i++) {
      if (this.#own(account).length > this.shareOf(account)) this.#forget(this.#own(account)[0]);
    }
    if (this.#recent.length <= recentClientIdsMax) return;
    const most = Math.max(...this.#holders.map(({ level }) => level));
    const largest = this.#holders.find(({ level }) => level === most);
    if (largest !== undefined) this.#forget(this.#own(largest.account)[0]);
  }

  #own(account: number): ClientIdEntry[] {
    return this.#recent.filter((each) => each.order.account === account);
  }

  /** Version 1 of the rules begins. Account numbers are below `count`. */
  shareOut(count: number): void {
    for (let account = 0; account < count; account++) this.#rank(account);
  }

  /** Puts the account into the class of its number of ids: 1, 2 to 3, 4 to 7, and so on. */
  #rank(account: number): void {
    const count = this.#own(account).length;
    const level = Math.floor(Math.log2(count));
    if (this.#holders.find((each) => each.account === account)?.level === level) return;
    this.#holders = this.#holders.filter((each) => each.account !== account);
    if (count > 0) this.#holders.push({ account, level });
  }

  #forget(oldest: ClientIdEntry | undefined): void {
    if (oldest === undefined) return;
    this.#recent = this.#recent.filter((each) => each !== oldest);
    this.#entries.delete(oldest.key);
    if (this.rules.version > 0) this.#rank(oldest.order.account);
  }

  /** The order was refused, so its id is free again. */
  remove(order: Order): void {
    this.#entries.delete(keyOf(order.account, order.clientId));
  }
}

function keyOf(account: number, text: string): string {
  return `${account} ${text}`;
}

/** The parameters of a PLACE without its client order id. */
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
