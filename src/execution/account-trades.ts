/** The last fills, by account: what `account.trades` lists. Made from the events, so a replay makes it again. */
import { orderNumber } from "../core/command.ts";
import type { Core } from "../core/core.ts";
import {
  E_ACCOUNT,
  E_BOOK,
  E_GENERATION,
  E_HEAD,
  E_MAKER_ACCOUNT,
  E_MAKER_FEE_F64,
  E_MAKER_GENERATION,
  E_MAKER_SLOT,
  E_SLOT,
  E_TAKER_FEE_F64,
  E_TRADE_ID_F64,
  E_TRADE_PRICE,
  E_TRADE_QUANTITY,
  EventKind,
  eventInts,
} from "../core/event.ts";
import { type Store, store } from "../lib/store.ts";
import type { BatchInfo } from "../persistence/backend.ts";
import { AccountChain, readPage } from "./account-chain.ts";

/** Fills kept, of all accounts together. */
const FILLS_MAX = 1 << 20;
const FILL_DOUBLES = 10;

export interface AccountFill {
  order: number;
  book: number;
  price: number;
  quantity: number;
  tradeId: number;
  /** 0 maker, 1 taker. */
  liquidity: number;
  fee: number;
  timestamp: number;
  tick: number;
}

export class AccountTrades {
  readonly #core: Core;
  readonly #chain: AccountChain;
  readonly #fills: Float64Array;

  /** `fillsMax`: how many are kept, a power of two. */
  constructor(core: Core, fillsMax = FILLS_MAX) {
    this.#core = core;
    this.#chain = new AccountChain(fillsMax);
    this.#fills = new Float64Array(fillsMax * FILL_DOUBLES);
  }

  get stores(): Store[] {
    return [
      store("fills", this.#fills, () => this.#chain.kept * FILL_DOUBLES * 2),
      ...this.#chain.stores("fills", this.#core.accounts),
    ];
  }

  tick(info: BatchInfo): void {
    const { ints: E, doubles: D } = this.#core.events;
    const end = this.#core.events.end();
    for (let e = 0; e < end; e += eventInts(E[e])) {
      if ((E[e + E_HEAD] & 255) !== EventKind.TRADE) continue;
      const d = e >> 1;
      const book = E[e + E_BOOK];
      const maker = orderNumber(E[e + E_MAKER_SLOT], E[e + E_MAKER_GENERATION]);
      const taker = orderNumber(E[e + E_SLOT], E[e + E_GENERATION]);
      this.#add(e, E[e + E_MAKER_ACCOUNT], maker, book ^ 1, 0, D[d + E_MAKER_FEE_F64], info);
      this.#add(e, E[e + E_ACCOUNT], taker, book, 1, D[d + E_TAKER_FEE_F64], info);
    }
  }

  #add(
    e: number,
    account: number,
    order: number,
    book: number,
    liquidity: number,
    fee: number,
    { timestamp, tick }: BatchInfo,
  ): void {
    const { ints: E, doubles: D } = this.#core.events;
    const fills = this.#fills;
    const f = this.#chain.add(account) * FILL_DOUBLES;
    fills[f] = order;
    fills[f + 1] = book;
    fills[f + 2] = E[e + E_TRADE_PRICE];
    fills[f + 3] = E[e + E_TRADE_QUANTITY];
    fills[f + 4] = D[(e >> 1) + E_TRADE_ID_F64];
    fills[f + 5] = liquidity;
    fills[f + 6] = fee;
    fills[f + 7] = timestamp;
    fills[f + 8] = tick;
  }

  /** An account's fills, newest first, of one symbol or (-1) all; `before` 0 or the `next` of a page. */
  page(
    account: number,
    symbol: number,
    before: number,
    limit: number,
  ): { rows: AccountFill[]; next: number | null } {
    return readPage(this.#chain, account, before, limit, (place) => {
      const fill = this.#read(place);
      return symbol < 0 || fill.book >> 1 === symbol ? fill : null;
    });
  }

  #read(place: number): AccountFill {
    const row = this.#fills.subarray(place * FILL_DOUBLES, (place + 1) * FILL_DOUBLES);
    const [order, book, price, quantity, tradeId, liquidity, fee, timestamp, tick] = row;
    return { order, book, price, quantity, tradeId, liquidity, fee, timestamp, tick };
  }
}
