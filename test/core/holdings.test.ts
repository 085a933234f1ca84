/** The end of a tick: what every account has of which the tick told something. */
import { beforeEach, expect, test } from "bun:test";
import type { HoldingEvent } from "../reference/exchange-event.ts";
import {
  amend,
  buy,
  type Command,
  cancel,
  depositCash,
  depositShares,
  listSymbol,
  note,
  openAccount,
  sell,
  setFees,
} from "./command-builder.ts";
import { CoreRun } from "./run.ts";
import { createTestCore } from "./test-core.ts";

const core = createTestCore(2);
let run: CoreRun;

beforeEach(() => {
  core.reset();
  run = new CoreRun(core);
  run.setUp(
    listSymbol({ symbol: 0 }),
    listSymbol({ symbol: 1 }),
    setFees({ maker: 0, taker: 100 }),
    ...[1, 2, 3].map((account) => openAccount({ account })),
    depositCash({ account: 1, amount: 10_000 }),
    depositCash({ account: 2, amount: 10_000 }),
    depositShares({ account: 2, symbol: 1, amount: 100 }),
    depositShares({ account: 3, symbol: 1, amount: 7 }),
  );
});

/** What a tick of these commands tells of holdings. */
function holdings(...commands: Command[]): HoldingEvent[] {
  run.beginTick();
  for (const command of commands) run.apply(command);
  return run.endTick();
}

const bid = buy({ account: 1, symbol: 1, price: 100, quantity: 20, clientId: "a" });

test("each account and position is reported once, with its value at the end of the tick", () => {
  const told = holdings(
    bid,
    sell({ account: 2, symbol: 1, price: 100, quantity: 5 }),
    sell({ account: 2, symbol: 1, price: 100, quantity: 5 }),
    cancel({ account: 1, of: bid }),
    depositCash({ account: 3, amount: 4 }),
  );
  // 10 shares for 1,000 and a fee of 1 %.
  expect(told).toEqual([
    { event: "CASH", account: 1, available: 9_000, reserved: 0 },
    { event: "CASH", account: 2, available: 10_990, reserved: 0 },
    { event: "CASH", account: 0, available: 10, reserved: 0 },
    { event: "CASH", account: 3, available: 4, reserved: 0 },
    { event: "POSITION", account: 1, symbol: 1, available: 10, reserved: 0 },
    { event: "POSITION", account: 2, symbol: 1, available: 90, reserved: 0 },
  ]);
});

test("reservations and deposits of shares are reported", () => {
  const told = holdings(
    sell({ account: 2, symbol: 1, price: 100, quantity: 5 }),
    depositShares({ account: 1, symbol: 0, amount: 3 }),
    bid,
  );
  expect(told).toEqual([
    { event: "CASH", account: 2, available: 10_500, reserved: 0 },
    { event: "CASH", account: 1, available: 7_980, reserved: 1_515 },
    { event: "CASH", account: 0, available: 5, reserved: 0 },
    { event: "POSITION", account: 2, symbol: 1, available: 95, reserved: 0 },
    { event: "POSITION", account: 1, symbol: 0, available: 3, reserved: 0 },
    { event: "POSITION", account: 1, symbol: 1, available: 5, reserved: 0 },
  ]);
});

test("a new account is reported as empty; the operator keeps what he had", () => {
  expect(holdings(openAccount({ account: 4 }), setFees({ maker: 0, taker: 0 }))).toEqual([
    { event: "CASH", account: 4, available: 0, reserved: 0 },
    { event: "CASH", account: 0, available: 0, reserved: 0 },
  ]);
});

test("refused, repeated and ineffective commands report nothing, and so do unknown accounts", () => {
  holdings(bid);
  const told = holdings(
    bid,
    amend({ account: 1, of: bid, price: 100 }),
    buy({ account: 2, symbol: 1, price: 1_000_000, quantity: 1 }),
  );
  expect(told).toEqual([]);
  const { fields, ...rest } = note({ text: "who?" });
  const nobodys = [-1, 4, 2 ** 17, 2 ** 31 - 1].map((account) => ({
    ...rest,
    fields: { ...fields, account },
  }));
  expect(holdings(...nobodys)).toEqual([]);
});

test("a tick without commands reports nothing, and the end of a tick changes nothing", () => {
  expect(holdings()).toEqual([]);
  run.beginTick();
  run.apply(bid);
  const before = core.stateHash();
  run.endTick();
  expect(core.stateHash()).toBe(before);
});
