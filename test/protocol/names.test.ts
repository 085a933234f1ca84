import { describe, expect, test } from "bun:test";
import {
  OrderFlag,
  OrderType,
  PRICE_MAX,
  QUANTITY_MAX,
  SelfTrade,
  Side,
  TimeInForce,
} from "../../src/core/command.ts";
import { OrderStatus } from "../../src/core/event.ts";
import {
  accountName,
  accountNumber,
  NOT_OF_FORM,
  ORDER_REASONS,
  ORDER_STATUSES,
  ORDER_TYPES,
  orderName,
  orderNumberOf,
  SELF_TRADE_MODES,
  SIDES,
  symbolName,
  symbolNumber,
  TIMES_IN_FORCE,
} from "../../src/protocol/names.ts";
import { POST_ONLY_FLAG } from "../../src/protocol/order-request.ts";
import * as fields from "../../src/protocol/schemas/fields.ts";

const indexed = (words: readonly string[]) =>
  Object.fromEntries(words.map((word, index) => [word, index]));

test("words stand at the core's numbers", () => {
  expect(indexed(SIDES)).toEqual(Side);
  expect(indexed(ORDER_TYPES)).toEqual(OrderType);
  expect(indexed(TIMES_IN_FORCE)).toEqual(TimeInForce);
  expect(indexed(SELF_TRADE_MODES)).toEqual(SelfTrade);
  expect(indexed(ORDER_STATUSES)).toEqual(OrderStatus);
  expect(POST_ONLY_FLAG).toBe(OrderFlag.POST_ONLY);
  expect([fields.PRICE_MAX, fields.QUANTITY_MAX]).toEqual([PRICE_MAX, QUANTITY_MAX]);
});

test("reasons keep their index for ever", () => {
  expect<readonly string[]>(ORDER_REASONS).toEqual([
    "",
    "USER",
    "CANCEL_ALL",
    "DISCONNECT",
    "DEAD_MANS_SWITCH",
    "SELF_TRADE",
    "OPERATOR",
    "TIME_IN_FORCE",
    "EXPIRE_AT",
    "PRICE_BAND",
    "POST_ONLY",
    "FILL_OR_KILL",
    "FUNDS",
    "SYMBOL_CLOSED",
  ]);
});

describe("numbers of names", () => {
  test("come back from the names they make", () => {
    for (const n of [0, 1, 9, 10, 4095, 0x7fff_ffff]) {
      expect([symbolNumber(symbolName(n)), accountNumber(accountName(n))]).toEqual([n, n]);
    }
    for (const n of [1, 2 ** 21, Number.MAX_SAFE_INTEGER]) {
      expect(orderNumberOf(orderName(n))).toBe(n);
    }
  });

  test.each([
    "SYMBOL_",
    "SYMBOL_01",
    "SYMBOL_+1",
    "SYMBOL_-1",
    "SYMBOL_1 ",
    "SYMBOL_1.0",
    "SYMBOL_1e3",
    "SYMBOL_２",
    "SYMBOL_2147483648",
    "SYMBOL_99999999999999999999",
    "symbol_1",
    "1",
    "",
  ])("%p names no symbol", (name) => {
    expect(symbolNumber(name)).toBe(NOT_OF_FORM);
  });

  test.each(["ord_0", "ord_01", "ord_9007199254740992", "ord_9999999999999999", "ord-1", "acc_1"])(
    "%p names no order",
    (name) => {
      expect(orderNumberOf(name)).toBe(NOT_OF_FORM);
    },
  );
});
