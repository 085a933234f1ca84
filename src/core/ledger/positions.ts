/**
 * Positions: the shares that an account holds of a symbol, available and reserved behind open sell
 * orders. A position is made when an account's first order of a symbol is accepted, or its first shares come, and stays.
 * Position 0 is nobody's and always zero.
 *
 * The index starts small and doubles when half full, so that what is hot lies together: spread over the
 * largest size at once it made orders a tenth slower. Doubling at a million positions takes about 20 ms.
 *
 * ```
 *  index  open addressing, linear probing ──► position, 32 bytes
 *          int 0 ACCOUNT, 1 SYMBOL, 2 NEXT of the account's positions, 3 OPEN_ORDERS | f64 2 AVAILABLE, 3 RESERVED
 * ```
 */
import { A_FIRST_POSITION, ACCOUNT_INTS, type Accounts } from "./accounts.ts";

export const POSITIONS_MAX = 1 << 22;
const INDEX_SIZE_MIN = 1 << 14;

export const POSITION_INTS = 8;
export const POSITION_DOUBLES = 4;
const P_ACCOUNT = 0;
const P_SYMBOL = 1;
const P_NEXT = 2;
export const P_OPEN_ORDERS = 3;
export const P_AVAILABLE_F64 = 2;
export const P_RESERVED_F64 = 3;

export function createPositions(accounts: Accounts, symbolCount: number) {
  const buffer = new ArrayBuffer(POSITIONS_MAX * POSITION_INTS * 4);
  const ints = new Int32Array(buffer);
  const doubles = new Float64Array(buffer);
  let index = new Int32Array(INDEX_SIZE_MIN);
  let mask = INDEX_SIZE_MIN - 1;
  const head = new Int32Array(2);
  /** By symbol: all shares deposited and not withdrawn. */
  const totals = new Float64Array(symbolCount);
  const accountInts = accounts.ints;
  head[0] = 1;

  function hash(account: number, symbol: number): number {
    const h = Math.imul(account, 0x9e3779b1) ^ Math.imul(symbol, 0x85ebca6b);
    return (h ^ (h >>> 15)) & mask;
  }

  /** The position of account and symbol, 0 when there is none. */
  function find(account: number, symbol: number): number {
    let i = hash(account, symbol);
    for (;;) {
      const position = index[i];
      if (position === 0) return 0;
      const p = position * POSITION_INTS;
      if (ints[p + P_ACCOUNT] === account && ints[p + P_SYMBOL] === symbol) return position;
      i = (i + 1) & mask;
    }
  }

  /** Whether account and symbol have a position or could have one. */
  function hasRoom(account: number, symbol: number): boolean {
    return head[0] < POSITIONS_MAX || find(account, symbol) !== 0;
  }

  /** The position of account and symbol, made if need be. Call `hasRoom` first. */
  function open(account: number, symbol: number): number {
    const found = find(account, symbol);
    return found !== 0 ? found : insert(account, symbol);
  }

  function insert(account: number, symbol: number): number {
    const position = head[0];
    head[0] = position + 1;
    if (position * 2 > mask) makeIndex(index.length * 2, position);
    file(position, account, symbol);
    const p = position * POSITION_INTS;
    const first = account * ACCOUNT_INTS + A_FIRST_POSITION;
    ints[p + P_ACCOUNT] = account;
    ints[p + P_SYMBOL] = symbol;
    ints[p + P_NEXT] = accountInts[first];
    accountInts[first] = position;
    return position;
  }

  function file(position: number, account: number, symbol: number): void {
    let i = hash(account, symbol);
    while (index[i] !== 0) i = (i + 1) & mask;
    index[i] = position;
  }

  /** An index of so many places over the positions below `end`. */
  function makeIndex(size: number, end: number): void {
    index = new Int32Array(size);
    mask = size - 1;
    for (let position = 1; position < end; position++) {
      const p = position * POSITION_INTS;
      file(position, ints[p + P_ACCOUNT], ints[p + P_SYMBOL]);
    }
  }

  /** The positions have been filled from a snapshot. */
  function restored(): void {
    let size = INDEX_SIZE_MIN;
    while (head[0] * 2 > size) size *= 2;
    makeIndex(size, head[0]);
  }

  return {
    ints,
    doubles,
    head,
    totals,
    find,
    hasRoom,
    open,
    restored,
    /** Positions in use: the extent of the state. */
    top: () => head[0],
    first: (account: number): number => accountInts[account * ACCOUNT_INTS + A_FIRST_POSITION],
    /** Makes zeroed memory the empty ledger. */
    reset(): void {
      head[0] = 1;
      makeIndex(INDEX_SIZE_MIN, 1);
    },
    next: (position: number): number => ints[position * POSITION_INTS + P_NEXT],
    accountOf: (position: number): number => ints[position * POSITION_INTS + P_ACCOUNT],
    symbolOf: (position: number): number => ints[position * POSITION_INTS + P_SYMBOL],
    available: (position: number): number => doubles[position * POSITION_DOUBLES + P_AVAILABLE_F64],
    reserved: (position: number): number => doubles[position * POSITION_DOUBLES + P_RESERVED_F64],
  };
}
