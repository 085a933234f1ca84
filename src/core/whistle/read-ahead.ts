/**
 * Reads the memory that the next commands of a tick will use, so that the processor waits for all of it together and
 * not for each command. It changes nothing, and the core does not use what is read here.
 */
import {
  C_ACCOUNT,
  C_HEAD,
  C_ORDER_SLOT,
  C_PRICE,
  C_SYMBOL,
  C_TEXT,
  COMMAND_INTS,
  CommandKind,
  ORDER_SLOT_COUNT,
} from "../command.ts";
import { A_FIRST_ORDER, ACCOUNT_INTS } from "../ledger/accounts.ts";
import { POSITION_INTS } from "../ledger/positions.ts";
import type { CoreParts } from "../parts.ts";
import { L_TAIL, LEVEL_INTS } from "./ladder.ts";
import {
  O_ACCOUNT_NEXT,
  O_ACCOUNT_PREV,
  O_CLIENT_ID,
  O_LEVEL,
  O_NEXT,
  O_POSITION,
  O_PREV,
  ORDER_SHIFT,
} from "./order-arena.ts";

/** Commands that are read ahead together: as many as the caches can hold with all that they touch. */
export const READ_AHEAD = 32;
/** With fewer open orders most of them are in the caches, and reading ahead costs more than it saves. */
export const READ_AHEAD_ORDERS = 65_536;
/** Likewise for client order ids, with fewer entries. */
export const READ_AHEAD_IDS = 65_536;

export function createReadAhead(parts: CoreParts) {
  const { arena, ladder, accounts, positions, symbols, clientIds } = parts;
  const O = arena.ints;
  const L = ladder.levels;
  const A = accounts.ints;
  const P = positions.ints;
  /** The result of the reads. It is stored because the compiler would otherwise leave the reads out. */
  const sink = new Int32Array(1);
  const hashes = new Int32Array(READ_AHEAD);
  const entries = new Int32Array(READ_AHEAD);

  /** Reads for the commands from `from` to before `to` of a block of records. */
  function read(C: Int32Array, from: number, to: number): void {
    let sum = 0;
    for (let i = from; i < to; i++) sum ^= readFirst(C, i * COMMAND_INTS);
    for (let i = from; i < to; i++) sum ^= readNext(C, i * COMMAND_INTS);
    sink[0] = sum;
  }

  /** Reads what the command at `c` names. */
  function readFirst(C: Int32Array, c: number): number {
    const kind = C[c + C_HEAD] & 255;
    if (kind === CommandKind.PLACE) {
      const account = C[c + C_ACCOUNT];
      const symbol = C[c + C_SYMBOL];
      if (!accounts.exists(account) || !symbols.exists(symbol)) return 0;
      return A[account * ACCOUNT_INTS + A_FIRST_ORDER] ^ positions.find(account, symbol);
    }
    const slot = C[c + C_ORDER_SLOT];
    if (kind > CommandKind.AMEND || slot < 0 || slot >= ORDER_SLOT_COUNT) return 0;
    const o = slot << ORDER_SHIFT;
    return O[o + O_NEXT] ^ O[o + O_CLIENT_ID];
  }

  /** Reads what that leads to. */
  function readNext(C: Int32Array, c: number): number {
    const kind = C[c + C_HEAD] & 255;
    if (kind === CommandKind.PLACE) {
      const account = C[c + C_ACCOUNT];
      const symbol = C[c + C_SYMBOL];
      if (!accounts.exists(account) || !symbols.exists(symbol)) return 0;
      const first = A[account * ACCOUNT_INTS + A_FIRST_ORDER] << ORDER_SHIFT;
      const book = (symbol << 1) | ((C[c + C_HEAD] >> 8) & 1);
      const level = ladder.find(book, C[c + C_PRICE]);
      const tail = L[level * LEVEL_INTS + L_TAIL] << ORDER_SHIFT;
      return O[first] ^ O[tail] ^ P[positions.find(account, symbol) * POSITION_INTS];
    }
    const slot = C[c + C_ORDER_SLOT];
    if (kind > CommandKind.AMEND || slot < 0 || slot >= ORDER_SLOT_COUNT) return 0;
    const o = slot << ORDER_SHIFT;
    const queue = O[O[o + O_NEXT] << ORDER_SHIFT] ^ O[O[o + O_PREV] << ORDER_SHIFT];
    const list = O[O[o + O_ACCOUNT_NEXT] << ORDER_SHIFT] ^ O[O[o + O_ACCOUNT_PREV] << ORDER_SHIFT];
    return queue ^ list ^ P[O[o + O_POSITION] * POSITION_INTS] ^ L[O[o + O_LEVEL] * LEVEL_INTS];
  }

  /** Reads the client order ids for the commands from `from` to before `to` of a block, at most READ_AHEAD. */
  function readIds(C: Int32Array, from: number, to: number): void {
    let sum = 0;
    // Two loops: the reads of the heads overlap only if there is little work between them.
    for (let i = from; i < to; i++) {
      const c = i * COMMAND_INTS;
      if (filesId(C, c)) hashes[i - from] = clientIds.hash(C[c + C_ACCOUNT], C, c + C_TEXT);
    }
    for (let i = from; i < to; i++) {
      const c = i * COMMAND_INTS;
      entries[i - from] = filesId(C, c) ? clientIds.first(hashes[i - from]) : idOfTarget(C, c);
    }
    for (let i = from; i < to; i++) sum ^= clientIds.accountOf(entries[i - from]);
    sink[0] = sum;
  }

  /** Whether the command at `c` is an order with a client order id. */
  function filesId(C: Int32Array, c: number): boolean {
    return (C[c + C_HEAD] & 255) === CommandKind.PLACE && C[c + C_TEXT] !== 0;
  }

  /** The entry of the order that the command at `c` names by its number; 0 = none. */
  function idOfTarget(C: Int32Array, c: number): number {
    const kind = C[c + C_HEAD] & 255;
    if (kind === CommandKind.PLACE) return 0;
    const slot = C[c + C_ORDER_SLOT];
    if (kind > CommandKind.AMEND || slot < 0 || slot >= ORDER_SLOT_COUNT) return 0;
    return arena.extras[slot] === 0 ? 0 : O[(slot << ORDER_SHIFT) + O_CLIENT_ID];
  }

  return { read, readIds };
}
