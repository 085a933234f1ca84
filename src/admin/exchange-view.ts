/** What the admin API sees of the exchange: the core, as of a durable tick, and its edge. */
import type { Core } from "../core/core.ts";
import { hashText } from "../core/state-hash.ts";
import { S_LAST_PRICE, SYMBOL_INTS } from "../core/symbols.ts";
import { stateName } from "../market-data/status.ts";
import { symbolName, symbolNumber } from "../protocol/names.ts";
import type { ControlPort } from "../router/control.ts";
import type { AdminView } from "./view.ts";

/** What the edge knows. */
export interface EdgeView {
  /** Open connections by endpoint. */
  connections(): Record<string, number>;
  /** Status of the whole and of each component. */
  readiness(): object;
}

export class ExchangeView implements AdminView {
  constructor(
    private readonly core: Core,
    private readonly control: ControlPort,
    private readonly edge: EdgeView,
  ) {}

  nextAccount(): number {
    return this.core.accounts.next();
  }

  symbolNumber(name: string): number {
    const symbol = symbolNumber(name);
    return this.core.symbols.exists(symbol) ? symbol : -1;
  }

  accountExists(account: number): boolean {
    return this.core.accounts.exists(account);
  }

  state(): Promise<object> {
    return this.control.read(() => this.#read());
  }

  #read(): object {
    const { core } = this;
    return {
      tick: core.tick(),
      seq: core.sequence(),
      state_hash: hashText(core.stateHash()),
      trades: core.trades(),
      accounts: core.accounts.next() - 1,
      open_orders: core.arena.openCount(),
      cash_total: core.accounts.totals[0],
      connections: this.edge.connections(),
      ...this.edge.readiness(),
      symbols: this.#symbols(),
    };
  }

  #symbols(): object[] {
    const { symbols, ladder, positions } = this.core;
    const list: object[] = [];
    for (let symbol = 0; symbol < symbols.count; symbol++) {
      if (!symbols.exists(symbol)) continue;
      list.push({
        symbol: symbolName(symbol),
        state: stateName(symbols.state(symbol)),
        best_bid: ladder.best(symbol << 1) || null,
        best_ask: ladder.best((symbol << 1) | 1) || null,
        last_price: symbols.ints[symbol * SYMBOL_INTS + S_LAST_PRICE] || null,
        shares_total: positions.totals[symbol],
      });
    }
    return list;
  }
}
