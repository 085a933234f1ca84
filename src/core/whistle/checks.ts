/** The checks of an order, in the order of the wire contract. Each gives 0 or, unless it says otherwise, a `Reject`. */
import {
  AccountFlag,
  C_AMOUNT_F64,
  C_HEAD,
  C_OPTIONS,
  C_PRICE,
  C_QUANTITY,
  C_STOP_PRICE,
  OrderFlag,
  OrderType,
  PRICE_MAX,
  SelfTrade,
  Side,
  SymbolState,
  TimeInForce,
} from "../command.ts";
import type { Emit } from "../emit.ts";
import { A_FEES, A_OPEN_ORDERS, ACCOUNT_INTS } from "../ledger/accounts.ts";
import { reservation } from "../ledger/fees.ts";
import { P_OPEN_ORDERS, POSITION_INTS } from "../ledger/positions.ts";
import { CLOCK_TIMESTAMP, type CoreParts, MARKET_FEES, triggerBook } from "../parts.ts";
import { CapacityLimit, InvalidField, Reject } from "../reject.ts";
import {
  S_BAND_BPS,
  S_HIGH,
  S_INCREMENT,
  S_LOW,
  S_NOTIONAL_MAX_F64,
  S_OPEN_ORDERS_MAX,
  S_QUANTITY_MAX,
  S_REFERENCE,
  S_STATE,
  SYMBOL_DOUBLES,
  SYMBOL_INTS,
} from "../symbols.ts";
import { reaches } from "./ladder.ts";
import type { LookAhead } from "./look-ahead.ts";
import type { Matching } from "./matching.ts";

export type Checks = ReturnType<typeof createChecks>;

const ANY_COST = Number.POSITIVE_INFINITY;

/** Without a band, a stop order to buy pays at most so many times its stop price. */
const STOP_CAP_FACTOR = 2;

export const isStop = (type: number): boolean =>
  type === OrderType.STOP || type === OrderType.STOP_LIMIT;

/** Whether a limit order with this time in force may rest. */
export const mayRest = (timeInForce: number): boolean =>
  timeInForce === TimeInForce.GTC || timeInForce === TimeInForce.GTD;

/** Whether orders gather in the book without matching in this state of a symbol. */
const isGathering = (state: number): boolean =>
  state === SymbolState.PRE_OPEN || state === SymbolState.AUCTION;

export function createChecks(
  parts: CoreParts,
  matching: Matching,
  lookAhead: LookAhead,
  emit: Emit,
) {
  const { arena, ladder, accounts, positions, symbols, market, clock, rules, shares } = parts;
  const S = symbols.ints;
  const SD = symbols.doubles;
  const A = accounts.ints;

  /** Whether all words are in range. The gateway sends no others, but a journal from elsewhere might hold some. */
  function isWellFormed(
    side: number,
    type: number,
    timeInForce: number,
    mode: number,
    flags: number,
  ): boolean {
    if (side > Side.SELL || type > OrderType.STOP_LIMIT || timeInForce > TimeInForce.GTD) {
      return false;
    }
    return mode <= SelfTrade.NONE && flags <= OrderFlag.POST_ONLY && flags >= 0;
  }

  /** Checks the words of the PLACE at `c`, from version 1 of the rules on: 0 or the `InvalidField`. */
  function checkShape(C: Int32Array, D: Float64Array, c: number): number {
    const head = C[c + C_HEAD];
    const type = (head >> 16) & 255;
    const timeInForce = (head >> 24) & 255;
    const options = C[c + C_OPTIONS];
    if (!isWellFormed((head >> 8) & 255, type, timeInForce, options & 255, options >> 8)) {
      return InvalidField.ORDER;
    }
    const hasPrice = type === OrderType.LIMIT || type === OrderType.STOP_LIMIT;
    if (C[c + C_QUANTITY] <= 0 || (hasPrice && C[c + C_PRICE] <= 0)) return InvalidField.ORDER;
    if (isStop(type) && C[c + C_STOP_PRICE] <= 0) return InvalidField.ORDER;
    const isPast =
      timeInForce === TimeInForce.GTD && !(D[(c >> 1) + C_AMOUNT_F64] > clock[CLOCK_TIMESTAMP]);
    return isPast ? InvalidField.EXPIRE_AT : 0;
  }

  /**
   * Whether a symbol that is not trading takes such an order. It does only while orders gather, and only an order that
   * can rest or wait.
   */
  function takesWhileGathering(symbol: number, type: number, timeInForce: number): boolean {
    if (!isGathering(S[symbol * SYMBOL_INTS + S_STATE])) return false;
    return isStop(type) || (type === OrderType.LIMIT && mayRest(timeInForce));
  }

  /**
   * Checks increment and band. A price of 0 stands for none. `isBanded`: the price must be in the band now; that of a
   * stop must be when it triggers.
   */
  function checkPrice(symbol: number, price: number, stopPrice: number, isBanded: boolean): number {
    const s = symbol * SYMBOL_INTS;
    const increment = S[s + S_INCREMENT];
    if (price % increment !== 0 || stopPrice % increment !== 0) {
      emit.because(increment, 0);
      return Reject.OFF_INCREMENT;
    }
    if (!isBanded || !isOutsideBand(symbol, price)) return 0;
    // Prices that an order may have: multiples of the increment.
    const low = Math.ceil(S[s + S_LOW] / increment) * increment;
    const high = Math.floor(S[s + S_HIGH] / increment) * increment;
    emit.because(low, high);
    return Reject.OUTSIDE_BAND;
  }

  function isOutsideBand(symbol: number, price: number): boolean {
    const s = symbol * SYMBOL_INTS;
    return price < S[s + S_LOW] || price > S[s + S_HIGH];
  }

  /**
   * Checks the limits of a symbol: largest quantity, largest notional, open orders of the account. 0 or the
   * `CapacityLimit`. `price`: the limit, or what is used in its place: the stop price of a STOP, the reference price
   * for a market order (0 = unknown).
   */
  function checkLimits(
    account: number,
    symbol: number,
    price: number,
    quantity: number,
    rests: boolean,
  ): number {
    const s = symbol * SYMBOL_INTS;
    const quantityMax = S[s + S_QUANTITY_MAX];
    if (quantityMax !== 0 && quantity > quantityMax) return CapacityLimit.ORDER_QUANTITY;
    const notionalMax = SD[symbol * SYMBOL_DOUBLES + S_NOTIONAL_MAX_F64];
    if (notionalMax !== 0 && price * quantity > notionalMax) return CapacityLimit.ORDER_NOTIONAL;
    const ordersMax = S[s + S_OPEN_ORDERS_MAX];
    if (ordersMax === 0 || !rests) return 0;
    const position = positions.find(account, symbol);
    const open = positions.ints[position * POSITION_INTS + P_OPEN_ORDERS];
    return open < ordersMax ? 0 : CapacityLimit.ACCOUNT_ORDERS;
  }

  /** Checks the room for the order, its position and its level: 0 or the `CapacityLimit`. */
  function checkRoom(account: number, book: number, price: number, rests: boolean): number {
    if (!arena.hasRoom()) return CapacityLimit.ORDERS;
    if (rests && rules.isAtLeast1()) {
      const share = checkShare(account);
      if (share !== 0) return share;
    }
    const lack = positions.lack(account, book >> 1);
    return lack !== 0 || !rests ? lack : ladder.lack(book, price, account);
  }

  /** Checks the account's share of the open orders, and the reserve for accounts with few: 0 or the `CapacityLimit`. */
  function checkShare(account: number): number {
    const open = A[account * ACCOUNT_INTS + A_OPEN_ORDERS];
    if (open >= shares.orders(account)) return CapacityLimit.ALL_ACCOUNT_ORDERS;
    const isReserve = arena.openCount() >= rules.sharedOrders;
    return isReserve && open >= rules.fewOrders ? CapacityLimit.ORDERS : 0;
  }

  /** Checks the room for a stop in its trigger book: 0 or the `CapacityLimit`. */
  function checkStopRoom(account: number, book: number, stopPrice: number): number {
    const share = rules.isAtLeast1() ? checkShare(account) : 0;
    if (share !== 0 && arena.hasRoom()) return share;
    const lack = checkRoom(account, book, 0, false);
    if (lack !== 0) return lack;
    return ladder.lack(triggerBook(symbols.count, book), stopPrice, account);
  }

  /**
   * Checks whether the account can pay for the order or deliver it. `held`: cents or shares that an amended order has
   * reserved already, which count as available. `carry`: the order's FEE_CARRY.
   */
  function checkFunds(
    book: number,
    price: number,
    quantity: number,
    account: number,
    fees: number,
    held: number,
    carry: number,
  ): number {
    if ((book & 1) === Side.BUY) {
      const cost = reservation(price, quantity, fees, carry);
      const cash = accounts.available(account) + held;
      return cost > cash ? lacks(Reject.INSUFFICIENT_FUNDS, cost, cash) : 0;
    }
    const shares = positions.available(positions.find(account, book >> 1)) + held;
    if (shares >= quantity || (accounts.flags(account) & AccountFlag.MAY_SHORT) !== 0) return 0;
    return lacks(Reject.INSUFFICIENT_SHARES, quantity, shares);
  }

  function lacks(code: number, needed: number, available: number): number {
    emit.because(Math.min(needed, Number.MAX_SAFE_INTEGER), available);
    return code;
  }

  /** `checkFunds` for a market order. To buy costs what the order would take from the book now. */
  function checkMarketFunds(
    book: number,
    limit: number,
    quantity: number,
    account: number,
    mode: number,
    fees: number,
  ): number {
    if ((book & 1) === Side.SELL) return checkFunds(book, 0, quantity, account, fees, 0, 0);
    const available = accounts.available(account);
    const cost = rules.isAtLeast1()
      ? lookAhead.costOf(book, limit, quantity, account, mode, fees, available)
      : matching.scan(book, limit, quantity, account, mode, fees, ANY_COST)[1];
    if (cost < 0) return Reject.CAPACITY;
    return cost > available ? lacks(Reject.INSUFFICIENT_FUNDS, cost, available) : 0;
  }

  /** Checks post-only, fill-or-kill, liquidity and self-trade of an order that is about to match. */
  function checkMatch(
    book: number,
    limit: number,
    quantity: number,
    account: number,
    isMarket: boolean,
    timeInForce: number,
    postOnly: boolean,
    mode: number,
  ): number {
    const crosses = reaches(book & 1, ladder.best(book ^ 1), limit);
    if (postOnly && crosses) return Reject.POST_ONLY_WOULD_CROSS;
    if (timeInForce === TimeInForce.FOK) {
      const fillFault = checkFill(book, limit, quantity, account, mode);
      if (fillFault !== 0) return fillFault;
    }
    if (!crosses) return isMarket ? Reject.NO_LIQUIDITY : 0;
    if (isMarket && mode === SelfTrade.CANCEL_OLDEST) {
      // The order needs one share of another user: with that it is not refused.
      const fillFault = checkFill(book, limit, 1, account, mode);
      if (fillFault !== 0) return fillFault === Reject.CAPACITY ? fillFault : Reject.NO_LIQUIDITY;
    }
    if (mode !== SelfTrade.CANCEL_NEWEST) return 0;
    return matching.meetsOwn(book, limit, account) ? Reject.SELF_TRADE : 0;
  }

  /** 0 if the order would fill `quantity`, FILL_OR_KILL if not, CAPACITY if too many orders must be looked at. */
  function checkFill(
    book: number,
    limit: number,
    quantity: number,
    account: number,
    mode: number,
  ): number {
    if (rules.isAtLeast1()) return lookAhead.checkFill(book, limit, quantity, account, mode);
    const filled = matching.scan(book, limit, quantity, account, mode, 0, ANY_COST)[0];
    return filled < quantity ? Reject.FILL_OR_KILL : 0;
  }

  /** The price with which limits are checked. 0 = unknown, for a market order before the first trade. */
  function worthOf(symbol: number, type: number, price: number, stopPrice: number): number {
    if (type === OrderType.MARKET) return S[symbol * SYMBOL_INTS + S_REFERENCE];
    return type === OrderType.STOP ? stopPrice : price;
  }

  /** The worst price at which an order without a limit, MARKET or STOP, may trade. */
  function cap(book: number, type: number, stopPrice: number): number {
    const symbol = book >> 1;
    const side = book & 1;
    return type === OrderType.MARKET ? marketLimit(symbol, side) : stopCap(symbol, side, stopPrice);
  }

  /** The worst price at which a market order may trade: the edge of the band. */
  function marketLimit(symbol: number, side: number): number {
    return S[symbol * SYMBOL_INTS + (side === Side.BUY ? S_HIGH : S_LOW)];
  }

  /**
   * The price up to which a STOP will buy, and for which it reserves cash: the top of the band, or twice its stop price
   * when there is no band. A STOP to sell takes any price.
   */
  function stopCap(symbol: number, side: number, stopPrice: number): number {
    if (side === Side.SELL) return 1;
    const s = symbol * SYMBOL_INTS;
    if (S[s + S_BAND_BPS] !== 0 && S[s + S_REFERENCE] !== 0) {
      return rules.isAtLeast1() ? S[s + S_HIGH] : Math.max(S[s + S_HIGH], stopPrice);
    }
    return Math.min(PRICE_MAX, stopPrice * STOP_CAP_FACTOR);
  }

  /** The fees of an order that the account places now, as `packFees` packs them. */
  function feesOf(account: number): number {
    return (accounts.flags(account) & AccountFlag.OWN_FEES) !== 0
      ? A[account * ACCOUNT_INTS + A_FEES]
      : market[MARKET_FEES];
  }

  return {
    checkShape,
    isWellFormed,
    takesWhileGathering,
    checkPrice,
    isOutsideBand,
    checkLimits,
    checkRoom,
    checkStopRoom,
    checkFunds,
    checkMarketFunds,
    checkMatch,
    checkFill,
    marketLimit,
    worthOf,
    cap,
    feesOf,
  };
}
