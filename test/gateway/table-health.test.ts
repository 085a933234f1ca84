import { expect, test } from "bun:test";
import { createCore } from "../../src/core/create.ts";
import { TableHealth } from "../../src/gateway/table-health.ts";
import { logTo } from "../lib/logs.ts";

const { view } = createCore(1);

/** The tables of an empty exchange, in which so many orders and pages are said to be in use. */
function openTables() {
  const logged: string[] = [];
  const log = logTo((level, fields, message) =>
    logged.push(`${level}: ${message} ${JSON.stringify(fields)}`),
  );
  const clock = { now: 1 };
  const used = { orders: 0, pages: 0 };
  const empty = view.tables();
  const { read } = new TableHealth({
    view: {
      tables: () => ({
        ...empty,
        orders: { used: used.orders, limit: 1000 },
        ladder_pages: { used: used.pages, limit: 100 },
      }),
    },
    log,
    now: () => clock.now,
  });
  return { used, clock, read, logged };
}

test("the tables of an empty exchange are healthy", () => {
  expect(view.tables()).toEqual({
    orders: { used: 0, limit: 2_097_151 },
    ladder_pages: { used: 0, limit: 65_535 },
    positions: { used: 0, limit: 4_194_303 },
    accounts: { used: 1, limit: 131_072 },
    symbols: { used: 0, limit: 1 },
    client_order_ids: { used: 0, limit: 4_194_304 },
  });
});

test("a table is reported as nearly full from 80 % until it is below 75 %, and logged once each time", () => {
  const { used, clock, read, logged } = openTables();
  used.orders = 799;
  expect(read()).toEqual({ status: "ok", since: 1 });
  clock.now = 2;
  used.orders = 800;
  expect(read()).toEqual({
    status: "degraded",
    reason: "orders: 800 of 1000 in use",
    since: 2,
  });
  used.orders = 750;
  used.pages = 100;
  expect(read()).toEqual({
    status: "degraded",
    reason: "orders: 750 of 1000 in use; ladder_pages: 100 of 100 in use",
    since: 2,
  });
  clock.now = 3;
  used.orders = 749;
  used.pages = 0;
  expect(read()).toEqual({ status: "ok", since: 3 });
  const begins = "warn: a table that all accounts share is nearly full";
  const ends = "info: the table has room again";
  expect(logged).toEqual([
    `${begins} {"table":"orders","used":800,"limit":1000}`,
    `${begins} {"table":"ladder_pages","used":100,"limit":100}`,
    `${ends} {"table":"orders","used":749,"limit":1000}`,
    `${ends} {"table":"ladder_pages","used":0,"limit":100}`,
  ]);
});
