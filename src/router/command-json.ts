/**
 * A command record (`core/command.ts`) as an object for people and programs: what `waiver wal dump` prints
 * and what an audit entry begins with. Each kind shows the members that it reads, under the names of the
 * wire where the wire has one. `proto/journal.md` has the table both ways; a test compares the two.
 */
import {
  AccountFlag,
  C_ACCOUNT,
  C_ACTOR,
  C_AMOUNT_F64,
  C_HEAD,
  C_OPTIONS,
  C_ORDER_GENERATION,
  C_ORDER_SLOT,
  C_PRICE,
  C_QUANTITY,
  C_SEQUENCE_F64,
  C_STOP_PRICE,
  C_SYMBOL,
  C_TEXT,
  C_TIMESTAMP_F64,
  CancelCause,
  COMMAND_INTS,
  CommandKind,
  OrderFlag,
  orderNumber,
  readText,
  TimeInForce,
} from "../core/command.ts";
import { userId } from "../identity/user.ts";
import {
  accountName,
  ORDER_TYPES,
  orderName,
  SELF_TRADE_MODES,
  SIDES,
  symbolName,
  TIMES_IN_FORCE,
} from "../protocol/names.ts";
import { SYMBOL_STATES } from "../protocol/schemas/market-data.ts";
import { readOperatorName } from "./operator-name.ts";

/** By number. */
const CANCEL_CAUSES = Object.keys(CancelCause);

/** The `actor` of a command with ACTOR 0, which the exchange itself or an operator gave. */
const EXCHANGE_ACTOR = "exchange";

export interface CommandObject {
  sequence: number;
  tick: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  /** A name of `CommandKind`, or the number of one that this program does not know. */
  kind: string;
  /** `usr_<n>`, or `EXCHANGE_ACTOR`. */
  actor: string;
  /** Name of the operator's token; absent where no operator asked for it. */
  by?: string;
  /** `acc_<n>` */
  account?: string;
  /** `SYMBOL_<n>`; absent where the command means every symbol. */
  symbol?: string;
  /** What else the kind has. */
  [member: string]: unknown;
}

/** Records as 32-bit and 64-bit words of the same memory, record i at word i * 32. */
export interface CommandRecords {
  ints: Int32Array;
  doubles: Float64Array;
}

/** One record, whose words begin at `c`, and `c >> 1` of the doubles. */
interface CommandRecord extends CommandRecords {
  c: number;
}

/** Reads a member; undefined when the record does not have it. */
type Member = (record: CommandRecord) => unknown;

const account: Member = ({ ints, c }) => accountName(ints[c + C_ACCOUNT]);
const symbol: Member = ({ ints, c }) =>
  ints[c + C_SYMBOL] < 0 ? undefined : symbolName(ints[c + C_SYMBOL]);
const amount: Member = ({ doubles, c }) => doubles[(c >> 1) + C_AMOUNT_F64];

const int =
  (field: number): Member =>
  ({ ints, c }) =>
    ints[c + field];

/** A field in which 0 means that nothing was given. */
const given =
  (field: number): Member =>
  ({ ints, c }) =>
    ints[c + field] || undefined;

/** The word for the number in one byte of a field; the number itself where there is no word. */
const word =
  (words: readonly string[], field: number, shift: number): Member =>
  ({ ints, c }) => {
    const number = (ints[c + field] >> shift) & 255;
    return words[number] ?? number;
  };

const flag =
  (bit: number): Member =>
  ({ ints, c }) =>
    ((ints[c + C_OPTIONS] >> 8) & bit) !== 0;

const text: Member = ({ ints, c }) => textAt(ints, c) || undefined;

/** The order that a CANCEL or AMEND names by its number. */
const order: Member = ({ ints, c }) => {
  const slot = ints[c + C_ORDER_SLOT];
  return slot === 0 ? undefined : orderName(orderNumber(slot, ints[c + C_ORDER_GENERATION]));
};

const expiry: Member = (record) =>
  record.ints[record.c + C_HEAD] >>> 24 === TimeInForce.GTD ? amount(record) : undefined;

const postOnly: Member = (record) => flag(OrderFlag.POST_ONLY)(record) || undefined;

/** Absent when the user himself cancelled. */
const cancelCause: Member = (record) => {
  const cause = word(CANCEL_CAUSES, C_OPTIONS, 8)(record);
  return cause === "USER" ? undefined : cause;
};

const ownFees: Member = (record) => {
  if (!flag(AccountFlag.OWN_FEES)(record)) return undefined;
  return { maker_bps: int(C_PRICE)(record), taker_bps: int(C_QUANTITY)(record) };
};

const state: Member = ({ ints, c }) =>
  SYMBOL_STATES[ints[c + C_QUANTITY] - 1] ?? ints[c + C_QUANTITY];

/** The members of each kind, beside those that every command has, in the order in which they are shown. */
const MEMBERS: Readonly<Record<keyof typeof CommandKind, Readonly<Record<string, Member>>>> = {
  PLACE: {
    account,
    symbol,
    side: word(SIDES, C_HEAD, 8),
    type: word(ORDER_TYPES, C_HEAD, 16),
    price: given(C_PRICE),
    stop_price: given(C_STOP_PRICE),
    quantity: int(C_QUANTITY),
    time_in_force: word(TIMES_IN_FORCE, C_HEAD, 24),
    expire_at: expiry,
    post_only: postOnly,
    self_trade_prevention: word(SELF_TRADE_MODES, C_OPTIONS, 0),
    client_order_id: text,
  },
  CANCEL: {
    account,
    symbol,
    order_id: order,
    // A CANCEL of account 0 is an operator's, and has his name in TEXT.
    client_order_id: (record) =>
      record.ints[record.c + C_ACCOUNT] === 0 ? undefined : text(record),
  },
  AMEND: {
    account,
    symbol,
    order_id: order,
    client_order_id: text,
    price: given(C_PRICE),
    stop_price: given(C_STOP_PRICE),
    quantity: given(C_QUANTITY),
  },
  CANCEL_ALL: { account, symbol, cause: cancelCause },
  OPEN_ACCOUNT: { account },
  DEPOSIT_CASH: { account, amount },
  DEPOSIT_SHARES: { account, symbol, amount },
  SET_ACCOUNT: { account, may_short: flag(AccountFlag.MAY_SHORT), fees: ownFees },
  SET_SHARES: {
    account: ({ ints, c }) =>
      ints[c + C_ACCOUNT] < 0 ? undefined : accountName(ints[c + C_ACCOUNT]),
    open_orders: int(C_QUANTITY),
    ladder_pages: int(C_PRICE),
    positions: int(C_STOP_PRICE),
    client_order_ids: amount,
  },
  LIST_SYMBOL: { symbol, player_id: text, price_increment: int(C_PRICE) },
  SET_SYMBOL_STATE: { symbol, state },
  SET_SYMBOL_RULES: {
    symbol,
    price_increment: given(C_PRICE),
    max_order_quantity: int(C_QUANTITY),
    reference_price: given(C_STOP_PRICE),
    price_band_bps: amount,
    price_band_window_ms: given(C_ORDER_SLOT),
  },
  SET_FEES: { maker_bps: int(C_PRICE), taker_bps: int(C_QUANTITY) },
  SET_SYMBOL_PROTECTION: {
    symbol,
    max_open_orders: int(C_QUANTITY),
    max_order_notional: amount,
    volatility_move_bps: int(C_PRICE),
    volatility_window_ms: int(C_STOP_PRICE),
    volatility_pause_ms: int(C_ORDER_SLOT),
    volatility_auction_ms: int(C_ORDER_GENERATION),
  },
  SET_RULES: { version: int(C_QUANTITY), seed: amount },
  NOTE: { text },
  CLOCK: {},
};

/** By number: the kind's name and its members. */
const KINDS = new Map(
  Object.entries(CommandKind).map(([name, number]) => [
    number as number,
    { name, members: Object.entries(MEMBERS[name as keyof typeof CommandKind]) },
  ]),
);

/** Record `index` of `records`, which are of tick `tick`. */
export function commandObject(
  { ints, doubles }: CommandRecords,
  index: number,
  tick: number,
): CommandObject {
  const record = { ints, doubles, c: index * COMMAND_INTS };
  const { c } = record;
  const number = ints[c + C_HEAD] & 255;
  const kind = KINDS.get(number);
  const object: CommandObject = {
    sequence: doubles[(c >> 1) + C_SEQUENCE_F64],
    tick,
    timestamp: doubles[(c >> 1) + C_TIMESTAMP_F64],
    kind: kind?.name ?? String(number),
    actor: ints[c + C_ACTOR] === 0 ? EXCHANGE_ACTOR : userId(ints[c + C_ACTOR]),
  };
  const by = readOperatorName(ints, c);
  if (by !== "") object.by = by;
  for (const [name, read] of kind?.members ?? []) {
    const value = read(record);
    if (value !== undefined) object[name] = value;
  }
  return object;
}

/** The account of record `index`; 0 for a command that is of no account. */
export function commandAccount({ ints }: Pick<CommandRecords, "ints">, index: number): number {
  return ints[index * COMMAND_INTS + C_ACCOUNT];
}

/** TEXT of record `index`; "" when there is none. */
export function commandText({ ints }: CommandRecords, index: number): string {
  return textAt(ints, index * COMMAND_INTS);
}

const textAt = (ints: Int32Array, c: number): string => readText(ints, c + C_TEXT);
