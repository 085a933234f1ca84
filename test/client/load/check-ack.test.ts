import { expect, test } from "bun:test";
import { ackFault } from "../../../bench/load/check-ack.ts";

const NOW_MS = 1_790_000_000_000;
const ID = 100_000_007;
const ORDER = { symbol: "SYMBOL_1", side: "BUY", quantity: 10, price: 5_000 } as const;
const STATE = {
  ...ORDER,
  order_id: "ord_2097153",
  type: "LIMIT",
  time_in_force: "GTC",
  filled_quantity: 0,
  status: "ACCEPTED",
  created_at: NOW_MS,
  timestamp: NOW_MS,
  tick: 3,
};
const PARTIAL = { filled_quantity: 4, average_price: 4_999.5, status: "PARTIALLY_FILLED" };
const FILLED = { filled_quantity: 10, average_price: 5_000, status: "FILLED" };

function faultOf(change: object): string | undefined {
  return ackFault({ id: ID, result: { ...STATE, ...change } }, ID, ORDER, NOW_MS);
}

test("an answer that fits the contract has no fault", () => {
  expect([{}, PARTIAL, FILLED].map(faultOf)).toEqual([undefined, undefined, undefined]);
});

test.each([
  ["order_id 2097153", { order_id: "2097153" }],
  ["side SELL instead of BUY", { side: "SELL" }],
  ["symbol SYMBOL_2 instead of SYMBOL_1", { symbol: "SYMBOL_2" }],
  ["price 5001 instead of 5000", { price: 5_001 }],
  ["type MARKET instead of LIMIT", { type: "MARKET" }],
  ["status FILLED with 0 filled", { status: "FILLED" }],
  ["status ACCEPTED with 4 filled", { ...PARTIAL, status: "ACCEPTED" }],
  ["filled_quantity 11", { ...FILLED, filled_quantity: 11 }],
  ["average_price 5000.5 is beyond the limit 5000", { ...FILLED, average_price: 5_000.5 }],
  ["average_price without a fill", { average_price: 0 }],
  ["average_price is missing", { filled_quantity: 4, status: "PARTIALLY_FILLED" }],
  [`timestamp ${NOW_MS / 1_000}`, { timestamp: NOW_MS / 1_000 }],
  [`created_at ${NOW_MS + 1}`, { created_at: NOW_MS + 1 }],
  ["tick 0", { tick: 0 }],
  ["remaining is not in the contract", { remaining: 10 }],
])("a fault: %s", (fault, change) => {
  expect(faultOf(change)).toBe(fault);
});

test("a missing member, a wrong id and an error are faults", () => {
  const { tick: _, ...incomplete } = STATE;
  const responses = [
    { id: ID, result: incomplete },
    { id: ID + 1, result: STATE },
    { id: ID, result: STATE, stream: "orders" },
    { id: ID, error: { code: 50000, message: "Internal error" } },
    "ok",
  ];

  expect(responses.map((response) => ackFault(response, ID, ORDER, NOW_MS))).toEqual([
    "tick is missing",
    `id ${ID + 1} instead of ${ID}`,
    "members id,result,stream",
    "no result",
    "no result",
  ]);
});
