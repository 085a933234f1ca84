/** The last fills, by account, for `account.trades`. Made from the events, so a replay gives them again. */
import type { Events } from "../core/event.ts";
import type { TickOutput, TickStage } from "../core/tick-output.ts";
import type { CoreView } from "../core/view.ts";
import { type Store, store } from "../lib/store.ts";
import { AccountChain, ownPlaces, type PageOf, readPage } from "./account-chain.ts";

/** Fills kept, of all accounts together. */
const FILLS_MAX = 1 << 20;
const FILL_DOUBLES = 10;
/** Places of two of a fill's doubles. */
const BOOK = 1;
const ACCOUNT = 9;
const MAKER = 0;
const TAKER = 1;

export interface AccountFill {
  /** n of `ord_<n>`. */
  order: number;
  symbol: number;
  /** A `Side`. */
  side: number;
  /** Cents. */
  price: number;
  quantity: number;
  tradeId: number;
  /** 0 maker, 1 taker. */
  liquidity: number;
  /** Cents; negative = rebate. */
  fee: number;
  timestamp: number;
  tick: number;
}

export class Fills implements TickStage {
  readonly #chain: AccountChain;
  readonly #fills: Float64Array;
  readonly #fillsMax: number;

  /** `fillsMax`: how many are kept, a power of two. */
  constructor(view: CoreView, fillsMax = FILLS_MAX) {
    this.#chain = new AccountChain(view, fillsMax, {
      accountOf: (place) => this.#fills[place * FILL_DOUBLES + ACCOUNT],
      copy: (from, to) => {
        const f = from * FILL_DOUBLES;
        this.#fills.copyWithin(to * FILL_DOUBLES, f, f + FILL_DOUBLES);
      },
    });
    this.#fillsMax = fillsMax;
    this.#fills = new Float64Array((fillsMax + ownPlaces(view.accountsMax)) * FILL_DOUBLES);
  }

  get stores(): Store[] {
    return [
      store("fills", this.#fills, () => this.#chain.kept * FILL_DOUBLES * 2),
      store(
        "fills-own",
        this.#fills.subarray(this.#fillsMax * FILL_DOUBLES),
        () => this.#chain.ownUsed * FILL_DOUBLES * 2,
      ),
      ...this.#chain.stores("fills"),
    ];
  }

  /** The stores have been filled from a snapshot, or emptied. */
  restored(): void {
    this.#chain.restored((place, account) => {
      this.#fills[place * FILL_DOUBLES + ACCOUNT] = account;
    });
  }

  onTick(output: TickOutput): void {
    const { events, trades } = output;
    for (let i = 0; i < trades.count; i++) {
      const e = trades.at(i);
      this.#add(events, e, events.maker(e), MAKER, output);
      this.#add(events, e, events.order(e), TAKER, output);
    }
  }

  #add(
    events: Events,
    e: number,
    o: number,
    liquidity: number,
    { timestamp, tick }: TickOutput,
  ): void {
    const fills = this.#fills;
    const f = this.#chain.add(events.account(o)) * FILL_DOUBLES;
    fills[f] = events.orderNumber(o);
    fills[f + ACCOUNT] = events.account(o);
    fills[f + BOOK] = (events.symbol(o) << 1) | events.side(o);
    fills[f + 2] = events.tradePrice(e);
    fills[f + 3] = events.tradeQuantity(e);
    fills[f + 4] = events.tradeId(e);
    fills[f + 5] = liquidity;
    fills[f + 6] = events.fee(e, o);
    fills[f + 7] = timestamp;
    fills[f + 8] = tick;
  }

  /**
   * A page of an account's fills, newest first. `symbol`: only its fills; -1 = of all symbols. `before`: 0, or the
   * `next` of the page before.
   */
  page(account: number, symbol: number, before: number, limit: number): PageOf<AccountFill> {
    return readPage(this.#chain, { account, before, limit }, (place) => {
      const isListed = symbol < 0 || this.#fills[place * FILL_DOUBLES + BOOK] >> 1 === symbol;
      return isListed ? this.#read(place) : null;
    });
  }

  #read(place: number): AccountFill {
    const row = this.#fills.subarray(place * FILL_DOUBLES, (place + 1) * FILL_DOUBLES);
    const [order, book, price, quantity, tradeId, liquidity, fee, timestamp, tick] = row;
    const [symbol, side] = [book >> 1, book & 1];
    return { order, symbol, side, price, quantity, tradeId, liquidity, fee, timestamp, tick };
  }
}
