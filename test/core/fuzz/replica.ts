/** Rebuilds the books and the holdings from events alone, as a client would. */
import { Side } from "../../../src/core/command.ts";
import type { ExchangeEvent, Holding, HoldingEvent } from "../../reference/exchange-event.ts";
import type { TestCore } from "../test-core.ts";

/** More levels than a side can have. */
const LEVELS_MAX = 1 << 16;
/** Shared by all replicas. Otherwise thousands of them would hold much memory until it is collected. */
const DEPTH = new Float64Array(2 * LEVELS_MAX);

export class Replica {
  /** Totals by price, by symbol and side. */
  readonly #levels = new Map<string, Map<number, number>>();
  readonly #cash = new Map<number, Holding>();
  /** By account and symbol. */
  readonly #shares = new Map<string, Holding>();

  hear(events: readonly (ExchangeEvent | HoldingEvent)[]): void {
    for (const event of events) {
      if (event.event === "LEVEL") {
        const levels = this.#levelsOf(event.symbol, event.side);
        if (event.total === 0) levels.delete(event.price);
        else levels.set(event.price, event.total);
      } else if (event.event === "CASH" || event.event === "POSITION") {
        const { available, reserved } = event;
        const holding = { available, reserved };
        if (event.event === "CASH") this.#cash.set(event.account, holding);
        else this.#shares.set(`${event.account} ${event.symbol}`, holding);
      }
    }
  }

  #levelsOf(symbol: number, side: keyof typeof Side): Map<number, number> {
    const key = `${symbol} ${side}`;
    const known = this.#levels.get(key);
    if (known !== undefined) return known;
    const made = new Map<number, number>();
    this.#levels.set(key, made);
    return made;
  }

  /** Describes how the core's books differ from the replica, if they do. */
  compareBooks({ view }: TestCore): string | undefined {
    for (const symbol of view.listedSymbols()) {
      for (const side of ["BUY", "SELL"] as const) {
        const known = this.#levelsOf(symbol, side);
        const count = view.depth(symbol, Side[side], DEPTH, LEVELS_MAX);
        let same = count === known.size;
        for (let i = 0; same && i < count; i++) {
          same = known.get(DEPTH[i * 2]) === DEPTH[i * 2 + 1];
        }
        if (same) continue;
        const there = [...DEPTH.subarray(0, count * 2)].join(" ");
        const told = [...known].join(" ");
        return `${side} side of symbol ${symbol}: ${there}\nbut LEVEL events told: ${told}`;
      }
    }
    return undefined;
  }

  /** Describes how the core's holdings differ from the replica, if they do. */
  compareAccounts({ view }: TestCore): string | undefined {
    const nothing = { available: 0, reserved: 0 };
    for (let account = 0; account < view.nextAccount(); account++) {
      const known = this.#cash.get(account) ?? nothing;
      const available = view.cashAvailable(account);
      const reserved = view.cashReserved(account);
      if (known.available !== available || known.reserved !== reserved) {
        return `cash of account ${account}: ${available} and ${reserved}\nbut CASH told: ${JSON.stringify(known)}`;
      }
      const held = new Map(view.holdings(account).map((each) => [each.symbol, each]));
      for (const symbol of view.listedSymbols()) {
        const shares = held.get(symbol) ?? nothing;
        const told = this.#shares.get(`${account} ${symbol}`) ?? nothing;
        if (shares.available === told.available && shares.reserved === told.reserved) continue;
        return `account ${account}: ${JSON.stringify(shares)} of symbol ${symbol}\nbut POSITION told: ${JSON.stringify(told)}`;
      }
    }
    return undefined;
  }
}
