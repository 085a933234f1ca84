/**
 * The queries: for each method what it needs, what it looks at, and the function that answers it. They know nothing of
 * sockets: all ways in use the same ones.
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

/** The table for `ask`: the compiler cannot know that a caller who passed the access check has a login. */
type Table = { readonly [M in QueryName]: Query<Caller, Params<M>, Result<M>> };
const TABLE = QUERIES as unknown as Table;

export function isQueryName(method: string): method is QueryName {
  return Object.hasOwn(QUERIES, method);
}

/** Whether all callers are answered the same; false where it is no query. */
export function isPublicQuery(method: string): boolean {
  return isQueryName(method) && TABLE[method].access === "market_data";
}

export class Queries {
  readonly #parts: QueryParts;
  readonly #reads: DurableReads;
  readonly #operator: Caller;

  /** `operator`: whose limits nobody charges. */
  constructor(parts: QueryParts, reads: DurableReads, operator: Caller) {
    this.#parts = parts;
    this.#operator = operator;
    this.#reads = reads;
  }

  /** Answers a query whose params passed their schema, as `DurableReads.run` says. */
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
   * Answers an operator, who sees every account and pays nothing: what `account` would be told. To be called between
   * ticks, when all that was applied is durable.
   */
  answerOperator<M extends QueryName>(
    method: M,
    account: number,
    params: Params<M>,
  ): Outcome<Result<M>> {
    const entry: Table[M] = TABLE[method];
    return entry.read(this.#parts, { ...this.#operator, account }, params);
  }

  /**
   * An order, open or done, with its account; null when there is none, or no longer. For operators, to be called
   * between ticks.
   */
  orderOfAnybody(number: number): ReturnType<typeof orderOfAnybody> {
    return orderOfAnybody(this.#parts, number);
  }

  /** `time`: answered at once, to everybody. */
  time(): Result<"time"> {
    return { timestamp: this.#parts.now() };
  }
}
