/**
 * Writes what accounts hold at the end of a tick: a CASH event for every account that the tick's events may have
 * changed, and a POSITION event for every position that they may have changed. First come the accounts, in the order in
 * which the events name them, then the positions in the same way. Refused commands and repeated orders change nothing.
 */

import { EventFlag, EventKind } from "./event.ts";
import type { EventBuffer } from "./event-buffer.ts";
import {
  B_ACCOUNT,
  B_POSITION,
  CASH_AVAILABLE_F64,
  CASH_EVENT_INTS,
  CASH_RESERVED_F64,
  D_ACCOUNT,
  D_SYMBOL,
  E_COMMAND,
  E_HEAD,
  E_MAKER,
  E_ORDER,
  H_ACCOUNT,
  H_POSITION,
  H_SYMBOL,
  LENGTH_SHIFT,
  POSITION_EVENT_INTS,
  SHARES_AVAILABLE_F64,
  SHARES_RESERVED_F64,
} from "./event-layout.ts";
import { ACCOUNTS_MAX } from "./ledger/accounts.ts";
import type { CoreParts } from "./parts.ts";
import { POSITIONS_MAX } from "./rules-state.ts";

const FEE_ACCOUNT = 0;
/** An ORDER with one of these flags changed nothing. */
const TELLS_NO_CHANGE = EventFlag.DUPLICATE | EventFlag.UNCHANGED;

export function createHoldings({ accounts, positions, events }: CoreParts) {
  const { ints: E, doubles: ED, head }: EventBuffer = events;
  const touchedAccounts = new Touched(ACCOUNTS_MAX);
  const touchedPositions = new Touched(POSITIONS_MAX);

  /** Writes these events. All other events of the tick must have been written. */
  function write(): void {
    const end = head[0];
    for (let e = 0; e < end; e += (E[e + E_COMMAND] >>> LENGTH_SHIFT) << 1) {
      const word = E[e + E_HEAD];
      const kind = word & 255;
      if (kind === EventKind.ORDER) {
        if (((word >> 8) & TELLS_NO_CHANGE) === 0) touch(e + E_ORDER);
      } else if (kind === EventKind.TRADE) {
        touch(e + E_ORDER);
        touch(e + E_MAKER);
        touchedAccounts.add(FEE_ACCOUNT);
      } else if (kind === EventKind.DONE) {
        touchDone(E[e + D_ACCOUNT], E[e + D_SYMBOL]);
      }
    }
    writeTouched();
  }

  /** Adds the account and the position of the order block at `b`. */
  function touch(b: number): void {
    touchedAccounts.add(E[b + B_ACCOUNT]);
    touchedPositions.add(E[b + B_POSITION]);
  }

  function touchDone(account: number, symbol: number): void {
    // A CLOCK or NOTE may name any number.
    if (accounts.exists(account)) touchedAccounts.add(account);
    const position = symbol < 0 ? 0 : positions.find(account, symbol);
    if (position !== 0) touchedPositions.add(position);
  }

  function writeTouched(): void {
    for (let i = 0; i < touchedAccounts.count; i++) {
      const account = touchedAccounts.list[i];
      const e = begin(EventKind.CASH, CASH_EVENT_INTS);
      E[e + H_ACCOUNT] = account;
      E[e + H_ACCOUNT + 1] = 0;
      ED[(e >> 1) + CASH_AVAILABLE_F64] = accounts.available(account);
      ED[(e >> 1) + CASH_RESERVED_F64] = accounts.reserved(account);
    }
    for (let i = 0; i < touchedPositions.count; i++) {
      const position = touchedPositions.list[i];
      const e = begin(EventKind.POSITION, POSITION_EVENT_INTS);
      E[e + H_ACCOUNT] = positions.accountOf(position);
      E[e + H_SYMBOL] = positions.symbolOf(position);
      E[e + H_POSITION] = position;
      E[e + H_POSITION + 1] = 0;
      ED[(e >> 1) + SHARES_AVAILABLE_F64] = positions.available(position);
      ED[(e >> 1) + SHARES_RESERVED_F64] = positions.reserved(position);
    }
    touchedAccounts.clear();
    touchedPositions.clear();
  }

  function begin(kind: number, ints: number): number {
    const e = head[0];
    head[0] = e + ints;
    E[e + E_HEAD] = kind;
    E[e + E_COMMAND] = head[1] | ((ints >> 1) << LENGTH_SHIFT);
    return e;
  }

  return { write };
}

/** A set of small integers, in the order in which they were added. Emptying it takes as long as it has members. */
class Touched {
  readonly list: Int32Array;
  readonly #marks: Uint8Array;
  count = 0;

  constructor(size: number) {
    this.list = new Int32Array(size);
    this.#marks = new Uint8Array(size);
  }

  add(value: number): void {
    if (this.#marks[value] !== 0) return;
    this.#marks[value] = 1;
    this.list[this.count++] = value;
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) this.#marks[this.list[i]] = 0;
    this.count = 0;
  }
}
