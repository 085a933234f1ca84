import { describe, expect, test } from "bun:test";
import {
  fillOrderRequest,
  OrderMethod,
  type OrderMethodName,
  OrderRequest,
} from "../../src/protocol/order-request.ts";
import type { Params } from "../../src/protocol/schemas.ts";
import { contentsOf, type RequestContents } from "./request-contents.ts";

const ABSENT: RequestContents = {
  method: 0,
  symbol: -1,
  symbolText: "",
  side: 0,
  type: 0,
  timeInForce: 0,
  selfTrade: 0,
  flags: 0,
  price: 0,
  quantity: 0,
  stopPrice: 0,
  expireAt: 0,
  order: 0,
  account: -1,
  clientOrderId: "",
  idLength: 0,
};

function filled<M extends OrderMethodName>(method: M, params: Params<M>): RequestContents {
  const request = new OrderRequest();
  // Everything that an earlier request could have left behind.
  fillOrderRequest(request, "order.place", {
    symbol: "SYMBOL_9",
    side: "SELL",
    type: "STOP_LIMIT",
    price: 9,
    stop_price: 9,
    quantity: 9,
    time_in_force: "GTD",
    expire_at: 9,
    post_only: true,
    self_trade_prevention: "NONE",
    client_order_id: "left-over",
    account_id: "acc_9",
  });
  request.order = 9;
  request.symbolText = "LEFTOVER";
  request.idLength = 9;
  fillOrderRequest(request, method, params);
  return contentsOf(request);
}

describe("fillOrderRequest", () => {
  test("a limit order", () => {
    const params = {
      symbol: "SYMBOL_1",
      side: "BUY",
      type: "LIMIT",
      price: 150,
      quantity: 10,
    } as const;
    expect(filled("order.place", params)).toEqual({
      ...ABSENT,
      method: OrderMethod.PLACE,
      symbol: 1,
      price: 150,
      quantity: 10,
    });
  });

  test("every option", () => {
    expect(
      filled("order.place", {
        symbol: "SYMBOL_0",
        side: "SELL",
        type: "STOP_LIMIT",
        price: 150,
        stop_price: 140,
        quantity: 10,
        time_in_force: "GTD",
        expire_at: 1_800_000_000_123,
        post_only: true,
        self_trade_prevention: "DECREMENT",
        client_order_id: "mine",
        account_id: "acc_7",
      }),
    ).toEqual({
      ...ABSENT,
      method: OrderMethod.PLACE,
      symbol: 0,
      side: 1,
      type: 3,
      timeInForce: 3,
      selfTrade: 3,
      flags: 1,
      price: 150,
      quantity: 10,
      stopPrice: 140,
      expireAt: 1_800_000_000_123,
      account: 7,
      clientOrderId: "mine",
    });
  });

  test("a market order is IOC unless it says otherwise", () => {
    const market = { symbol: "SYMBOL_1", side: "BUY", type: "MARKET", quantity: 10 } as const;
    expect(filled("order.place", market).timeInForce).toBe(1);
    expect(filled("order.place", { ...market, time_in_force: "FOK" }).timeInForce).toBe(2);
  });

  test("names of another form are marked", () => {
    const params = {
      symbol: "SYMBOL_01",
      side: "BUY",
      type: "LIMIT",
      price: 1,
      quantity: 1,
      account_id: "user123",
    } as const;
    expect(filled("order.place", params)).toMatchObject({
      symbol: -2,
      symbolText: "SYMBOL_01",
      account: -2,
    });
    expect(filled("order.cancel", { order_id: "ord_+1" }).order).toBe(-2);
  });

  test("a ticker is kept as it is written", () => {
    expect(filled("order.cancel_all", { symbol: "PMAHOMES" })).toEqual({
      ...ABSENT,
      method: OrderMethod.CANCEL_ALL,
      symbol: -2,
      symbolText: "PMAHOMES",
    });
  });

  test("cancel, amend and cancel all", () => {
    expect(filled("order.cancel", { order_id: "ord_5", symbol: "SYMBOL_2" })).toEqual({
      ...ABSENT,
      method: OrderMethod.CANCEL,
      order: 5,
      symbol: 2,
    });
    expect(filled("order.amend", { client_order_id: "mine", quantity: 3 })).toEqual({
      ...ABSENT,
      method: OrderMethod.AMEND,
      clientOrderId: "mine",
      quantity: 3,
    });
    expect(filled("order.amend", { order_id: "ord_5", stop_price: 4 })).toEqual({
      ...ABSENT,
      method: OrderMethod.AMEND,
      order: 5,
      stopPrice: 4,
    });
    expect(filled("order.cancel_all", {})).toEqual({ ...ABSENT, method: OrderMethod.CANCEL_ALL });
    expect(filled("order.cancel_all", { symbol: "SYMBOL_2" })).toEqual({
      ...ABSENT,
      method: OrderMethod.CANCEL_ALL,
      symbol: 2,
    });
  });
});
