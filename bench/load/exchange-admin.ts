/** What the load needs from a running exchange besides orders: symbols, funded users, metrics and snapshots. */
import { createPublicClient, createTradingClient } from "@waiver/client";
import type { LoadUser } from "./plan.ts";
import type { ServerProcess } from "./server-process.ts";

/** Enough for any run: no order is refused for lack of money or shares, or because of a rate limit. */
const CASH = 1e13;
const SHARES = 1e8;
const RATE = 1_000_000;

/** The first `count` symbols of the exchange with a price increment of 1, so that every price of the load is valid. */
export async function loadSymbols(port: number, count: number): Promise<string[]> {
  const client = createPublicClient({ url: `ws://127.0.0.1:${port}` });
  const { symbols } = await client.listSymbols();
  client.close();
  const usable = symbols.filter((symbol) => symbol.price_increment === 1);
  if (usable.length < count) {
    throw new Error(`The exchange lists ${usable.length} usable symbols, ${count} are asked for`);
  }
  return usable.slice(0, count).map((symbol) => symbol.symbol);
}

/** Creates one user with cash and shares of every symbol. */
export async function createLoadUser(
  server: ServerProcess,
  name: string,
  symbols: readonly string[],
): Promise<LoadUser> {
  const response = await fetch(`http://127.0.0.1:${server.port}/admin/v1/users`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${server.adminToken}`,
      "Content-Type": "application/json",
    },
    body: JSON.stringify({
      name,
      permissions: ["trade", "market_data"],
      cash: CASH,
      positions: Object.fromEntries(symbols.map((symbol) => [symbol, SHARES])),
      rate_limits: { orders_per_second: RATE, market_data_per_second: RATE, burst_limit: RATE },
    }),
  });
  if (!response.ok)
    throw new Error(`No user was created: ${response.status} ${await response.text()}`);
  return (await response.json()) as LoadUser;
}

/** Cancels the orders that a run left in the books, so that the next run starts with empty ones. */
export async function cancelAll(port: number, users: readonly LoadUser[]): Promise<number> {
  let cancelled = 0;
  for (const user of users) {
    const auth = { apiKey: user.api_key, apiSecret: user.api_secret };
    const client = createTradingClient({ url: `ws://127.0.0.1:${port}`, auth });
    cancelled += (await client.cancelAll()).cancelled;
    client.close();
  }
  return cancelled;
}

/** Ticks so far, from the exchange's metrics; undefined if they do not contain it. */
export function ticksTotal(port: number): Promise<number | undefined> {
  return metric(port, "waiver_ticks_total");
}

/** The number of resting orders. */
export async function openOrders(port: number): Promise<number> {
  const count = await metric(port, "waiver_open_orders");
  if (count === undefined) throw new Error("The exchange's metrics lack waiver_open_orders");
  return count;
}

/** Bytes in use in all tables of the core. */
export async function coreBytes(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const tables = (await response.text()).matchAll(/^waiver_core_bytes\{.*\} ([0-9.e+]+)$/gm);
  return [...tables].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}

/** Takes a snapshot and waits until it is done. */
export async function takeSnapshot(
  server: ServerProcess,
): Promise<{ bytes: number; milliseconds: number }> {
  const response = await fetch(`http://127.0.0.1:${server.port}/admin/v1/snapshot`, {
    method: "POST",
    headers: { Authorization: `Bearer ${server.adminToken}` },
  });
  if (!response.ok)
    throw new Error(`No snapshot was taken: ${response.status} ${await response.text()}`);
  return (await response.json()) as { bytes: number; milliseconds: number };
}

async function metric(port: number, name: string): Promise<number | undefined> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const match = new RegExp(`^${name} ([0-9.e+]+)$`, "m").exec(await response.text());
  return match === null ? undefined : Number(match[1]);
}
