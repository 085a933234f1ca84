import { expect, test } from "bun:test";
import { join } from "node:path";
import { CancelCause, CommandKind, orderNumber } from "../../src/core/command.ts";
import { commandObject, commandText } from "../../src/router/command-json.ts";
import {
  amend,
  type Command,
  cancel,
  cancelAll,
  createRecords,
  type Fields,
  place,
  record,
  setAccount,
  writeCommand,
} from "../core/command-builder.ts";

const page = await Bun.file(join(import.meta.dir, "../../proto/journal.md")).text();
const STAMP = { sequence: 520, timestamp: 1_700_000_000_000 };
const COMMON = { sequence: 520, tick: 9, timestamp: 1_700_000_000_000 };

/** The command as JSON, second of three records so that its place counts. */
function asJson(command: Command, order = 0): object {
  const records = createRecords(3);
  const noise = record({ kind: CommandKind.NOTE, account: 77, actor: 77, text: "x".repeat(64) });
  for (const index of [0, 2]) writeCommand(noise, 0, STAMP, records, index);
  writeCommand(command, order, STAMP, records, 1);
  return commandObject(records, 1, 9);
}

test("an order has its members in the words of the wire", () => {
  expect(
    asJson(place({ account: 2, side: "BUY", price: 15_010, quantity: 10, symbol: 656 })),
  ).toEqual({
    ...COMMON,
    kind: "PLACE",
    actor: "exchange",
    account: "acc_2",
    symbol: "SYMBOL_656",
    side: "BUY",
    type: "LIMIT",
    price: 15_010,
    quantity: 10,
    time_in_force: "GTC",
    self_trade_prevention: "CANCEL_NEWEST",
  });
  const everything: Fields = {
    ...place({
      account: 2,
      side: "SELL",
      type: "STOP_LIMIT",
      price: 7,
      stopPrice: 8,
      quantity: 10,
      timeInForce: "GTD",
      expireAt: 1_800_000_000_000,
      selfTrade: "DECREMENT",
      postOnly: true,
      clientId: "mine",
    }).fields,
    actor: 5,
  };
  expect(asJson(record(everything))).toEqual({
    ...COMMON,
    kind: "PLACE",
    actor: "usr_5",
    account: "acc_2",
    symbol: "SYMBOL_0",
    side: "SELL",
    type: "STOP_LIMIT",
    price: 7,
    stop_price: 8,
    quantity: 10,
    time_in_force: "GTD",
    expire_at: 1_800_000_000_000,
    post_only: true,
    self_trade_prevention: "DECREMENT",
    client_order_id: "mine",
  });
});

test("an order is named by its number or by its client order id", () => {
  const number = orderNumber(3, 4);
  const common = { ...COMMON, actor: "exchange", account: "acc_1" };
  expect(asJson(cancel({ account: 1 }), number)).toEqual({
    ...common,
    kind: "CANCEL",
    order_id: `ord_${number}`,
  });
  const { fields } = amend({ account: 1, clientId: "a", symbol: 6, quantity: 3 });
  expect(asJson(record({ ...fields, stopPrice: 8 }))).toEqual({
    ...common,
    kind: "AMEND",
    symbol: "SYMBOL_6",
    client_order_id: "a",
    stop_price: 8,
    quantity: 3,
  });
  // As older programs wrote it.
  expect(asJson(record({ ...fields, flags: 0 }))).not.toHaveProperty("cancels_rest");
});

test("a CANCEL_ALL has its reason, unless its user requested it", () => {
  const common = { ...COMMON, actor: "exchange", account: "acc_1", kind: "CANCEL_ALL" };
  const withFlags = (flags: number) =>
    asJson(record({ kind: CommandKind.CANCEL_ALL, account: 1, symbol: -1, flags }));
  expect(asJson(cancelAll({ account: 1 }))).toEqual(common);
  expect(withFlags(CancelCause.DISCONNECT)).toEqual({ ...common, cause: "DISCONNECT" });
  expect(withFlags(CancelCause.DEAD_MANS_SWITCH)).toEqual({ ...common, cause: "DEAD_MANS_SWITCH" });
  expect(withFlags(CancelCause.OPERATOR)).toEqual({ ...common, cause: "OPERATOR" });
  expect(withFlags(9)).toEqual({ ...common, cause: 9 });
});

test("an account's settings and fees are shown", () => {
  const common = { ...COMMON, kind: "SET_ACCOUNT", actor: "exchange", account: "acc_1" };
  expect(asJson(setAccount({ account: 1 }))).toEqual({ ...common, may_short: false });
  expect(asJson(setAccount({ account: 1, mayShort: true, fees: { maker: -2, taker: 9 } }))).toEqual(
    {
      ...common,
      may_short: true,
      fees: { maker_bps: -2, taker_bps: 9 },
    },
  );
});

test("a value that this program does not know is shown as its number", () => {
  expect(asJson(record({ kind: 200 }))).toEqual({ ...COMMON, kind: "200", actor: "exchange" });
  const strange = record({
    kind: CommandKind.PLACE,
    side: 9,
    type: 8,
    timeInForce: 7,
    selfTrade: 6,
  });
  expect(asJson(strange)).toMatchObject({
    side: 9,
    type: 8,
    time_in_force: 7,
    self_trade_prevention: 6,
  });
});

test("a text may fill its whole field", () => {
  const records = createRecords(1);
  const text = "n".repeat(64);
  writeCommand(record({ kind: CommandKind.NOTE, text }), 0, STAMP, records);
  expect(commandText(records, 0)).toBe(text);
  expect(commandObject(records, 0, 1)).toMatchObject({ text });
});

/** A record in which every field says something. */
const FULL: Omit<Fields, "kind"> = {
  ...{ account: 1, symbol: 1, price: 1, quantity: 1, stopPrice: 1, actor: 1, amount: 1 },
  ...{ timeInForce: 3, flags: 3, slot: 1, generation: 1, text: "text" },
};

test.each(Object.entries(CommandKind))("proto/journal.md names the members of %s", (name, kind) => {
  const row = page.split("\n").find((line) => line.startsWith(`| ${name} |`));
  const named = (row ?? "").matchAll(/`(\w+)` [A-Zf]/g);
  const {
    sequence: _,
    tick: _tick,
    timestamp: _time,
    kind: _kind,
    actor: _actor,
    ...members
  } = asJson(record({ kind, ...FULL })) as Record<string, unknown>;
  expect([...named].map(([, member]) => member)).toEqual(Object.keys(members));
});
