/**
 * The table of queries: for each method the access that it needs, what it reads, and the function that answers it. WebSockets,
 * REST and operators all use it.
 */
import { methods, type Params, type Result } from "../protocol/schemas.ts";
import { weightOf, weightOfTold } from "../protocol/weight.ts";
import { accountEquity } from "./account-equity.ts";
import { accountTrades, balances, positions } from "./account-queries.ts";
import type { Access, Caller } from "./caller.ts";
import type { DurableReads, ReadNeeds, Source } from "./durable-reads.ts";
import {
  bookSnapshot,
  getSymbol,
  getTicker,
  listCandles,
  listSymbols,
  listTickers,
  recentTrades,
} from "./market-queries.ts";
import { openOrders, orderHistory, orderOfAnybody, orderStatus } from "./order-queries.ts";
import type { Outcome } from "./outcome.ts";
import type { QueryParts } from "./query-parts.ts";

interface Query<C extends Caller, P, R> extends ReadNeeds {
  read(parts: QueryParts, caller: C, params: P): Outcome<R>;
}

function query<C extends Caller, P, R>(
  access: Access,
  source: Source,
  read: (parts: QueryParts, caller: C, params: P) => Outcome<R>,
): Query<C, P, R> {
  return { access, source, read };
}

const QUERIES = {
  "account.balances": query("login", "core", balances),
  "account.positions": query("login", "core", positions),
  "account.trades": query("login", "records", accountTrades),
  "account.equity": query("login", "records", accountEquity),
  "order.status": query("login", "core", orderStatus),
  "orders.open": query("login", "core", openOrders),
  "orders.history": query("login", "records", orderHistory),
  "symbols.list": query("market_data", "core", listSymbols),
  "symbols.get": query("market_data", "core", getSymbol),
  "tickers.list": query("market_data", "core", listTickers),
  "tickers.get": query("market_data", "core", getTicker),
  "book.snapshot": query("market_data", "core", bookSnapshot),
  "trades.recent": query("market_data", "records", recentTrades),
  "candles.list": query("market_data", "records", listCandles),
} as const;

export type QueryName = keyof typeof QUERIES;

/** The same table, with `Caller` for all: the compiler cannot know that a caller who passed the access check has a login. */
type Table = { readonly [M in QueryName]: Query<Caller, Params<M>, Result<M>> };
const TABLE = QUERIES as unknown as Table;

export function isQueryName(method: string): method is QueryName {
  return Object.hasOwn(QUERIES, method);
}

/** Whether a method is a query whose answer is the same for all callers. */
export function isPublicQuery(method: string): boolean {
  return isQueryName(method) && TABLE[method].access === "market_data";
}

export class Queries {
  readonly #parts: QueryParts;
  readonly #reads: DurableReads;
  readonly #operator: Caller;

  /** `operator`: the caller that stands for operators; his limits are not charged. */
  constructor(parts: QueryParts, reads: DurableReads, operator: Caller) {
    this.#parts = parts;
    this.#operator = operator;
    this.#reads = reads;
  }

  /** Answers a query whose params were checked; `onAnswer` is called as `DurableReads.run` says. */
  ask<M extends QueryName>(
    method: M,
    caller: Caller,
    params: Params<M>,
    onAnswer: (outcome: Outcome<Result<M>>) => void,
  ): void {
    const entry: Table[M] = TABLE[method];
    const { cost } = methods[method];
    const read = (): Outcome<Result<M>> => {
      const outcome = entry.read(this.#parts, caller, params);
      const told = "result" in outcome ? weightOfTold(cost, outcome.told ?? 0) : 0;
      if (told > 0) this.#reads.owe(caller, told);
      return outcome;
    };
    this.#reads.run(
      caller,
      entry,
      weightOf(cost, params, this.#parts.players.size),
      read,
      onAnswer,
    );
  }

  /**
   * Answers a query of an operator, who sees every account and pays nothing, as `account` would be answered. Call it between
   * ticks, when everything that was applied is durable.
   */
  answerOperator<M extends QueryName>(
    method: M,
    account: number,
    params: Params<M>,
  ): Outcome<Result<M>> {
    const entry: Table[M] = TABLE[method];
    return entry.read(this.#parts, { ...this.#operator, account }, params);
  }

  /** An open or done order with its account, for operators; null when there is none, or no longer. Call it between ticks. */
  orderOfAnybody(number: number): ReturnType<typeof orderOfAnybody> {
    return orderOfAnybody(this.#parts, number);
  }

  /** `time`: needs no login and does not wait for a tick. */
  time(): Result<"time"> {
    return { timestamp: this.#parts.now() };
  }
}
