import { describe, expect, test } from "bun:test";
import { COMMAND_BYTES, CommandKind, orderNumber } from "../../src/core/command.ts";
import { orderName } from "../../src/protocol/names.ts";
import {
  fillOrderRequest,
  type OrderMethodName,
  OrderRequest,
} from "../../src/protocol/order-request.ts";
import type { Params } from "../../src/protocol/schemas.ts";
import type { ControlCommand } from "../../src/router/control.ts";
import { InboundRing } from "../../src/router/inbound-ring.ts";
import { writeControlCommand, writeOrderCommand } from "../../src/router/order-command.ts";
import { createRecords, type Fields, record, writeCommand } from "../core/command-builder.ts";

const ACCOUNT = 7;
const USER = 3;
const request = new OrderRequest();

function claim() {
  const ring = new InboundRing(8);
  const index = ring.claim({ batch: 0, last: -1, onReplies: () => {}, onFailed: () => {} });
  return { batch: ring.gathering, index };
}

function bytesOf(write: (...place: [batch: ReturnType<typeof claim>["batch"], i: number]) => void) {
  const { batch, index } = claim();
  write(batch, index);
  return batch.bytes.slice(index * COMMAND_BYTES, (index + 1) * COMMAND_BYTES);
}

/** The record of a request, as the gateway writes it. */
function written<M extends OrderMethodName>(method: M, params: Params<M>): Uint8Array {
  fillOrderRequest(request, method, params);
  return bytesOf((batch, i) => writeOrderCommand(batch, i, request, ACCOUNT, USER));
}

/** The record with these fields and the rest zero. */
function expected(fields: Fields): Uint8Array {
  const records = createRecords(1);
  writeCommand(record(fields), 0, { sequence: 0, timestamp: 0 }, records);
  return records.bytes;
}

describe("order requests", () => {
  const mine = { account: ACCOUNT, actor: USER };

  test("order.place with every option", () => {
    const params = {
      symbol: "SYMBOL_5",
      side: "SELL",
      type: "STOP_LIMIT",
      quantity: 10,
      price: 1234,
      stop_price: 1300,
      time_in_force: "FOK",
      post_only: true,
      client_order_id: "a".repeat(64),
      self_trade_prevention: "DECREMENT",
    } as const;
    expect(written("order.place", params)).toEqual(
      expected({
        kind: CommandKind.PLACE,
        ...mine,
        side: 1,
        type: 3,
        timeInForce: 2,
        selfTrade: 3,
        flags: 1,
        symbol: 5,
        quantity: 10,
        price: 1234,
        stopPrice: 1300,
        text: "a".repeat(64),
      }),
    );
  });

  test("order.place with no option", () => {
    const params = { symbol: "SYMBOL_0", side: "BUY", type: "MARKET", quantity: 1 } as const;
    expect(written("order.place", params)).toEqual(
      expected({ kind: CommandKind.PLACE, ...mine, type: 1, timeInForce: 1, quantity: 1 }),
    );
  });

  test("an amendment to a quantity of 0 is a cancel", () => {
    const params = { order_id: orderName(orderNumber(1, 1)), quantity: 0, price: 9, stop_price: 9 };
    const { order_id } = params;
    expect(written("order.amend", params)).toEqual(written("order.cancel", { order_id }));
  });

  test("the largest order number finds its slot and generation", () => {
    const largest = orderNumber((1 << 21) - 1, -1);
    expect(largest).toBe(Number.MAX_SAFE_INTEGER);
    expect(written("order.cancel", { order_id: orderName(largest) })).toEqual(
      expected({
        kind: CommandKind.CANCEL,
        ...mine,
        symbol: -1,
        slot: (1 << 21) - 1,
        generation: -1,
      }),
    );
  });

  test("order.cancel by client order id on a symbol", () => {
    const params = { client_order_id: "x-1", symbol: "SYMBOL_2" };
    expect(written("order.cancel", params)).toEqual(
      expected({ kind: CommandKind.CANCEL, ...mine, symbol: 2, text: "x-1" }),
    );
  });

  test("order.amend", () => {
    expect(written("order.amend", { order_id: "ord_1", price: 5, quantity: 6 })).toEqual(
      expected({
        kind: CommandKind.AMEND,
        ...mine,
        symbol: -1,
        slot: 1,
        price: 5,
        quantity: 6,
      }),
    );
  });

  test("order.cancel_all", () => {
    const all = { kind: CommandKind.CANCEL_ALL, ...mine };
    expect(written("order.cancel_all", {})).toEqual(expected({ ...all, symbol: -1 }));
    expect(written("order.cancel_all", { symbol: "SYMBOL_0" })).toEqual(
      expected({ ...all, symbol: 0 }),
    );
  });

  test("an invalid symbol or order id matches none, and never all", () => {
    const nobody = 0x7fff_ffff;
    const kind = CommandKind.CANCEL_ALL;
    expect(written("order.cancel_all", { symbol: "SYMBOL_01" })).toEqual(
      expected({ kind, ...mine, symbol: nobody }),
    );
    expect(written("order.cancel", { order_id: "ord_-1" })).toEqual(
      expected({ kind: CommandKind.CANCEL, ...mine, symbol: -1 }),
    );
  });
});

describe("commands of the exchange's own", () => {
  function control(command: ControlCommand): Uint8Array {
    return bytesOf((batch, i) => writeControlCommand(batch, i, command));
  }

  test("with every field", () => {
    const command = {
      kind: CommandKind.SET_SYMBOL_RULES,
      account: 1,
      symbol: 2,
      price: 5,
      quantity: 6,
      stopPrice: 7,
      flags: 8,
      actor: 9,
      amount: -1.5e15,
      text: "~".repeat(64),
    };
    expect(control({ ...command, orderSlot: 3, orderGeneration: 4 })).toEqual(
      expected({ ...command, slot: 3, generation: 4 }),
    );
  });

  test("without a symbol applies to no symbol", () => {
    expect(control({ kind: CommandKind.NOTE, text: "key.create" })).toEqual(
      expected({ kind: CommandKind.NOTE, symbol: -1, text: "key.create" }),
    );
  });
});
