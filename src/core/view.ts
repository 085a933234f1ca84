/**
 * What other rooms may see of the core. It is read-only, and its answers are copies. It shows the present state. To
 * show clients only durable state, ask between two ticks.
 */
import { CLIENT_ID_ENTRIES, RECENT_CLIENT_IDS_MAX } from "./client-ids.ts";
import {
  AccountFlag,
  C_TEXT_BYTES,
  C_TEXT_INTS,
  ORDER_SLOT_COUNT,
  orderGeneration,
  orderNumber,
  orderSlot,
} from "./command.ts";
import {
  isPostOnly,
  type OrderFields,
  OrderStatus,
  PENDING,
  shownPrice,
  typeOfFlags,
} from "./event.ts";
import { hasStopPrice } from "./event-layout.ts";
import {
  A_CLIENT_IDS_MAX,
  A_FEES,
  A_FIRST_ORDER,
  A_ORDERS_MAX,
  A_PAGES_MAX,
  A_POSITIONS_MAX,
  ACCOUNT_INTS,
  ACCOUNTS_MAX,
} from "./ledger/accounts.ts";
import { makerBps, takerBps } from "./ledger/fees.ts";
import { orderCursor, rankOfCursor, slotOfCursor } from "./order-cursor.ts";
import {
  CLOCK_QUEUED,
  CLOCK_SEQUENCE,
  CLOCK_TICK,
  CLOCK_TIMESTAMP,
  CLOCK_TRADES,
  type CoreParts,
  MARKET_FEES,
} from "./parts.ts";
import { PAGES_MAX, POSITIONS_MAX } from "./rules-state.ts";
import {
  bandHigh,
  bandLow,
  S_AUCTION_MS,
  S_BAND_BPS,
  S_BAND_MS,
  S_BAND_REFERENCE,
  S_DUE_F64,
  S_INCREMENT,
  S_LAST_PRICE,
  S_LAST_QUANTITY,
  S_LAST_TIMESTAMP_F64,
  S_MOVE_BPS,
  S_NOTIONAL_MAX_F64,
  S_OPEN_ORDERS_MAX,
  S_PAUSE_MS,
  S_QUANTITY_MAX,
  S_REFERENCE,
  S_WINDOW_MS,
  SYMBOL_DOUBLES,
  SYMBOL_INTS,
} from "./symbols.ts";
import {
  O_ACCOUNT,
  O_ACCOUNT_NEXT,
  O_BOOK,
  O_CLIENT_ID,
  O_CREATED_AT_F64,
  O_EXPIRE_AT_F64,
  O_GENERATION,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_PRICE,
  O_QUANTITY,
  O_RANK_F64,
  O_REMAINING,
  O_STOP_PRICE,
  O_TICK_F64,
  O_TIMESTAMP_F64,
  ORDER_SHIFT,
} from "./whistle/order-arena.ts";

export interface LastTrade {
  /** Cents. */
  price: number;
  quantity: number;
  /** Milliseconds since 1970. */
  timestamp: number;
}

/** The rules that symbols are listed with, and the fees of accounts without their own. */
export interface MarketRules extends SymbolRules {
  orderNotionalMax: number;
  openOrdersMax: number;
  volatilityMoveBps: number;
  volatilityWindowMs: number;
  volatilityPauseMs: number;
  volatilityAuctionMs: number;
  makerFeeBps: number;
  takerFeeBps: number;
}

export interface AccountSettings {
  mayShort: boolean;
  hasOwnFees: boolean;
  shares: Shares;
}

/** What SET_SYMBOL_RULES sets of a symbol, except its increment. */
export interface SymbolRules {
  orderQuantityMax: number;
  priceBandBps: number;
  /** Milliseconds for which the band's reference price stands still; 0 = the last trade is the reference. */
  priceBandWindowMs: number;
}

/** A price band of a symbol: one that the symbol has, or would have. */
export interface SymbolBand {
  /** The width in basis points, and the reference price that they are of. */
  bps: number;
  reference: number;
  /** The lowest and the highest price. */
  low: number;
  high: number;
  /** The symbol's price increment. */
  increment: number;
  /** Whether any price between them is a multiple of the increment: otherwise no order can be placed. */
  hasPrices: boolean;
}

export interface Holding {
  symbol: number;
  /** Shares. */
  available: number;
  reserved: number;
}

/** Entries of a table in use, and the most there can be. */
export interface TableUse {
  used: number;
  limit: number;
}

/** What an account may hold of the tables that all accounts share. */
export interface Shares {
  openOrders: number;
  ladderPages: number;
  positions: number;
  clientOrderIds: number;
}

/** The tables that all accounts share. Of `client_order_ids` only the ids of done orders are limited. */
export type TableName =
  | "orders"
  | "ladder_pages"
  | "positions"
  | "accounts"
  | "symbols"
  | "client_order_ids";

/** Orders that a walk skips, at most, on the way to the place where it goes on. */
const SKIPPED_MAX = 10_000;

export type CoreView = ReturnType<typeof createView>;

export function createView(parts: CoreParts) {
  const { arena, ladder, accounts, positions, symbols, clientIds, clock, market, rules } = parts;
  const { ints: O, doubles: OD } = arena;
  const { ints: S, doubles: SD } = symbols;
  const words = new Int32Array(C_TEXT_INTS);
  const bytes = new Uint8Array(words.buffer);

  const rankOf = (slot: number): number => OD[(slot << (ORDER_SHIFT - 1)) + O_RANK_F64];

  /** The slot of the order at which a walk begins. The walk gives only orders with a rank below `belowRank`. */
  function startOfWalk(account: number, cursor: number): { slot: number; belowRank: number } {
    const first = accounts.ints[account * ACCOUNT_INTS + A_FIRST_ORDER];
    if (cursor === 0) return { slot: first, belowRank: Infinity };
    const slot = slotOfCursor(cursor);
    const o = slot << ORDER_SHIFT;
    const isOpen = slot !== 0 && O[o + O_BOOK] >= 0 && O[o + O_ACCOUNT] === account;
    if (isOpen) return { slot, belowRank: rankOfCursor(cursor, rankOf(slot) + 1) };
    return { slot: first, belowRank: rankOfCursor(cursor, clock[CLOCK_QUEUED] + 1) };
  }

  function readOpen(target: OrderFields, slot: number): void {
    const o = slot << ORDER_SHIFT;
    const flags = O[o + O_ORDER_FLAGS];
    const type = typeOfFlags(flags);
    target.orderNumber = orderNumber(slot, O[o + O_GENERATION]);
    target.clientOrderId = clientIds.text(O[o + O_CLIENT_ID]);
    target.symbol = O[o + O_BOOK] >> 1;
    target.side = O[o + O_BOOK] & 1;
    target.type = type;
    target.timeInForce = (flags >> 4) & 15;
    target.postOnly = isPostOnly(flags);
    target.price = shownPrice(type, O[o + O_PRICE]);
    target.stopPrice = hasStopPrice(flags) ? O[o + O_STOP_PRICE] : 0;
    target.expireAt = OD[(o >> 1) + O_EXPIRE_AT_F64];
    target.quantity = O[o + O_QUANTITY];
    target.filled = O[o + O_QUANTITY] - O[o + O_REMAINING];
    target.notional = OD[(o >> 1) + O_NOTIONAL_F64];
    target.status = openStatus(flags, target.filled);
    target.reason = 0;
    target.createdAt = OD[(o >> 1) + O_CREATED_AT_F64];
    target.timestamp = OD[(o >> 1) + O_TIMESTAMP_F64];
    target.tick = OD[(o >> 1) + O_TICK_F64];
    target.duplicate = false;
  }

  /** Writes price and total of one side's levels to `out`, best first. Returns how many, `levelsMax` at most. */
  function depth(symbol: number, side: number, out: Float64Array, levelsMax: number): number {
    return ladder.depth((symbol << 1) | side, out, levelsMax);
  }

  /** The numbers of all listed symbols, ascending. There may be gaps between them. */
  function listedSymbols(): number[] {
    const listed: number[] = [];
    for (let symbol = 0; symbol < symbols.top(); symbol++) {
      if (symbols.exists(symbol)) listed.push(symbol);
    }
    return listed;
  }

  function symbolRules(symbol: number): SymbolRules {
    const s = symbol * SYMBOL_INTS;
    return {
      orderQuantityMax: S[s + S_QUANTITY_MAX],
      priceBandBps: S[s + S_BAND_BPS],
      priceBandWindowMs: S[s + S_BAND_MS],
    };
  }

  /**
   * The band that SET_SYMBOL_RULES would give the symbol; null = none, or one that begins with the symbol's first
   * trade. `reference`: 0 = the present one stays.
   */
  function bandWith(
    symbol: number,
    bps: number,
    windowMs: number,
    reference: number,
  ): SymbolBand | null {
    const s = symbol * SYMBOL_INTS;
    const stands = windowMs !== 0 && S[s + S_BAND_MS] !== 0;
    const around = reference || S[s + (stands ? S_BAND_REFERENCE : S_REFERENCE)];
    if (bps === 0 || around === 0) return null;
    const low = bandLow(around, bps);
    const high = bandHigh(around, bps);
    const increment = S[s + S_INCREMENT];
    const hasPrices = high - (high % increment) >= low;
    return { bps, reference: around, low, high, increment, hasPrices };
  }

  return {
    /** Numbers of the last tick, command and trade, and the time of the last command in milliseconds since 1970. */
    tick: (): number => clock[CLOCK_TICK],
    sequence: (): number => clock[CLOCK_SEQUENCE],
    trades: (): number => clock[CLOCK_TRADES],
    timestamp: (): number => clock[CLOCK_TIMESTAMP],

    /** The version of the rules that the core follows (`rules.ts`). */
    rulesVersion: (): number => rules.version(),

    /** How many symbols there can be; their numbers are below it. */
    symbolsMax: symbols.count,
    accountsMax: ACCOUNTS_MAX,
    positionsMax: POSITIONS_MAX,
    clientIdsMax: CLIENT_ID_ENTRIES,
    /** Numbers of listed symbols, of positions, and those that stand for client order ids are below these. */
    symbolsEnd: symbols.top,
    positionsEnd: positions.top,
    clientIdsEnd: clientIds.top,
    isListed: symbols.exists,
    listedSymbols,
    /** A `SymbolState`. */
    symbolState: symbols.state,
    /** Whether the symbol is in a pause or an auction that ends by itself. */
    isTimed: (symbol: number): boolean => SD[symbol * SYMBOL_DOUBLES + S_DUE_F64] !== 0,
    /** The text that the symbol was listed with: a player's id. */
    symbolText: symbols.text,
    priceIncrement: (symbol: number): number => S[symbol * SYMBOL_INTS + S_INCREMENT],
    symbolRules,
    bandWith,
    /** The band that a symbol has. */
    bandOf(symbol: number): SymbolBand | null {
      const { priceBandBps, priceBandWindowMs } = symbolRules(symbol);
      return bandWith(symbol, priceBandBps, priceBandWindowMs, 0);
    },
    /** Null when nothing has traded. */
    lastTrade(symbol: number): LastTrade | null {
      const price = S[symbol * SYMBOL_INTS + S_LAST_PRICE];
      if (price === 0) return null;
      return {
        price,
        quantity: S[symbol * SYMBOL_INTS + S_LAST_QUANTITY],
        timestamp: SD[symbol * SYMBOL_DOUBLES + S_LAST_TIMESTAMP_F64],
      };
    },
    /** Shares of the symbol that all accounts have together. */
    sharesTotal: (symbol: number): number => positions.totals[symbol],
    /** The best price of a side, 0 = none. */
    bestPrice: (symbol: number, side: number): number => ladder.best((symbol << 1) | side),
    depth,

    /** Accounts are numbered from 0 (the operator's) without gaps; this is the next one's number. */
    nextAccount: accounts.next,
    isAccount: accounts.exists,
    /** The number of the user who owns an account. */
    userOf: accounts.userOf,
    /** Cents. */
    cashAvailable: accounts.available,
    cashReserved: accounts.reserved,
    /** Cents that all accounts have together. */
    cashTotal: (): number => accounts.totals[0],
    /** The fees of orders that the account places now, basis points; negative = a rebate. */
    feesOf(account: number): { makerBps: number; takerBps: number } {
      const isOwn = (accounts.flags(account) & AccountFlag.OWN_FEES) !== 0;
      const fees = isOwn ? accounts.ints[account * ACCOUNT_INTS + A_FEES] : market[MARKET_FEES];
      return { makerBps: makerBps(fees), takerBps: takerBps(fees) };
    },
    /** The account's own settings. A share of 0 means that the share of all accounts holds. */
    settingsOf(account: number): AccountSettings {
      const flags = accounts.flags(account);
      const a = account * ACCOUNT_INTS;
      const { ints: A } = accounts;
      return {
        mayShort: (flags & AccountFlag.MAY_SHORT) !== 0,
        hasOwnFees: (flags & AccountFlag.OWN_FEES) !== 0,
        shares: {
          openOrders: A[a + A_ORDERS_MAX],
          ladderPages: A[a + A_PAGES_MAX],
          positions: A[a + A_POSITIONS_MAX],
          clientOrderIds: A[a + A_CLIENT_IDS_MAX],
        },
      };
    },
    /** What the account has, the newest position first. Symbols of which it has nothing are left out. */
    holdings(account: number): Holding[] {
      const list: Holding[] = [];
      for (let p = positions.first(account); p !== 0; p = positions.next(p)) {
        const available = positions.available(p);
        const reserved = positions.reserved(p);
        if (available === 0 && reserved === 0) continue;
        list.push({ symbol: positions.symbolOf(p), available, reserved });
      }
      return list;
    },

    /** Calls `visit` for every position that the account has ever had, newest first, with the shares in it. */
    walkPositions(
      account: number,
      visit: (position: number, symbol: number, shares: number) => void,
    ): void {
      for (let p = positions.first(account); p !== 0; p = positions.next(p)) {
        visit(p, positions.symbolOf(p), positions.available(p) + positions.reserved(p));
      }
    },

    openOrderCount: arena.openCount,
    /** How full the tables are that all accounts share. */
    tables: (): Record<TableName, TableUse> => ({
      orders: { used: arena.openCount(), limit: ORDER_SLOT_COUNT - 1 },
      ladder_pages: { used: ladder.pageCount(), limit: PAGES_MAX - 1 },
      positions: { used: positions.top() - 1, limit: POSITIONS_MAX - 1 },
      accounts: { used: accounts.next(), limit: ACCOUNTS_MAX },
      symbols: { used: listedSymbols().length, limit: symbols.count },
      client_order_ids: { used: clientIds.recent(), limit: RECENT_CLIENT_IDS_MAX },
    }),
    /** Whether the order of this number is open. */
    isOpen: (order: number): boolean => arena.isOpen(orderSlot(order), orderGeneration(order)),
    /** The account of an order that is open. */
    accountOfOpen: (order: number): number => O[(orderSlot(order) << ORDER_SHIFT) + O_ACCOUNT],
    /** Fills `target` with an order that is open. */
    readOpenOrder: (target: OrderFields, order: number): void => readOpen(target, orderSlot(order)),
    /**
     * Walks the account's open orders, from the one that was queued last. Fills `target` with each and calls `onOrder`,
     * until that returns false. Returns a cursor, with which a later walk goes on at the order where this one stopped;
     * 0 when all orders were given. `before`: 0, or the cursor of an earlier walk, even if its order has ended since.
     * An order that is queued again, by an amendment or its trigger, is among the first again. If the cursor's order
     * has ended, the orders before its place are skipped: `onSkipped` is called for each, and the walk stops after
     * `skippedMax` of them.
     */
    walkOpenOrders(
      account: number,
      before: number,
      target: OrderFields,
      onOrder: () => boolean,
      onSkipped?: () => void,
      skippedMax = SKIPPED_MAX,
    ): number {
      let { slot, belowRank } = startOfWalk(account, before);
      for (let skipped = 0; slot !== 0; slot = O[(slot << ORDER_SHIFT) + O_ACCOUNT_NEXT]) {
        const rank = rankOf(slot);
        if (rank >= belowRank) {
          if (skipped++ === skippedMax) return orderCursor(slot, belowRank);
          onSkipped?.();
          continue;
        }
        readOpen(target, slot);
        if (!onOrder()) return orderCursor(slot, rank + 1);
      }
      return 0;
    },
    /**
     * The order to which the account gave this client order id: its number, and the number that stands for the id
     * (`Events.clientId`). Null when the id is not remembered. `text`: ASCII.
     */
    findClientOrderId(account: number, text: string): { order: number; clientId: number } | null {
      if (text.length > C_TEXT_BYTES) return null;
      bytes.fill(0);
      for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
      const entry = clientIds.find(account, words, 0);
      return entry === 0 ? null : { order: clientIds.orderNumber(entry), clientId: entry };
    },

    /** What accounts without own shares may hold (SET_SHARES). */
    shares(): Shares {
      const [openOrders = 0, ladderPages = 0, positions = 0, clientOrderIds = 0] =
        rules.isAtLeast1() ? rules.shares : rules.firstShares;
      return { openOrders, ladderPages, positions, clientOrderIds };
    },
    marketRules(): MarketRules {
      const s = symbols.template * SYMBOL_INTS;
      return {
        ...symbolRules(symbols.template),
        orderNotionalMax: SD[symbols.template * SYMBOL_DOUBLES + S_NOTIONAL_MAX_F64],
        openOrdersMax: S[s + S_OPEN_ORDERS_MAX],
        volatilityMoveBps: S[s + S_MOVE_BPS],
        volatilityWindowMs: S[s + S_WINDOW_MS],
        volatilityPauseMs: S[s + S_PAUSE_MS],
        volatilityAuctionMs: S[s + S_AUCTION_MS],
        makerFeeBps: makerBps(market[MARKET_FEES]),
        takerFeeBps: takerBps(market[MARKET_FEES]),
      };
    },
  };
}

function openStatus(orderFlags: number, filled: number): number {
  if ((orderFlags & PENDING) !== 0) return OrderStatus.PENDING_TRIGGER;
  return filled === 0 ? OrderStatus.ACCEPTED : OrderStatus.PARTIALLY_FILLED;
}
