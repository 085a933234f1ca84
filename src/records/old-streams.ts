/**
 * The accounts' streams as snapshots of version 2 and before had them: blocks of 2 KiB, of which each account has a list.
 *
 * ```
 *  section -accounts, 4 ints an account:  OLDEST block (0 = none), NEWEST, how many, END of the newest block's entries
 *  section -next, an int a block:         the next of its account
 *  section -blocks, 256 doubles a block:  0 FIRST_SEQ  1 END of its entries  2 … entries
 *  entry, in doubles:  0 KIND | FLAGS << 8, LENGTH (int)   1 TIMESTAMP   2 TICK
 *   order     3 NUMBER  4 NOTIONAL  5 CREATED_AT
 *             ints 12 BOOK 13 PRICE 14 QUANTITY 15 REMAINING 16 ORDER_FLAGS 17 STATUS | REASON << 8
 *             then, of a fill: f64 TRADE_ID, FEE; int PRICE, QUANTITY
 *             of a stop or GTD: f64 EXPIRE_AT; int STOP_PRICE, (none)
 *             with a client order id: its 16 ints
 *   balance   3 AVAILABLE  4 RESERVED
 *   position  3 AVAILABLE  4 RESERVED  int 10 SYMBOL
 * ```
 */
import { C_TEXT_INTS, orderGeneration, orderSlot } from "../core/command.ts";
import type { StreamEntry } from "./stream-entry.ts";
import { StreamKind } from "./stream-event.ts";

/** A snapshot with this section has the streams in this form. */
export const OLD_BLOCKS = "account-streams-blocks";

const BLOCK_DOUBLES = 256;
const ENTRIES = 2;
const ACCOUNT_INTS = 4;
const ORDER_DOUBLES = 9;
const FILL_DOUBLES = 3;
const TERMS_DOUBLES = 2;

const MAKER_FILL = 1;
const TAKER_FILL = 2;
const TERMS = 4;
const TEXT = 8;

/** Reads each event of each account into `entry`, and calls `onEvent` for it. */
export function readOldEvents(
  section: (name: string) => Uint8Array,
  accounts: number,
  entry: StreamEntry,
  onEvent: (account: number, seq: number, tick: number, timestamp: number) => void,
): void {
  const doubles = new Float64Array(section(OLD_BLOCKS).buffer);
  const ints = new Int32Array(doubles.buffer);
  const next = new Int32Array(section("account-streams-next").buffer);
  const lists = new Int32Array(section("account-streams-accounts").buffer);
  for (let account = 0; account < accounts; account++) {
    const [oldest, newest, , newestEnd] = lists.subarray(account * ACCOUNT_INTS);
    for (let block = oldest; block !== 0; block = next[block]) {
      const d = block * BLOCK_DOUBLES;
      const end = block === newest ? newestEnd : doubles[d + 1];
      let seq = doubles[d];
      for (let at = d + ENTRIES; at < end; at += ints[at * 2 + 1]) {
        read(entry, doubles, ints, at);
        onEvent(account, seq++, doubles[at + 2], doubles[at + 1]);
      }
    }
  }
}

function read(entry: StreamEntry, doubles: Float64Array, ints: Int32Array, at: number): void {
  const kind = ints[at * 2] & 255;
  if (kind === StreamKind.ORDER) return readOrder(entry, doubles, ints, at);
  const symbol = kind === StreamKind.POSITION ? ints[at * 2 + 10] : 0;
  entry.holding(kind, symbol, doubles[at + 3], doubles[at + 4]);
}

function readOrder(entry: StreamEntry, doubles: Float64Array, ints: Int32Array, at: number): void {
  const flags = ints[at * 2] >> 8;
  const number = doubles[at + 3];
  const [book, price, quantity, remaining, orderFlags, status] = ints.subarray(at * 2 + 12);
  const isFill = (flags & (MAKER_FILL | TAKER_FILL)) !== 0;
  entry.order(
    orderSlot(number),
    orderGeneration(number),
    book,
    orderFlags,
    price,
    quantity,
    remaining,
    doubles[at + 4],
    isFill ? 0 : status,
    doubles[at + 5],
    doubles[at + 1],
  );
  let extra = at + ORDER_DOUBLES;
  if (isFill) {
    const [tradeId, fee] = doubles.subarray(extra);
    entry.fill((flags & MAKER_FILL) !== 0, tradeId, fee, ints[extra * 2 + 4], ints[extra * 2 + 5]);
    extra += FILL_DOUBLES;
  }
  if ((flags & TERMS) !== 0) {
    entry.terms(doubles[extra], ints[extra * 2 + 2]);
    extra += TERMS_DOUBLES;
  }
  if ((flags & TEXT) === 0) return;
  entry.words.set(ints.subarray(extra * 2, extra * 2 + C_TEXT_INTS), entry.length);
  entry.text();
}
