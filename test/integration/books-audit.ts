import { expect } from "bun:test";
import { add, isDone, type KnownOrder, type LoadTrader } from "./load-generator.ts";
import type { Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

/** What each trader of a load was given. */
export interface Endowment {
  readonly cash: number;
  readonly shares: number;
  readonly symbols: readonly string[];
}

const numberOf = (state: Members, name: string): number => Number(state[name] ?? 0);

/** Differences between the exchange's state of an order and the state that it acknowledged. */
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
    // Another user's order may have changed this one, but only by filling it.
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
 * Compares the exchange's whole state with what it acknowledged, and its books with each other. Deposits and
 * fills must explain cash and shares; open orders must explain the reservations. All other accounts together
 * have one of the sums in `cashElsewhere`, which is returned, and no shares.
 */
export async function auditBooks(
  venue: Venue,
  traders: readonly LoadTrader[],
  given: Endowment,
  cashElsewhere: readonly number[] = [0],
): Promise<number> {
  const held = { cash: 0, shares: new Map<string, number>() };
  const owned = { cash: 0, shares: new Map<string, number>() };
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

    const holdings = await holdingsOf(trader);
    resolveDeposit(trader, holdings, explained(trader, [...states.values()], given));
    expect(holdings).toEqual(explained(trader, [...states.values()], given));
    held.cash += holdings.cash.total;
    owned.cash += given.cash + trader.deposited.cash;
    for (const symbol of given.symbols) {
      add(held, 0, symbol, holdings.positions[symbol]?.total ?? 0);
      add(owned, 0, symbol, given.shares + (trader.deposited.shares.get(symbol) ?? 0));
    }
  }
  expect(held).toEqual(owned);
  const state = await venue.server.ask<{ cash_total: number; symbols: Members[] }>("GET", "/state");
  const elsewhere = state.cash_total - owned.cash;
  expect(cashElsewhere).toContain(elsewhere);
  const listed = state.symbols.filter(({ symbol }) => given.symbols.includes(String(symbol)));
  const shares = new Map(
    listed.map(({ symbol, shares_total }) => [String(symbol), Number(shares_total)]),
  );
  expect(shares).toEqual(owned.shares);
  return elsewhere;
}

/** Finds out whether a deposit without an answer was made. */
function resolveDeposit(trader: LoadTrader, held: Holdings, without: Holdings): void {
  const { doubtful, deposited } = trader;
  trader.doubtful = undefined;
  if (doubtful === undefined) return;
  const isMade =
    held.cash.total === without.cash.total + doubtful.cash &&
    [...doubtful.shares].every(
      ([symbol, count]) =>
        held.positions[symbol]?.total === (without.positions[symbol]?.total ?? 0) + count,
    );
  if (!isMade) return;
  deposited.cash += doubtful.cash;
  for (const [symbol, count] of doubtful.shares) add(deposited, 0, symbol, count);
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

/** What a trader must hold, from its endowment and every order that it ever had in the exchange. */
function explained(trader: LoadTrader, orders: readonly Members[], given: Endowment): Holdings {
  const { deposited, settled } = trader;
  const holding = (total: number): Holding => ({ available: total, reserved: 0, total });
  const cash = holding(given.cash + deposited.cash + settled.cash);
  const sharesOf = (symbol: string): number =>
    given.shares + (deposited.shares.get(symbol) ?? 0) + (settled.shares.get(symbol) ?? 0);
  const shares = new Map(given.symbols.map((symbol) => [symbol, holding(sharesOf(symbol))]));
  for (const order of orders) {
    const position = shares.get(String(order.symbol)) ?? holding(0);
    const effect = effectOf(order);
    cash.total += effect.cash;
    position.total += effect.shares;
    if (isDone(order)) continue;
    const left = numberOf(order, "quantity") - numberOf(order, "filled_quantity");
    if (order.side === "BUY") cash.reserved += left * numberOf(order, "price");
    else position.reserved += left;
  }
  for (const each of [cash, ...shares.values()]) each.available = each.total - each.reserved;
  // Empty positions are not reported.
  const positions = [...shares].filter(([, { total }]) => total !== 0);
  return { cash, positions: Object.fromEntries(positions) };
}

/** The cash and the shares that the fills of an order moved. */
function effectOf(order: Members): { cash: number; shares: number } {
  const filled = numberOf(order, "filled_quantity");
  // The average price is rounded to four decimals. For so few shares it still gives the exact sum.
  const paid = Math.round(filled * numberOf(order, "average_price"));
  return order.side === "BUY" ? { cash: -paid, shares: filled } : { cash: paid, shares: -filled };
}

/**
 * Drops a trader's done orders except the newest `kept`. Later audits use the sum of their effects and need
 * not ask for each of them.
 */
export function settleDone(trader: LoadTrader, kept: number): void {
  const done = [...trader.orders.values()].filter(
    ({ acknowledged, refused }) =>
      refused !== undefined || (acknowledged !== undefined && isDone(acknowledged)),
  );
  for (const { client_order_id, acknowledged } of done.slice(0, Math.max(0, done.length - kept))) {
    if (acknowledged !== undefined) {
      const effect = effectOf(acknowledged);
      add(trader.settled, effect.cash, String(acknowledged.symbol), effect.shares);
    }
    trader.orders.delete(client_order_id);
  }
}
