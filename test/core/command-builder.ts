/**
 * Builds commands for tests: `buy({ account: 1, price: 100, quantity: 5 })`.
 *
 * A command that names an order refers to the command that placed it (`of`), not to a number. The number is
 * known only once the order exists, and the reference stays right when a test's list of commands is
 * shortened.
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
  C_TEXT_BYTE,
  C_TIMESTAMP_F64,
  CancelCause,
  COMMAND_BYTES,
  CommandKind,
  OrderFlag,
  OrderType,
  orderGeneration,
  orderSlot,
  SelfTrade,
  Side,
  SymbolState,
  TimeInForce,
} from "../../src/core/command.ts";
import { RULES_VERSION } from "../../src/core/rules.ts";

/** The content of a record, word by word. Absent words are zero. */
export interface Fields {
  kind: number;
  side?: number | undefined;
  type?: number | undefined;
  timeInForce?: number | undefined;
  selfTrade?: number | undefined;
  flags?: number | undefined;
  account?: number | undefined;
  symbol?: number | undefined;
  price?: number | undefined;
  quantity?: number | undefined;
  stopPrice?: number | undefined;
  actor?: number | undefined;
  amount?: number | undefined;
  text?: string | undefined;
  slot?: number | undefined;
  generation?: number | undefined;
}

/** A command: the record's fields, the order that it names, and the call that builds it. */
export interface Command {
  readonly fields: Fields;
  /** The command that placed the order that this command names. */
  readonly of?: Command | undefined;
  readonly builder: string;
  readonly options: object;
  /** The time in milliseconds; by default a little after the command before. */
  at?: number;
}

function command(builder: string, options: object, fields: Fields, of?: Command): Command {
  return { builder, options, fields, of };
}

/** Sets the time of the command. */
export function at(timestamp: number, timed: Command): Command {
  timed.at = timestamp;
  return timed;
}

export interface PlaceOptions {
  account: number;
  side: keyof typeof Side;
  quantity: number;
  /** Absent in a market order. */
  price?: number;
  symbol?: number;
  /** Default: LIMIT. */
  type?: keyof typeof OrderType;
  /** Default: GTC. */
  timeInForce?: keyof typeof TimeInForce;
  /** Default: CANCEL_NEWEST. */
  selfTrade?: keyof typeof SelfTrade;
  postOnly?: boolean;
  clientId?: string;
  stopPrice?: number;
  /** Only with GTD. */
  expireAt?: number;
}

function placeFields(options: PlaceOptions): Fields {
  return {
    kind: CommandKind.PLACE,
    side: Side[options.side],
    type: OrderType[options.type ?? "LIMIT"],
    timeInForce: TimeInForce[options.timeInForce ?? "GTC"],
    selfTrade: SelfTrade[options.selfTrade ?? "CANCEL_NEWEST"],
    flags: options.postOnly === true ? OrderFlag.POST_ONLY : 0,
    account: options.account,
    symbol: options.symbol,
    price: options.price,
    quantity: options.quantity,
    stopPrice: options.stopPrice,
    amount: options.expireAt,
    text: options.clientId,
  };
}

export function place(options: PlaceOptions): Command {
  return command("place", options, placeFields(options));
}

export function buy(options: Omit<PlaceOptions, "side">): Command {
  return command("buy", options, placeFields({ ...options, side: "BUY" }));
}

export function sell(options: Omit<PlaceOptions, "side">): Command {
  return command("sell", options, placeFields({ ...options, side: "SELL" }));
}

export interface TargetOptions {
  account: number;
  /** The command that placed the order. If absent, `clientId` names it. */
  of?: Command;
  clientId?: string;
  /** Default: the symbol of the order. */
  symbol?: number;
}

function targetFields(kind: number, options: TargetOptions): Fields {
  return {
    kind,
    account: options.account,
    symbol: options.symbol ?? -1,
    text: options.clientId,
  };
}

export function cancel(options: TargetOptions): Command {
  return command("cancel", options, targetFields(CommandKind.CANCEL, options), options.of);
}

export interface AmendOptions extends TargetOptions {
  price?: number;
  quantity?: number;
  stopPrice?: number;
}

export function amend(options: AmendOptions): Command {
  const { price, quantity, stopPrice } = options;
  const target = targetFields(CommandKind.AMEND, options);
  const fields = { ...target, price, quantity, stopPrice };
  return command("amend", options, fields, options.of);
}

/** Default of `cause`: USER. */
export function cancelAll(options: {
  account: number;
  symbol?: number;
  cause?: keyof typeof CancelCause;
}): Command {
  const { account, symbol = -1, cause = "USER" } = options;
  const flags = CancelCause[cause];
  return command("cancelAll", options, { kind: CommandKind.CANCEL_ALL, account, symbol, flags });
}

export function openAccount(options: { account: number; user?: number }): Command {
  const { account, user = account } = options;
  return command("openAccount", options, { kind: CommandKind.OPEN_ACCOUNT, account, actor: user });
}

/** `fees`: the account's own, in basis points. Without them the market's fees hold. */
export function setAccount(options: {
  account: number;
  mayShort?: boolean;
  fees?: { maker: number; taker: number };
}): Command {
  const { account, mayShort, fees } = options;
  const flags =
    (mayShort === true ? AccountFlag.MAY_SHORT : 0) |
    (fees === undefined ? 0 : AccountFlag.OWN_FEES);
  const fields = { kind: CommandKind.SET_ACCOUNT, account, flags };
  return command("setAccount", options, {
    ...fields,
    price: fees?.maker,
    quantity: fees?.taker,
  });
}

export function depositCash(options: { account: number; amount: number }): Command {
  return command("depositCash", options, { kind: CommandKind.DEPOSIT_CASH, ...options });
}

export function depositShares(options: {
  account: number;
  amount: number;
  symbol?: number;
}): Command {
  return command("depositShares", options, { kind: CommandKind.DEPOSIT_SHARES, ...options });
}

export function listSymbol(options: {
  symbol: number;
  increment?: number;
  text?: string;
}): Command {
  const { symbol, increment = 1, text } = options;
  const fields = { kind: CommandKind.LIST_SYMBOL, symbol, price: increment, text };
  return command("listSymbol", options, fields);
}

export function setSymbolState(options: {
  state: keyof typeof SymbolState;
  symbol?: number;
}): Command {
  const { symbol, state } = options;
  const fields = { kind: CommandKind.SET_SYMBOL_STATE, symbol, quantity: SymbolState[state] };
  return command("setSymbolState", options, fields);
}

/**
 * If absent: increment and reference stay, there is no maximum quantity and no band, and the reference is the
 * last trade.
 */
export function setSymbolRules(options: {
  symbol?: number;
  increment?: number;
  quantityMax?: number;
  reference?: number;
  bandBps?: number;
  bandMs?: number;
}): Command {
  const fields = {
    kind: CommandKind.SET_SYMBOL_RULES,
    symbol: options.symbol,
    price: options.increment,
    quantity: options.quantityMax,
    stopPrice: options.reference,
    amount: options.bandBps,
    slot: options.bandMs ?? 0,
  };
  return command("setSymbolRules", options, fields);
}

/** What is absent is switched off. Moves are in basis points, times in milliseconds. */
export function setProtection(options: {
  symbol?: number;
  openOrdersMax?: number;
  notionalMax?: number;
  moveBps?: number;
  windowMs?: number;
  pauseMs?: number;
  auctionMs?: number;
}): Command {
  const fields = {
    kind: CommandKind.SET_SYMBOL_PROTECTION,
    symbol: options.symbol,
    quantity: options.openOrdersMax,
    amount: options.notionalMax,
    price: options.moveBps,
    stopPrice: options.windowMs,
    slot: options.pauseMs ?? 0,
    generation: options.auctionMs ?? 0,
  };
  return command("setProtection", options, fields);
}

/** A command that has no effect except that time passes. */
export function clock(): Command {
  return command("clock", {}, { kind: CommandKind.CLOCK });
}

/** Basis points. */
export function setFees(options: { maker: number; taker: number }): Command {
  const { maker, taker } = options;
  const fields = { kind: CommandKind.SET_FEES, price: maker, quantity: taker };
  return command("setFees", options, fields);
}

/**
 * What an account may hold, or all accounts if none is given. Absent values are 0, which means the common
 * limit.
 */
export function setShares(options: {
  account?: number;
  orders?: number;
  pages?: number;
  positions?: number;
  clientIds?: number;
}): Command {
  const fields = {
    kind: CommandKind.SET_SHARES,
    account: options.account ?? -1,
    quantity: options.orders,
    price: options.pages,
    stopPrice: options.positions,
    amount: options.clientIds,
  };
  return command("setShares", options, fields);
}

/** Default: the latest version of the rules. */
export function setRules(options: { version?: number; seed?: number }): Command {
  const { version = RULES_VERSION, seed = 1 } = options;
  const fields = { kind: CommandKind.SET_RULES, quantity: version, amount: seed };
  return command("setRules", options, fields);
}

export function note(options: { text: string }): Command {
  return command("note", options, { kind: CommandKind.NOTE, ...options });
}

/** Any record, also one that no gateway would accept. */
export function record(options: Fields): Command {
  return command("record", options, options);
}

/** A block of records, as the words that `apply` reads. */
export interface Records {
  ints: Int32Array;
  doubles: Float64Array;
  bytes: Uint8Array;
}

export function createRecords(count: number): Records {
  const buffer = new ArrayBuffer(count * COMMAND_BYTES);
  return {
    ints: new Int32Array(buffer),
    doubles: new Float64Array(buffer),
    bytes: new Uint8Array(buffer),
  };
}

/** The time of a command. */
export interface Stamp {
  sequence: number;
  timestamp: number;
}

/** Writes the command as record `index`. `target`: the number of the order that it names, or 0. */
export function writeCommand(
  { fields }: Command,
  target: number,
  { sequence, timestamp }: Stamp,
  { ints, doubles, bytes }: Records,
  index = 0,
): void {
  const at = index * COMMAND_BYTES;
  const i = at / 4;
  const d = at / 8;
  const { side = 0, type = 0, timeInForce = 0, selfTrade = 0, flags = 0, text = "" } = fields;
  bytes.fill(0, at, at + COMMAND_BYTES);
  ints[i + C_HEAD] = fields.kind | (side << 8) | (type << 16) | (timeInForce << 24);
  ints[i + C_OPTIONS] = selfTrade | (flags << 8);
  ints[i + C_ACCOUNT] = fields.account ?? 0;
  ints[i + C_SYMBOL] = fields.symbol ?? 0;
  ints[i + C_ORDER_SLOT] = fields.slot ?? orderSlot(target);
  ints[i + C_ORDER_GENERATION] = fields.generation ?? orderGeneration(target);
  ints[i + C_PRICE] = fields.price ?? 0;
  ints[i + C_QUANTITY] = fields.quantity ?? 0;
  ints[i + C_STOP_PRICE] = fields.stopPrice ?? 0;
  ints[i + C_ACTOR] = fields.actor ?? 0;
  doubles[d + C_SEQUENCE_F64] = sequence;
  doubles[d + C_TIMESTAMP_F64] = timestamp;
  doubles[d + C_AMOUNT_F64] = fields.amount ?? 0;
  for (let b = 0; b < text.length; b++) bytes[at + C_TEXT_BYTE + b] = text.charCodeAt(b);
}

/** The commands as the TypeScript that builds them. Commands that others refer to get a variable first. */
export function formatCommands(commands: readonly Command[]): string {
  const named = new Map<Command, string>();
  commands.forEach((each, index) => {
    if (commands.some(({ of }) => of === each)) named.set(each, `order${index}`);
  });
  const names = [...named].map(([each, name]) => `const ${name} = ${formatCall(each, named)};\n`);
  const lines = commands.map((each) => `  ${named.get(each) ?? formatCall(each, named)},\n`);
  return `${names.join("")}[\n${lines.join("")}]`;
}

function formatCall({ builder, options, at: time }: Command, named: Map<Command, string>): string {
  const members = Object.entries(options).map(([key, value]) =>
    key === "of" ? `of: ${named.get(value)}` : `${key}: ${formatValue(value)}`,
  );
  const call = members.length === 0 ? `${builder}()` : `${builder}({ ${members.join(", ")} })`;
  return time === undefined ? call : `at(${time}, ${call})`;
}

/** JSON cannot express NaN and the infinities. */
function formatValue(value: unknown): string {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
