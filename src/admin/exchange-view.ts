/** What the admin API sees of the exchange: the core, as of a durable tick, and its edge. */
import { Side } from "../core/command.ts";
import type { Core } from "../core/create.ts";
import { hashText } from "../core/state-hash.ts";
import { HttpError } from "../gateway/http/responses.ts";
import { NOT_OF_FORM, symbolName } from "../protocol/names.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import type { ControlPort } from "../router/control.ts";
import type { Queries, QueryName } from "../trading/queries.ts";
import type { SymbolNames } from "../trading/symbol-names.ts";
import { stateName } from "./state-name.ts";
import type { AdminView } from "./view.ts";

const OPERATOR_ACCOUNT = 0;

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
    private readonly symbols: SymbolNames,
    private readonly edge: EdgeView,
    private readonly queries: Pick<Queries, "answerOperator">,
  ) {}

  nextAccount(): number {
    return this.core.view.nextAccount();
  }

  symbolNumber(name: string): number {
    const symbol = this.symbols.find(name);
    return symbol === NOT_OF_FORM ? -1 : symbol;
  }

  accountExists(account: number): boolean {
    return this.core.view.isAccount(account);
  }

  async ask<M extends QueryName>(
    method: M,
    params: Params<M>,
    account = OPERATOR_ACCOUNT,
  ): Promise<Result<M>> {
    const answer = () => this.queries.answerOperator(method, account, params);
    const outcome = await this.control.read(answer);
    if ("error" in outcome) throw new HttpError(outcome.error);
    return outcome.result;
  }

  state(): Promise<object> {
    return this.control.read(() => this.#read());
  }

  #read(): object {
    const { view } = this.core;
    return {
      tick: view.tick(),
      seq: view.sequence(),
      state_hash: hashText(this.core.stateHash()),
      trades: view.trades(),
      accounts: view.nextAccount() - 1,
      open_orders: view.openOrderCount(),
      cash_total: view.cashTotal(),
      connections: this.edge.connections(),
      ...this.edge.readiness(),
      symbols: view.listedSymbols().map((symbol) => ({
        symbol: symbolName(symbol),
        state: stateName(view.symbolState(symbol)),
        best_bid: view.bestPrice(symbol, Side.BUY) || null,
        best_ask: view.bestPrice(symbol, Side.SELL) || null,
        last_price: view.lastTrade(symbol)?.price ?? null,
        shares_total: view.sharesTotal(symbol),
      })),
    };
  }
}
