import { expect } from "bun:test";
import { isDone, type KnownOrder, type LoadTrader } from "./load-generator.ts";
import type { Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

/** What the traders of a load were given: the same to each. */
export interface Endowment {
  readonly cash: number;
  readonly shares: number;
  readonly symbols: readonly string[];
}

const numberOf = (state: Members, name: string): number => Number(state[name] ?? 0);

/** Faults of what the exchange now says of an order against what it once acknowledged. */
function faultsOf(known: KnownOrder, now: Members | undefined): string[] {
  const { acknowledged, refused, asked, client_order_id } = known;
  const tell = (what: string): string =>
    `${client_order_id}: ${what}; acknowledged ${JSON.stringify(acknowledged)}, now ${JSON.stringify(now)}`;
  if (refused !== undefined)
    return now === undefined ? [] : [tell(`refused with ${refused}, yet there`)];
  if (now === undefined) return acknowledged === undefined ? [] : [tell("acknowledged and gone")];
  const faults: string[] = [];
  for (const name of ["symbol", "side", "type", "client_order_id"]) {
    if (now[name] !== asked[name]) faults.push(tell(`another ${name}`));
  }
  if (acknowledged === undefined) return faults;
  if (now.order_id !== acknowledged.order_id) faults.push(tell("another order_id"));
  if (!known.changing) {
    for (const name of ["price", "quantity"]) {
      if (now[name] !== acknowledged[name]) faults.push(tell(`another ${name}`));
    }
  }
  const filled = numberOf(now, "filled_quantity") - numberOf(acknowledged, "filled_quantity");
  if (filled < 0) faults.push(tell("fills undone"));
  if (isDone(acknowledged)) {
    for (const name of ["status", "filled_quantity", "average_price"]) {
      if (now[name] !== acknowledged[name]) faults.push(tell(`done, and another ${name}`));
    }
  } else if (!known.changing) {
    const full = numberOf(now, "filled_quantity") === numberOf(now, "quantity");
    const explained = filled === 0 ? acknowledged.status : full ? "FILLED" : "PARTIALLY_FILLED";
    // Somebody else's order may have met this one only by filling it: nothing else changes it.
    if (now.status !== explained) faults.push(tell(`not ${explained}`));
  }
  return faults;
}

/** Every order of a trader that the exchange knows, by client_order_id. */
async function statesOf(trader: LoadTrader): Promise<Map<string, Members>> {
  const ids = [...trader.orders.keys()];
  const answers = await Promise.all(
    ids.map((client_order_id) => trader.client.request("order.status", { client_order_id })),
  );
  const states = new Map<string, Members>();
  answers.forEach(({ result, error }, index) => {
    const id = ids[index] ?? "";
    if (result !== undefined) states.set(id, result);
    else expect([id, error?.code]).toEqual([id, 40004]);
  });
  return states;
}

/**
 * Compares everything that the exchange says with what it acknowledged, and its books with
 * themselves: cash and shares explained by the fills, reservations by the open orders.
 */
export async function auditBooks(
  venue: Venue,
  traders: readonly LoadTrader[],
  given: Endowment,
): Promise<void> {
  const totals = { cash: 0, shares: new Map(given.symbols.map((symbol) => [symbol, 0])) };
  for (const trader of traders) {
    const states = await statesOf(trader);
    const faults = [...trader.orders.values()].flatMap((known) =>
      faultsOf(known, states.get(known.client_order_id)),
    );
    expect(faults).toEqual([]);

    const open = (await trader.client.result("orders.open")).orders as Members[];
    const openNow = [...states.values()].filter((state) => !isDone(state));
    const idsOf = (orders: Members[]) => orders.map((order) => order.order_id).sort();
    expect(idsOf(open)).toEqual(idsOf(openNow));
    expect(new Set(idsOf([...states.values()])).size).toBe(states.size);

    const held = await holdingsOf(trader);
    expect(held).toEqual(explained([...states.values()], given));
    totals.cash += held.cash.total;
    for (const [symbol, { total }] of Object.entries(held.positions)) {
      totals.shares.set(symbol, (totals.shares.get(symbol) ?? 0) + total);
    }
  }
  expect(totals.cash).toBe(given.cash * traders.length);
  for (const shares of totals.shares.values()) expect(shares).toBe(given.shares * traders.length);
  const state = await venue.server.ask<{ cash_total: number; symbols: Members[] }>("GET", "/state");
  expect(state.cash_total).toBe(totals.cash);
  const listed = state.symbols.filter(({ symbol }) => given.symbols.includes(String(symbol)));
  expect(listed.map(({ shares_total }) => shares_total)).toEqual(
    listed.map(() => given.shares * traders.length),
  );
}

interface Holding {
  available: number;
  reserved: number;
  total: number;
}

interface Holdings {
  readonly cash: Holding;
  readonly positions: Record<string, Holding>;
}

async function holdingsOf({ client }: LoadTrader): Promise<Holdings> {
  const { cash } = await client.result("account.balances");
  const { positions } = await client.result("account.positions");
  const rows = positions as (Holding & { symbol: string })[];
  const bySymbol = rows.map(({ symbol, ...holding }): [string, Holding] => [symbol, holding]);
  return { cash: cash as Holding, positions: Object.fromEntries(bySymbol) };
}

/** What a trader must hold, given every order that it ever had in the exchange. */
function explained(orders: readonly Members[], given: Endowment): Holdings {
  const holding = (total: number): Holding => ({ available: total, reserved: 0, total });
  const cash = holding(given.cash);
  const shares = new Map(given.symbols.map((symbol) => [symbol, holding(given.shares)]));
  for (const order of orders) {
    const position = shares.get(String(order.symbol)) ?? holding(0);
    const buys = order.side === "BUY";
    const filled = numberOf(order, "filled_quantity");
    // Rounded to four decimals, the average still gives the exact sum for so few shares.
    const paid = Math.round(filled * numberOf(order, "average_price"));
    cash.total += buys ? -paid : paid;
    position.total += buys ? filled : -filled;
    if (isDone(order)) continue;
    const left = numberOf(order, "quantity") - filled;
    if (buys) cash.reserved += left * numberOf(order, "price");
    else position.reserved += left;
  }
  for (const each of [cash, ...shares.values()]) each.available = each.total - each.reserved;
  return { cash, positions: Object.fromEntries(shares) };
}
