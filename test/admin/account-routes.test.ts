import { expect, test } from "bun:test";
import { AccountFlag, CommandKind } from "../../src/core/command.ts";
import { Reject } from "../../src/core/reject.ts";
import { UnavailableError } from "../../src/router/control.ts";
import { exchange, invalid, newUser, told, useAdminApi } from "./admin-api.ts";

useAdminApi();

test("a deposit is answered with the new totals", async () => {
  await newUser();
  const before = exchange.commands.length;
  const body = { cash: -500, positions: { SYMBOL_0: 3, SYMBOL_2: -4 } };
  expect(await told("POST", "/admin/v1/accounts/acc_1/deposit", body)).toEqual({
    status: 200,
    body: { account_id: "acc_1", cash: -500, positions: { SYMBOL_0: 3, SYMBOL_2: -4 } },
  });
  expect(exchange.commands.slice(before)).toEqual([
    { kind: CommandKind.DEPOSIT_CASH, account: 1, amount: -500 },
    { kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 0, amount: 3 },
    { kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 2, amount: -4 },
  ]);
});

test("a deposit that is refused in part is undone, and the answer names what was refused", async () => {
  await newUser();
  const before = exchange.commands.length;
  exchange.answer = ({ kind, symbol, amount = 0 }) => {
    if (kind === CommandKind.DEPOSIT_CASH) {
      return { code: Reject.INSUFFICIENT_FUNDS, because: [500, 20] };
    }
    if (symbol === 2 && amount < 0) return { code: Reject.INSUFFICIENT_SHARES, because: [4, 0] };
    return undefined;
  };
  const body = { cash: -500, positions: { SYMBOL_1: 3, SYMBOL_2: 4 } };
  const lacking = { issue: "More than is available", needed: 500, available: 20 };
  expect(await told("POST", "/admin/v1/accounts/acc_1/deposit", body)).toEqual({
    status: 409,
    body: {
      code: 40906,
      message: "Insufficient funds",
      details: { field: "cash", ...lacking, kept: ["positions.SYMBOL_2"] },
    },
  });
  expect(exchange.commands.slice(before + 3)).toEqual([
    { kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 1, amount: -3 },
    { kind: CommandKind.DEPOSIT_SHARES, account: 1, symbol: 2, amount: -4 },
  ]);
});

test("a deposit that finds the ring full half-way is undone", async () => {
  await newUser();
  const before = exchange.commands.length;
  exchange.answer = ({ kind }) => {
    if (kind === CommandKind.DEPOSIT_SHARES) throw new UnavailableError(50300, "the ring is full");
    return undefined;
  };
  const body = { cash: 500, positions: { SYMBOL_1: 3 } };
  expect(await told("POST", "/admin/v1/accounts/acc_1/deposit", body)).toEqual({
    status: 503,
    body: {
      code: 50300,
      message: "Overloaded, retry",
      details: { field: "positions.SYMBOL_1", issue: "the ring is full", retry_after_ms: 1_000 },
    },
  });
  expect(exchange.commands.slice(before + 2)).toEqual([
    { kind: CommandKind.DEPOSIT_CASH, account: 1, amount: -500 },
  ]);
});

test.each([
  ["acc_1", {}, 400, "cash", "Give cash or positions, other than 0"],
  [
    "acc_1",
    { cash: 0, positions: { SYMBOL_1: 0 } },
    400,
    "cash",
    "Give cash or positions, other than 0",
  ],
  ["acc_2", { cash: 1 }, 404, "id", "There is no account acc_2"],
  ["usr_1", { cash: 1 }, 404, "id", "There is no account usr_1"],
])("a refused deposit to %s: %j", async (id, body, status, field, issue) => {
  await newUser();
  const before = exchange.commands.length;
  expect(await told("POST", `/admin/v1/accounts/${id}/deposit`, body)).toEqual(
    invalid(status, { field, issue }),
  );
  expect(exchange.commands.length).toBe(before);
});

/** A new account takes the body at this route, and the exchange hears of it with this command alone. */
async function expectSet(route: string, body: object, command: object): Promise<void> {
  await newUser();
  exchange.commands.length = 0;
  expect(await told("POST", `/admin/v1/accounts/acc_1/${route}`, body)).toEqual({
    status: 200,
    body: { account_id: "acc_1", tick: 9 },
  });
  expect(exchange.commands as unknown[]).toEqual([command]);
}

test.each([
  [{ may_short: true }, AccountFlag.MAY_SHORT, 0, 0],
  [{ fees: { maker_bps: -20, taker_bps: 30 } }, AccountFlag.OWN_FEES, -20, 30],
  [{ fees: { maker_bps: 0, taker_bps: 0 } }, AccountFlag.OWN_FEES, 0, 0],
  [{}, 0, 0, 0],
])("the settings of an account: %j", async (body, flags, price, quantity) => {
  await expectSet("settings", body, {
    kind: CommandKind.SET_ACCOUNT,
    account: 1,
    flags,
    price,
    quantity,
  });
});

test.each([
  [{}, 0, 0, 0, 0],
  [{ open_orders: 5, ladder_pages: 6, positions: 7, client_order_ids: 8 }, 5, 6, 7, 8],
  [{ ladder_pages: 65_535 }, 0, 65_535, 0, 0],
])("the limits of an account: %j", async (body, quantity, price, stopPrice, amount) => {
  await expectSet("limits", body, {
    kind: CommandKind.SET_SHARES,
    account: 1,
    quantity,
    price,
    stopPrice,
    amount,
  });
  expect(await told("POST", "/admin/v1/accounts/acc_9/limits", body)).toMatchObject({
    status: 404,
  });
  const beyond = { ladder_pages: 65_536 };
  expect(await told("POST", "/admin/v1/accounts/acc_1/limits", beyond)).toMatchObject({
    status: 400,
    body: { code: 40001, details: { field: "ladder_pages" } },
  });
});

test("an account is traced only for the requested time; too many traces are refused", async () => {
  await newUser();
  const trace = (id: string, body: object) => told("POST", `/admin/v1/accounts/${id}/trace`, body);
  expect(await trace("acc_1", { on: true, seconds: 60 })).toEqual({
    status: 200,
    body: { account_id: "acc_1", on: true, until: 1_700_000_060_000 },
  });
  expect(exchange.traced).toEqual(new Map([[1, 60_000]]));
  await trace("acc_1", { on: true });
  expect(exchange.traced).toEqual(new Map([[1, 600_000]]));
  await newUser();
  await newUser();
  await trace("acc_2", { on: true });
  const journaled = exchange.commands.length;
  expect(await trace("acc_3", { on: true })).toEqual({
    status: 409,
    body: { code: 40910, message: "16 accounts are traced, the most at once: end a trace first" },
  });
  expect(await trace("acc_1", { on: false })).toMatchObject({ body: { on: false, until: null } });
  expect([...exchange.traced.keys()]).toEqual([2]);
  expect(await trace("acc_9", { on: true })).toMatchObject({ status: 404, body: { code: 40001 } });
  expect(await trace("acc_1", { on: true, seconds: 0 })).toMatchObject({ status: 400 });
  expect(exchange.commands.length).toBe(journaled);
});

test.each(["acc_2", "usr_1"])("the settings of %s, which is no account", async (id) => {
  await newUser();
  exchange.commands.length = 0;
  expect(await told("POST", `/admin/v1/accounts/${id}/settings`, {})).toEqual(
    invalid(404, { field: "id", issue: `There is no account ${id}` }),
  );
  expect(exchange.commands).toEqual([]);
});
