/** Reads a command record word by word into a plain object. */
import {
  C_ACCOUNT,
  C_ACTOR,
  C_AMOUNT_F64,
  C_HEAD,
  C_OPTIONS,
  C_ORDER_GENERATION,
  C_ORDER_SLOT,
  C_PRICE,
  C_QUANTITY,
  C_STOP_PRICE,
  C_SYMBOL,
  C_TEXT,
  C_TEXT_INTS,
  C_TIMESTAMP_F64,
  orderNumber,
} from "../../src/core/command.ts";

export interface ReadCommand {
  kind: number;
  side: number;
  type: number;
  timeInForce: number;
  selfTrade: number;
  flags: number;
  account: number;
  symbol: number;
  /** The order it names, 0 = none. */
  order: number;
  /** The words of its name. In a SET_SYMBOL_PROTECTION these are times. */
  slot: number;
  generation: number;
  price: number;
  quantity: number;
  stopPrice: number;
  actor: number;
  amount: number;
  timestamp: number;
  text: string;
}

/** Reads the only record of a block. */
export function readCommand(ints: Int32Array, doubles: Float64Array): ReadCommand {
  const [head = 0, options = 0] = [ints[C_HEAD], ints[C_OPTIONS]];
  const slot = ints[C_ORDER_SLOT] ?? 0;
  return {
    kind: head & 255,
    side: (head >> 8) & 255,
    type: (head >> 16) & 255,
    timeInForce: (head >> 24) & 255,
    selfTrade: options & 255,
    flags: options >> 8,
    account: ints[C_ACCOUNT] ?? 0,
    symbol: ints[C_SYMBOL] ?? 0,
    order: slot === 0 ? 0 : orderNumber(slot, ints[C_ORDER_GENERATION] ?? 0),
    slot,
    generation: ints[C_ORDER_GENERATION] ?? 0,
    price: ints[C_PRICE] ?? 0,
    quantity: ints[C_QUANTITY] ?? 0,
    stopPrice: ints[C_STOP_PRICE] ?? 0,
    actor: ints[C_ACTOR] ?? 0,
    amount: doubles[C_AMOUNT_F64] ?? 0,
    timestamp: doubles[C_TIMESTAMP_F64] ?? 0,
    text: readText(ints),
  };
}

function readText(ints: Int32Array): string {
  let text = "";
  for (const word of ints.subarray(C_TEXT, C_TEXT + C_TEXT_INTS)) {
    for (let shift = 0; shift < 32; shift += 8) {
      const code = (word >>> shift) & 255;
      if (code !== 0) text += String.fromCharCode(code);
    }
  }
  return text;
}
