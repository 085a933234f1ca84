/** What the admin API sees of the exchange: the core, as of a durable tick, and its edge. */
import { Side } from "../core/command.ts";
import type { Core } from "../core/create.ts";
import { hashText } from "../core/state-hash.ts";
import type { AccountSettings, SymbolBand, SymbolRules } from "../core/view.ts";
import type { Readiness } from "../gateway/health.ts";
import { HttpError } from "../gateway/http/responses.ts";
import { NOT_OF_FORM, symbolName } from "../protocol/names.ts";
import type { StateReply } from "../protocol/schemas/admin-replies.ts";
import { stateName } from "../protocol/schemas/market-data.ts";
import type { Params, Result } from "../protocol/schemas.ts";
import type { ControlPort } from "../router/control.ts";
import type { Queries, QueryName } from "../trading/queries.ts";
import type { SymbolNames } from "../trading/symbol-names.ts";
import type { AdminView, StateParts } from "./view.ts";

const OPERATOR_ACCOUNT = 0;

/** The part of the state that the edge knows. */
export interface EdgeView {
  /** Open connections by endpoint. */
  connections(): Record<string, number>;
  /** Status of the exchange and of each component. */
  readiness(): Readiness;
}

const WHOLE: StateParts = { symbols: true, hash: true };

export class ExchangeView implements AdminView {
  /** The last hash. Computing it takes milliseconds, and it changes only with a command. */
  #hash = { sequence: -1, text: "" };

  constructor(
    private readonly core: Core,
    private readonly control: ControlPort,
    private readonly symbols: SymbolNames,
    private readonly edge: EdgeView,
    private readonly queries: Pick<Queries, "answerOperator" | "orderOfAnybody">,
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

  settingsOf(account: number): AccountSettings {
    return this.core.view.settingsOf(account);
  }

  feesOf(account: number): { makerBps: number; takerBps: number } {
    return this.core.view.feesOf(account);
  }

  symbolRules(symbol: number): SymbolRules {
    return this.core.view.symbolRules(symbol);
  }

  bandWith(symbol: number, bps: number, windowMs: number, reference: number): SymbolBand | null {
    return this.core.view.bandWith(symbol, bps, windowMs, reference);
  }

  sharesTotal(symbol: number): number {
    return this.core.view.sharesTotal(symbol);
  }

  order(number: number): ReturnType<AdminView["order"]> {
    return this.control.read(() => this.queries.orderOfAnybody(number));
  }

  state(parts = WHOLE): Promise<StateReply> {
    return this.control.read(() => this.#read(parts));
  }

  #read({ symbols, hash }: StateParts): StateReply {
    const { view } = this.core;
    const listed = view.listedSymbols();
    return {
      tick: view.tick(),
      seq: view.sequence(),
      ...(hash && { state_hash: this.#hashText() }),
      trades: view.trades(),
      accounts: view.nextAccount() - 1,
      open_orders: view.openOrderCount(),
      cash_total: view.cashTotal(),
      connections: this.edge.connections(),
      ...this.edge.readiness(),
      symbol_states: counts(listed.map((symbol) => stateName(view.symbolState(symbol)))),
      ...(symbols && { symbols: listed.map((symbol) => this.#symbol(symbol)) }),
    };
  }

  #symbol(symbol: number): NonNullable<StateReply["symbols"]>[number] {
    const { view } = this.core;
    return {
      symbol: symbolName(symbol),
      state: stateName(view.symbolState(symbol)),
      best_bid: view.bestPrice(symbol, Side.BUY) || null,
      best_ask: view.bestPrice(symbol, Side.SELL) || null,
      last_price: view.lastTrade(symbol)?.price ?? null,
      shares_total: view.sharesTotal(symbol),
    };
  }

  #hashText(): string {
    const sequence = this.core.view.sequence();
    if (this.#hash.sequence !== sequence) {
      this.#hash = { sequence, text: hashText(this.core.stateHash()) };
    }
    return this.#hash.text;
  }
}

function counts(words: readonly string[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const word of words) counted[word] = (counted[word] ?? 0) + 1;
  return counted;
}
