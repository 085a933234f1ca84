/** Encoders of balance and position events. */
import { createEncoder } from "./encoder.ts";
import { constant, integer, name, push } from "./layout.ts";
import { ACCOUNT_PREFIX, SYMBOL_PREFIX } from "./names.ts";

const HOLDING = {
  available: integer("available"),
  reserved: integer("reserved"),
  total: integer("available + reserved"),
  timestamp: integer("timestamp"),
  tick: integer("tick"),
};

/** The balance event: `available` and `reserved` cents of `account`; their sum is the total. */
export const balanceEvent = createEncoder<
  [
    seq: number,
    account: number,
    available: number,
    reserved: number,
    timestamp: number,
    tick: number,
  ]
>(
  ["seq", "account", "available", "reserved", "timestamp", "tick"],
  push("balance", {
    seq: integer("seq"),
    event: constant("balance"),
    account_id: name(ACCOUNT_PREFIX, "account"),
    ...HOLDING,
  }),
);

/** The position event: `available` and `reserved` shares of `symbol`. */
export const positionEvent = createEncoder<
  [
    seq: number,
    account: number,
    symbol: number,
    available: number,
    reserved: number,
    timestamp: number,
    tick: number,
  ]
>(
  ["seq", "account", "symbol", "available", "reserved", "timestamp", "tick"],
  push("position", {
    seq: integer("seq"),
    event: constant("position"),
    account_id: name(ACCOUNT_PREFIX, "account"),
    symbol: name(SYMBOL_PREFIX, "symbol"),
    ...HOLDING,
  }),
);
