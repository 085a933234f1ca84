/**
 * The order arena: every open order of every symbol, 128 bytes each, in one block of memory.
 *
 * ```
 *  int                                   int
 *   0  GENERATION  of the slot           16  CLIENT_ID  entry, 0 = none
 *   1  REMAINING   shares unfilled       17  STOP_PRICE
 *   2  PRICE                             18  TIMESTAMP  float64, of the last change
 *   3  NEXT        in the level's FIFO,  20  RANK       float64, when it was queued: the lower, the older
 *                  or in the free list   22  EXPIRE_AT  float64, 0 = never
 *   4  PREV        in the level's FIFO   24  EXPIRY     place in the queue of expiries
 *   5  BOOK        symbol << 1 | side;   25  OWNER      of the account
 *                  -1 = free slot        26  FEE_CARRY, 27 REBATE_CARRY  of a cent, ten-thousandths
 *   6  LEVEL       in the ladder
 *   7  ACCOUNT                           stamps
 *   8  POSITION    of account and symbol 28  TICK       float64, of the last change
 *   9  QUANTITY    REMAINING and filled  30  CREATED_AT float64, when it came in
 *  10  ORDER_FLAGS type, time in force, self-trade mode, post-only
 *  11  FEES        as at entry: maker << 16 | taker, basis points
 *  12  NOTIONAL    float64, sum of price x quantity of the fills
 *  14  ACCOUNT_NEXT, 15 ACCOUNT_PREV: the account's open orders, newest first
 * ```
 *
 * The stamps count as 0 in the state's hash. In which tick an order last changed depends on how commands were cut into
 * ticks, and the time when it came in decides nothing.
 *
 * The first 64 bytes, one cache line, are what matching reads. An order is named by slot and generation
 * (`orderNumber`), so an index and a comparison find it, without a map of ids. The slot freed last is reused first (its
 * cache line is still warm); its generation counts up. A slot that has used up all 2^32 generations is not used again,
 * so no number is ever given twice.
 */
import { ORDER_SLOT_COUNT } from "../command.ts";
import { hasTerms } from "../event.ts";

export const ORDER_INTS = 32;
export const ORDER_SHIFT = 5;

export const O_GENERATION = 0;
export const O_REMAINING = 1;
export const O_PRICE = 2;
export const O_NEXT = 3;
export const O_PREV = 4;
export const O_BOOK = 5;
export const O_LEVEL = 6;
export const O_ACCOUNT = 7;
export const O_POSITION = 8;
export const O_QUANTITY = 9;
export const O_ORDER_FLAGS = 10;
export const O_FEES = 11;
export const O_ACCOUNT_NEXT = 14;
export const O_ACCOUNT_PREV = 15;
export const O_CLIENT_ID = 16;
export const O_STOP_PRICE = 17;
export const O_EXPIRY = 24;
export const O_OWNER = 25;
/**
 * The fraction of a cent that the fees, and the rebates, of the order's fills have left so far. Only orders with fees
 * have these two.
 */
export const O_FEE_CARRY = 26;
export const O_REBATE_CARRY = 27;

/** Words of an order that are hashed: those before its stamps. */
export const HASHED_ORDER_INTS = 28;

/** Offsets in 64-bit words from the order's start. */
export const O_NOTIONAL_F64 = 6;
export const O_TIMESTAMP_F64 = 9;
export const O_RANK_F64 = 10;
export const O_EXPIRE_AT_F64 = 11;
/** FEE_CARRY and REBATE_CARRY as one word, to clear both at once. */
export const O_CARRIES_F64 = 13;
/** The stamps. */
export const O_TICK_F64 = 14;
export const O_CREATED_AT_F64 = 15;

/** Bits for what only some orders have: a client order id; a stop price or a time of expiry. */
export const EXTRA_CLIENT_ID = 1;
export const EXTRA_TERMS = 2;

/** Places in the head: the first free slot, the first slot that was never used, and how many orders are open. */
export const ARENA_FREE = 0;
export const ARENA_TOP = 1;
export const ARENA_OPEN = 2;

/**
 * All bits if `slot` is 0, none if it is not. It chooses without a branch, which the processor would often guess
 * wrongly. A constant, because at each call of an imported `function` the compiled code checks that it is still the
 * same function.
 */
export const allIfZero = (slot: number): number => ~((slot | -slot) >> 31);

export type OrderArena = ReturnType<typeof createOrderArena>;

export function createOrderArena() {
  // The memory is only reserved: the system gives it page by page, when slots are first used.
  const buffer = new ArrayBuffer(ORDER_SLOT_COUNT * ORDER_INTS * 4);
  const ints = new Int32Array(buffer);
  const doubles = new Float64Array(buffer);
  /**
   * By slot: which EXTRA_… the order has. It is derived from the order, so that an order without any need not be read
   * beyond its first cache line.
   */
  const extras = new Uint8Array(ORDER_SLOT_COUNT);
  const head = new Int32Array(4);
  head[ARENA_TOP] = 1;

  function hasRoom(): boolean {
    return head[ARENA_FREE] !== 0 || unused() !== 0;
  }

  /** The next slot that was never used; 0 when there is none. */
  function unused(): number {
    return head[ARENA_TOP] < ORDER_SLOT_COUNT ? head[ARENA_TOP] : 0;
  }

  /** A slot for a new order. Call `hasRoom` first. */
  function allocate(): number {
    let slot = head[ARENA_FREE];
    if (slot !== 0) {
      head[ARENA_FREE] = ints[(slot << ORDER_SHIFT) + O_NEXT];
    } else {
      slot = head[ARENA_TOP];
      head[ARENA_TOP] = slot + 1;
    }
    head[ARENA_OPEN]++;
    return slot;
  }

  function release(slot: number): void {
    const o = slot << ORDER_SHIFT;
    const generation = (ints[o + O_GENERATION] + 1) | 0;
    ints[o + O_GENERATION] = generation;
    ints[o + O_BOOK] = -1;
    head[ARENA_OPEN]--;
    if (generation === 0) return; // all generations used up: retired
    ints[o + O_NEXT] = head[ARENA_FREE];
    head[ARENA_FREE] = slot;
  }

  /** Whether slot and generation name an order that is open now. */
  function isOpen(slot: number, generation: number): boolean {
    if (slot <= 0 || slot >= head[ARENA_TOP]) return false;
    const o = slot << ORDER_SHIFT;
    return ints[o + O_GENERATION] === generation && ints[o + O_BOOK] !== -1;
  }

  /** Notes which extras the order at `o` has. */
  function noteExtras(o: number): void {
    const id = ints[o + O_CLIENT_ID] === 0 ? 0 : EXTRA_CLIENT_ID;
    const terms = hasTerms(ints[o + O_ORDER_FLAGS]) ? EXTRA_TERMS : 0;
    extras[o >> ORDER_SHIFT] = id | terms;
  }

  /** The orders have been filled from a snapshot. */
  function restored(): void {
    for (let slot = 1; slot < head[ARENA_TOP]; slot++) noteExtras(slot << ORDER_SHIFT);
  }

  return {
    ints,
    doubles,
    extras,
    noteExtras,
    restored,
    head,
    hasRoom,
    unused,
    allocate,
    release,
    isOpen,
    /** Orders that are open now. */
    openCount: () => head[ARENA_OPEN],
    /** Slots in use or used before: the extent of the state. */
    top: () => head[ARENA_TOP],
    /** Makes an empty arena of zeroed memory. */
    reset(): void {
      head[ARENA_TOP] = 1;
    },
  };
}
