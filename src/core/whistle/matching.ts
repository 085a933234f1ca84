/**
 * Matching: an incoming order against the opposite side, best price first, oldest order first.
 */
import { SelfTrade } from "../command.ts";
import type { Emit } from "../emit.ts";
import { EndReason, EventFlag, OrderStatus, PENDING } from "../event.ts";
import { feeOf, reservation, takerBps } from "../ledger/fees.ts";
import { P_AVAILABLE_F64, P_RESERVED_F64, POSITION_DOUBLES } from "../ledger/positions.ts";
import { CLOCK_TICK, CLOCK_TIMESTAMP, type CoreParts } from "../parts.ts";
import {
  S_BAND_BPS,
  S_LAST_PRICE,
  S_LAST_QUANTITY,
  S_LAST_TIMESTAMP_F64,
  S_MOVE_BPS,
  S_REFERENCE,
  SYMBOL_DOUBLES,
  SYMBOL_INTS,
} from "../symbols.ts";
import { L_HEAD, L_QUANTITY_F64, L_TAIL, LEVEL_INTS, reaches } from "./ladder.ts";
import {
  EXTRA_TERMS,
  O_ACCOUNT,
  O_BOOK,
  O_FEE_CARRY,
  O_FEES,
  O_LEVEL,
  O_NEXT,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_OWNER,
  O_POSITION,
  O_PREV,
  O_PRICE,
  O_QUANTITY,
  O_REMAINING,
  O_TICK_F64,
  O_TIMESTAMP_F64,
  ORDER_SHIFT,
} from "./order-arena.ts";
import type { OrderFees } from "./order-fees.ts";
import {
  createPlainFills,
  SWEPT_FIRST_PRICE,
  SWEPT_LAST_LEVEL,
  SWEPT_LAST_PRICE,
  SWEPT_LAST_QUANTITY,
} from "./plain-fills.ts";
import type { PriceBand } from "./price-band.ts";
import type { Resting } from "./resting.ts";
import type { Supply } from "./supply.ts";
import { createSweptLevels } from "./swept-levels.ts";

/** How matching ended. */
export const Outcome = {
  /** Filled, or nothing more to trade with. */
  MATCHED: 0,
  /** Self-trade prevention cancels what is left of the incoming order. */
  SELF_TRADE: 1,
  /** As MATCHED, but self-trade prevention took shares off the incoming order after its last fill. */
  REDUCED: 2,
} as const;

export type Matching = ReturnType<typeof createMatching>;

export function createMatching(
  parts: CoreParts,
  resting: Resting,
  supply: Supply,
  orderFees: OrderFees,
  band: PriceBand,
  emit: Emit,
) {
  const { arena, ladder, accounts, positions, symbols, windows, clock, rules } = parts;
  const O = arena.ints;
  const OD = arena.doubles;
  const { levels: L, quantities: LQ } = ladder;
  const cash = accounts.cash;
  const shares = positions.doubles;
  const S = symbols.ints;
  const SD = symbols.doubles;
  const { extras } = arena;
  /** The fee that the incoming order paid for the last fill of `fill`, cents. */
  const feePaid = new Float64Array(1);
  const sweptLevels = createSweptLevels(emit);
  const plainFills = createPlainFills(parts, supply, orderFees, sweptLevels, emit);
  const { swept } = plainFills;
  /** What `scan` found: [0] shares that would fill, [1] their cost with taker fees, [2] 1 if it gave up. */
  const scanned = new Float64Array(3);
  const { work } = rules;
  /** Lowest and highest price of the trades since `stops.aftermath` last read them, 0 = no trades. */
  const traded = new Int32Array(2);

  /**
   * Trades the incoming order at `t`, which is in no book, as far as `limit` and self-trade prevention allow. Leaves
   * the unfilled quantity in O_REMAINING. Settles both sides of each fill. Returns an `Outcome`.
   *
   * Emits a TRADE for each fill, LEVEL and ORDER for each own order of the user that prevention cancelled or reduced,
   * and at the end a LEVEL for each price that it traded at, in that order. From version 1 of the rules on, prevention
   * ends the order after SCANNED_ORDERS_MAX own orders.
   */
  function match(t: number, limit: number): number {
    const book = O[t + O_BOOK];
    const side = book & 1;
    const opposite = book ^ 1;
    const account = O[t + O_ACCOUNT];
    const owner = O[t + O_OWNER];
    const mode = (O[t + O_ORDER_FLAGS] >> 8) & 15;
    let spent = 0; // notional of the fills
    let fees = 0;
    let bought = 0; // shares of the fills
    let outcome: number = Outcome.MATCHED;
    let prevented = 0; // own orders that were met
    let firstPrice = 0;
    let lastPrice = 0;
    let lastLevel = 0;
    let lastQuantity = 0;
    if ((extras[t >> ORDER_SHIFT] & EXTRA_TERMS) === 0) {
      bought = O[t + O_REMAINING];
      spent = OD[(t >> 1) + O_NOTIONAL_F64];
      fees = plainFills.sweep(t, limit, mode);
      bought -= O[t + O_REMAINING];
      spent = OD[(t >> 1) + O_NOTIONAL_F64] - spent;
      firstPrice = swept[SWEPT_FIRST_PRICE];
      lastPrice = swept[SWEPT_LAST_PRICE];
      lastLevel = swept[SWEPT_LAST_LEVEL];
      lastQuantity = swept[SWEPT_LAST_QUANTITY];
    }

    while (O[t + O_REMAINING] !== 0 && outcome !== Outcome.SELF_TRADE) {
      const price = ladder.best(opposite);
      if (!reaches(side, price, limit)) break;
      const level = ladder.bestLevel(opposite);
      const slot = L[level * LEVEL_INTS + L_HEAD];
      const m = slot << ORDER_SHIFT;
      if (mode !== SelfTrade.NONE && O[m + O_OWNER] === owner) {
        const mayPrevent = prevented++ < rules.scannedOrdersMax || !rules.isAtLeast1();
        outcome = mayPrevent ? preventSelfTrade(t, m, mode) : Outcome.SELF_TRADE;
      } else {
        lastQuantity = fill(t, m, level, price);
        fees += feePaid[0];
        spent += price * lastQuantity;
        bought += lastQuantity;
        if (price !== lastPrice) {
          if (lastPrice === 0) firstPrice = price;
          else sweptLevels.add(opposite, lastPrice);
        }
        lastPrice = price;
        lastLevel = level;
        outcome = Outcome.MATCHED;
      }
    }

    if (bought !== 0) {
      const position = O[t + O_POSITION] * POSITION_DOUBLES + P_AVAILABLE_F64;
      if (side === 0) {
        cash[account * 2] -= spent + fees;
        shares[position] += bought;
      } else {
        cash[account * 2] += spent - fees;
        shares[position] -= bought;
      }
      cash[0] += fees;
      sweptLevels.tell();
      emit.level(opposite, lastPrice, LQ[lastLevel * 2 + L_QUANTITY_F64]);
      recordTrades(book >> 1, firstPrice, lastPrice, lastQuantity);
      if (S[(book >> 1) * SYMBOL_INTS + S_BAND_BPS] !== 0) {
        band.trade(book >> 1, lastPrice, spent, bought);
      }
    }
    return outcome;
  }

  /** Trades the incoming order at `t` with the order at `m`, the first of `level`. Returns the shares. */
  function fill(t: number, m: number, level: number, price: number): number {
    const remaining = O[t + O_REMAINING];
    const waiting = O[m + O_REMAINING];
    const quantity = remaining < waiting ? remaining : waiting;
    const notional = price * quantity;
    const takerFee = O[t + O_FEES] !== 0 ? orderFees.ofTaker(t, notional) : 0;
    feePaid[0] = takerFee;
    O[t + O_REMAINING] = remaining - quantity;
    OD[(t >> 1) + O_NOTIONAL_F64] += notional;
    O[m + O_REMAINING] = waiting - quantity;
    OD[(m >> 1) + O_NOTIONAL_F64] += notional;
    let carry = 0;
    let makerFee = 0;
    if (O[m + O_FEES] !== 0) {
      carry = O[m + O_FEE_CARRY];
      makerFee = orderFees.ofMaker(m, t, notional, takerFee);
    }
    emit.trade(t, m, price, quantity, takerFee, makerFee);
    settleResting(m, level, quantity, notional, makerFee, carry);
    return quantity;
  }

  /**
   * Settles a fill of the first order of `level`, whose REMAINING has been reduced by `quantity` already. Ends the
   * order when nothing is left of it. `carry`: its FEE_CARRY before the fill.
   */
  function settleResting(
    m: number,
    level: number,
    quantity: number,
    notional: number,
    fee: number,
    carry: number,
  ): void {
    const after = O[m + O_REMAINING];
    const a = O[m + O_ACCOUNT] * 2;
    const p = O[m + O_POSITION] * POSITION_DOUBLES;
    if ((O[m + O_BOOK] & 1) === 0) {
      const price = O[m + O_PRICE];
      const fees = O[m + O_FEES];
      const released =
        fees === 0
          ? price * quantity
          : reservation(price, after + quantity, fees, carry) -
            reservation(price, after, fees, O[m + O_FEE_CARRY]);
      cash[a + 1] -= released;
      cash[a] += released - notional - fee;
      shares[p + P_AVAILABLE_F64] += quantity;
    } else {
      cash[a] += notional - fee;
      shares[p + P_RESERVED_F64] -= quantity;
    }
    cash[0] += fee;
    touch(m);
    LQ[level * 2 + L_QUANTITY_F64] -= quantity;
    supply.touch(level);
    if (after !== 0) return;
    const next = O[m + O_NEXT];
    L[level * LEVEL_INTS + L_HEAD] = next;
    if (next !== 0) {
      O[(next << ORDER_SHIFT) + O_PREV] = 0;
    } else {
      L[level * LEVEL_INTS + L_TAIL] = 0;
      ladder.markEmpty(O[m + O_BOOK], level, O[m + O_PRICE]);
    }
    const slot = m >> ORDER_SHIFT;
    if (ladder.isHeld(level, slot)) ladder.handOn(O[m + O_BOOK], level, slot);
    resting.unlink(m);
    resting.finish(m);
  }

  /** The incoming order at `t` has met the own resting order at `m` of the same user. Returns an `Outcome`. */
  function preventSelfTrade(t: number, m: number, mode: number): number {
    if (mode === SelfTrade.CANCEL_NEWEST) return Outcome.SELF_TRADE;
    work[0]++;
    if (mode === SelfTrade.DECREMENT) return decrement(t, m);
    cancelResting(m, EventFlag.NEWS, EndReason.SELF_TRADE);
    return mode === SelfTrade.CANCEL_BOTH ? Outcome.SELF_TRADE : Outcome.MATCHED;
  }

  /**
   * Takes the smaller of the two remaining quantities off both orders. An order with nothing left is cancelled with its
   * quantity as it was. The other order goes on with less.
   */
  function decrement(t: number, m: number): number {
    const incoming = O[t + O_REMAINING];
    const waiting = O[m + O_REMAINING];
    if (waiting <= incoming) cancelResting(m, EventFlag.NEWS, EndReason.SELF_TRADE);
    else reduceResting(m, incoming, EventFlag.NEWS);
    if (incoming <= waiting) return Outcome.SELF_TRADE;
    O[t + O_REMAINING] = incoming - waiting;
    O[t + O_QUANTITY] -= waiting;
    return Outcome.REDUCED;
  }

  /** Ends an open order with `status`, because of `reason`, and emits its LEVEL and ORDER. */
  function endOpen(o: number, flags: number, status: number, reason: number): void {
    resting.withdraw(o);
    if ((O[o + O_ORDER_FLAGS] & PENDING) === 0) resting.tellLevel(o, O[o + O_PRICE]);
    touch(o);
    emit.order(o, flags, status, reason);
    resting.finish(o);
  }

  function cancelResting(o: number, flags: number, reason: number): void {
    endOpen(o, flags, OrderStatus.CANCELLED, reason);
  }

  /** Takes `quantity` shares, fewer than remain, off an open order, which keeps its place in the queue. */
  function reduceResting(o: number, quantity: number, flags: number): void {
    resting.unreserve(o, quantity);
    LQ[O[o + O_LEVEL] * 2 + L_QUANTITY_F64] -= quantity;
    supply.touch(O[o + O_LEVEL]);
    O[o + O_REMAINING] -= quantity;
    O[o + O_QUANTITY] -= quantity;
    if ((O[o + O_ORDER_FLAGS] & PENDING) === 0) resting.tellLevel(o, O[o + O_PRICE]);
    touch(o);
    emit.order(o, flags | EventFlag.OPEN, openStatus(o), EndReason.NONE);
  }

  /** Stamps the order with the time of its last change. */
  function touch(o: number): void {
    OD[(o >> 1) + O_TIMESTAMP_F64] = clock[CLOCK_TIMESTAMP];
    OD[(o >> 1) + O_TICK_F64] = clock[CLOCK_TICK];
  }

  /** The status of an order that is open. */
  function openStatus(o: number): number {
    if ((O[o + O_ORDER_FLAGS] & PENDING) !== 0) return OrderStatus.PENDING_TRIGGER;
    return O[o + O_REMAINING] === O[o + O_QUANTITY]
      ? OrderStatus.ACCEPTED
      : OrderStatus.PARTIALLY_FILLED;
  }

  /** Notes trades at prices from `first` to `price`, which went in one direction. `quantity`: of the last trade. */
  function recordTrades(symbol: number, first: number, price: number, quantity: number): void {
    const s = symbol * SYMBOL_INTS;
    const isMeasured = S[s + S_MOVE_BPS] !== 0;
    if (rules.isAtLeast1()) {
      const low = first < price ? first : price;
      const high = first < price ? price : first;
      if (traded[0] === 0 || low < traded[0]) traded[0] = low;
      if (high > traded[1]) traded[1] = high;
      if (isMeasured) windows.measure(symbol, first, price, clock[CLOCK_TIMESTAMP]);
    } else if (isMeasured) {
      windows.record(symbol, price, clock[CLOCK_TIMESTAMP]);
    }
    S[s + S_LAST_PRICE] = price;
    S[s + S_LAST_QUANTITY] = quantity;
    SD[symbol * SYMBOL_DOUBLES + S_LAST_TIMESTAMP_F64] = clock[CLOCK_TIMESTAMP];
    S[s + S_REFERENCE] = price;
  }

  /**
   * Finds what an incoming order would fill, with a look at one order after the other. Changes nothing and returns
   * `scanned`. The user's own orders count under the mode NONE, are skipped under CANCEL_OLDEST, take off their shares
   * under DECREMENT, and end the scan under the other modes. From version 1 of the rules on, the scan ends as soon as
   * the cost is above `costMax`, and gives up after SCANNED_ORDERS_MAX orders.
   */
  function scan(
    book: number,
    limit: number,
    quantity: number,
    account: number,
    mode: number,
    fees: number,
    costMax: number,
  ): Float64Array {
    const side = book & 1;
    const opposite = book ^ 1;
    const owner = accounts.ownerOf(account);
    const bps = takerBps(fees);
    let left = quantity;
    let filled = 0;
    let cost = 0;
    let notional = 0;
    const isBounded = rules.isAtLeast1();
    const looks = isBounded ? rules.scannedOrdersMax : Number.MAX_SAFE_INTEGER;
    const dearest = isBounded ? costMax : Number.POSITIVE_INFINITY;
    let looksLeft = looks;
    scanned[2] = 0;
    let price = ladder.best(opposite);
    while (left > 0 && reaches(side, price, limit)) {
      let slot = L[ladder.find(opposite, price) * LEVEL_INTS + L_HEAD];
      while (slot !== 0 && left > 0) {
        if (looksLeft === 0) {
          scanned[2] = 1;
          left = 0;
          break;
        }
        looksLeft--;
        const m = slot << ORDER_SHIFT;
        slot = O[m + O_NEXT];
        if (mode !== SelfTrade.NONE && O[m + O_OWNER] === owner) {
          left = afterOwn(left, O[m + O_REMAINING], mode);
          continue;
        }
        const fill = Math.min(left, O[m + O_REMAINING]);
        left -= fill;
        filled += fill;
        notional += price * fill;
        if (isBounded) cost = notional + feeOf(notional, bps, 0);
        else cost += price * fill + feeOf(price * fill, bps, 0);
        if (cost > dearest) left = 0;
      }
      price = ladder.nextPrice(opposite, price);
    }
    scanned[0] = filled;
    scanned[1] = cost;
    work[0] += looks - looksLeft;
    return scanned;
  }

  /** The shares that a scan still looks for after an own order of `own` shares. 0 or less ends the scan. */
  function afterOwn(left: number, own: number, mode: number): number {
    if (mode === SelfTrade.CANCEL_OLDEST) return left;
    return mode === SelfTrade.DECREMENT ? left - own : 0;
  }

  /** Whether the first order that an incoming order with `limit` would meet is one of the same user. */
  function meetsOwn(book: number, limit: number, account: number): boolean {
    const opposite = book ^ 1;
    if (!reaches(book & 1, ladder.best(opposite), limit)) return false;
    const first = L[ladder.bestLevel(opposite) * LEVEL_INTS + L_HEAD];
    return O[(first << ORDER_SHIFT) + O_OWNER] === accounts.ownerOf(account);
  }

  return {
    match,
    scan,
    meetsOwn,
    endOpen,
    cancelResting,
    reduceResting,
    touch,
    openStatus,
    settleResting,
    recordTrades,
    sweptLevels,
    traded,
  };
}
