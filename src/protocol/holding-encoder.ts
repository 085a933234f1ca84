/** Balance and position events, straight from primitives, in both encodings. */
import { Fragment } from "./byte-writer.ts";
import {
  type MessagePackWriter,
  messagePackFragment,
  stringFragment,
} from "./message-pack-writer.ts";
import { ACCOUNT_PREFIX, SYMBOL_PREFIX } from "./names.ts";

/**
 * The balance event in JSON: `available` and `reserved` cents of `account`; their sum is the total.
 */
export function jsonBalance(
  seq: number,
  account: number,
  available: number,
  reserved: number,
  timestamp: number,
  tick: number,
): string {
  const cash = jsonHolding(available, reserved);
  return `{"stream":"user_data","data":{"seq":${seq},"event":"balance","account_id":"acc_${account}","cash":{${cash}},"timestamp":${timestamp},"tick":${tick}}}`;
}

/** The position event in JSON: `available` and `reserved` shares of `symbol`. */
export function jsonPosition(
  seq: number,
  account: number,
  symbol: number,
  available: number,
  reserved: number,
  timestamp: number,
  tick: number,
): string {
  const shares = jsonHolding(available, reserved);
  return `{"stream":"user_data","data":{"seq":${seq},"event":"position","account_id":"acc_${account}","symbol":"SYMBOL_${symbol}",${shares},"timestamp":${timestamp},"tick":${tick}}}`;
}

function jsonHolding(available: number, reserved: number): string {
  return `"available":${available},"reserved":${reserved},"total":${available + reserved}`;
}

const ACCOUNT_NAME = Fragment.text(ACCOUNT_PREFIX);
const SYMBOL_NAME = Fragment.text(SYMBOL_PREFIX);

/** The event's beginning, with `members` members of `data`, up to the value of `seq`. */
const head = (members: number): Fragment =>
  messagePackFragment((writer) => {
    writer.map(2);
    writer.string("stream");
    writer.string("user_data");
    writer.string("data");
    writer.map(members);
    writer.string("seq");
  });
const event = (name: string): Fragment =>
  messagePackFragment((writer) => {
    writer.string("event");
    writer.string(name);
    writer.string("account_id");
  });

const BALANCE_HEAD = head(6);
const BALANCE_EVENT = event("balance");
const CASH = messagePackFragment((writer) => {
  writer.string("cash");
  writer.map(3);
});
const POSITION_HEAD = head(9);
const POSITION_EVENT = event("position");
const SYMBOL = stringFragment("symbol");
const AVAILABLE = stringFragment("available");
const RESERVED = stringFragment("reserved");
const TOTAL = stringFragment("total");
const TIMESTAMP = stringFragment("timestamp");
const TICK = stringFragment("tick");

/** The balance event in MessagePack. */
export function writeBalance(
  writer: MessagePackWriter,
  seq: number,
  account: number,
  available: number,
  reserved: number,
  timestamp: number,
  tick: number,
): Uint8Array {
  writer.reset();
  writer.fragment(BALANCE_HEAD);
  writer.integer(seq);
  writer.fragment(BALANCE_EVENT);
  writer.name(ACCOUNT_NAME, account);
  writer.fragment(CASH);
  writeHolding(writer, available, reserved);
  writeEnd(writer, timestamp, tick);
  return writer.view();
}

/** The position event in MessagePack. */
export function writePosition(
  writer: MessagePackWriter,
  seq: number,
  account: number,
  symbol: number,
  available: number,
  reserved: number,
  timestamp: number,
  tick: number,
): Uint8Array {
  writer.reset();
  writer.fragment(POSITION_HEAD);
  writer.integer(seq);
  writer.fragment(POSITION_EVENT);
  writer.name(ACCOUNT_NAME, account);
  writer.fragment(SYMBOL);
  writer.name(SYMBOL_NAME, symbol);
  writeHolding(writer, available, reserved);
  writeEnd(writer, timestamp, tick);
  return writer.view();
}

function writeHolding(writer: MessagePackWriter, available: number, reserved: number): void {
  writer.fragment(AVAILABLE);
  writer.integer(available);
  writer.fragment(RESERVED);
  writer.integer(reserved);
  writer.fragment(TOTAL);
  writer.integer(available + reserved);
}

function writeEnd(writer: MessagePackWriter, timestamp: number, tick: number): void {
  writer.fragment(TIMESTAMP);
  writer.integer(timestamp);
  writer.fragment(TICK);
  writer.integer(tick);
}
