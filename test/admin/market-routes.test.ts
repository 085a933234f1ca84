import { expect, test } from "bun:test";
import { CommandKind, SymbolState } from "../../src/core/command.ts";
import { InvalidField, Reject } from "../../src/core/reject.ts";
import { ErrorCode } from "../../src/protocol/errors.ts";
import { UnavailableError } from "../../src/router/control.ts";
import { ask, exchange, told, useAdminApi } from "./admin-api.ts";

useAdminApi();

test("a change of several symbols that stops half-way reports how many were changed", async () => {
  const failing = async (answer: typeof exchange.answer): Promise<unknown> => {
    exchange.answer = answer;
    const body = { all: true, state: "HALTED" };
    const { body: told } = await ask("POST", "/admin/v1/symbols/state", body);
    return [told.code, told.details];
  };
  const full = new UnavailableError(ErrorCode.OVERLOADED, "the ring is full");
  expect(
    await failing(({ symbol }) => {
      if (symbol === 2) throw full;
      return undefined;
    }),
  ).toEqual([
    50300,
    {
      field: "symbol",
      issue: "2 of 3 symbols are changed, then: the ring is full",
      retry_after_ms: 1000,
    },
  ]);
  const refused = { code: Reject.INVALID_PARAMETER, detail: InvalidField.STATE };
  expect(await failing(({ symbol }) => (symbol === 1 ? refused : undefined))).toEqual([
    40001,
    {
      field: "symbol",
      issue: "2 of 3 symbols are changed; another was refused: The exchange refused its state",
    },
  ]);
  expect(await failing(() => refused)).toEqual([
    40001,
    { field: "symbol", issue: "The exchange refused its state" },
  ]);
});

test.each([
  ["halt", "HALTED"],
  ["resume", "TRADING"],
  ["cancel-only", "CANCEL_ONLY"],
  ["pre-open", "PRE_OPEN"],
  ["auction", "AUCTION"],
] as const)("symbol %s", async (action, state) => {
  expect(await told("POST", `/admin/v1/symbols/SYMBOL_2/${action}`)).toEqual({
    status: 200,
    body: { symbol: "SYMBOL_2", state, tick: 9 },
  });
  expect(exchange.commands).toEqual([
    { kind: CommandKind.SET_SYMBOL_STATE, symbol: 2, quantity: SymbolState[state] },
  ]);
  expect(await told("POST", `/admin/v1/symbols/SYMBOL_3/${action}`)).toEqual({
    status: 404,
    body: {
      code: 40003,
      message: "Unknown symbol",
      details: { field: "symbol", issue: "There is no symbol SYMBOL_3" },
    },
  });
});

test("the operator cancels any user's order on any symbol", async () => {
  const id = `ord_${5 * 2 ** 21 + 3}`;
  const order = {
    order_id: id,
    symbol: "SYMBOL_1",
    side: "BUY" as const,
    type: "LIMIT" as const,
    time_in_force: "GTC" as const,
    price: 150,
    quantity: 10,
    filled_quantity: 0,
    status: "CANCELLED" as const,
    reason: "OPERATOR" as const,
    created_at: 1_700_000_000_000,
    timestamp: 1_700_000_000_000,
    tick: 9,
  };
  expect(await told("POST", `/admin/v1/orders/${id}/cancel`)).toEqual({
    status: 200,
    body: order,
  });
  expect(exchange.commands).toEqual([
    { kind: CommandKind.CANCEL, account: 0, symbol: -1, orderSlot: 3, orderGeneration: 5 },
  ]);
});

test("cancelling an order that is done or never existed is refused", async () => {
  for (const id of ["7", "ord_", "ord_x", "ord_0", `ord_${2 ** 21}`, "ord_9007199254740992"]) {
    const answer = await told("POST", `/admin/v1/orders/${id}/cancel`);
    expect([answer.status, answer.body.code]).toEqual([404, 40004]);
  }
  expect(exchange.commands).toEqual([]);
  exchange.answer = () => ({ code: Reject.UNKNOWN_ORDER });
  expect(await told("POST", "/admin/v1/orders/ord_3/cancel")).toEqual({
    status: 404,
    body: {
      code: 40004,
      message: "Unknown order",
      details: { field: "id", issue: "There is no order ord_3, or no longer" },
    },
  });
});
