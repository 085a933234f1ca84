/**
 * What an exchange reports of its accounts, orders and books, as text that does not depend on the layout in
 * memory.
 */
import { join } from "node:path";
import { EventFlag, EventKind, type Events } from "../../src/core/event.ts";
import { hashText } from "../../src/core/state-hash.ts";
import { createReplay } from "../../src/execution/replay.ts";
import type { CommandBatch } from "../../src/persistence/backend.ts";
import { rebuild } from "../../src/persistence/rebuild.ts";
import { OrderState } from "../../src/protocol/order-state.ts";
import { ExchangeState } from "../../src/records/exchange-state.ts";

/** `players.symbols_max` as it is by default. */
const SYMBOLS_MAX = 4096;
/** How many of each account's last rows are written in full. They are read in pages. */
const ROWS = 45;
const PAGE_ROWS = 20;
const LEVELS = 1_000;

/**
 * Recovers from a data directory without changing it. `snapshot`: the tick of the snapshot that it began
 * with.
 */
export function recover(dataDir: string) {
  const state = new ExchangeState(SYMBOLS_MAX);
  const sources = {
    walDirectory: join(dataDir, "wal"),
    snapshotDirectory: join(dataDir, "snapshots"),
  };
  const replay = createReplay(state);
  const leftOut = new Set<number>();
  const apply = (batch: CommandBatch): void => {
    replay(batch);
    noteLaterOfAuctions(state.core.events, leftOut);
  };
  const { snapshot, refused } = rebuild(sources, { apply, snapshots: state });
  return { snapshot: snapshot?.tick ?? null, refused, state: summaryOf(state, leftOut) };
}

/**
 * Notes the orders that an auction filled and that came later than what they traded with. The earlier version forgot
 * them, and those are told of here that it told of.
 */
function noteLaterOfAuctions(events: Events, leftOut: Set<number>): void {
  for (let e = 0; e < events.end(); e = events.next(e)) {
    if (events.kind(e) !== EventKind.TRADE || (events.flags(e) & EventFlag.AUCTION) === 0) continue;
    const order = events.order(e);
    if (events.remaining(order) === 0) leftOut.add(events.orderNumber(order));
  }
}

function summaryOf(state: ExchangeState, leftOut: ReadonlySet<number>) {
  const { core } = state;
  const { view } = core;
  const listed = view.listedSymbols();
  return {
    tick: view.tick(),
    sequence: view.sequence(),
    trades: view.trades(),
    stateHash: hashText(core.stateHash()),
    symbols: listed.map((symbol) => ({
      symbol,
      playerId: view.symbolText(symbol),
      state: view.symbolState(symbol),
      lastTrade: view.lastTrade(symbol),
      bids: levels(state, symbol, 0),
      asks: levels(state, symbol, 1),
    })),
    accounts: Array.from({ length: view.nextAccount() }, (_, account) => ({
      account,
      ...accountSummary(state, account, listed, leftOut),
    })),
  };
}

/** Price and total of each level, best first. */
function levels({ core }: ExchangeState, symbol: number, side: number): number[][] {
  const flat = new Float64Array(LEVELS * 2);
  const count = core.view.depth(symbol, side, flat, LEVELS);
  return Array.from({ length: count }, (_, i) => [...flat.subarray(i * 2, i * 2 + 2)]);
}

function accountSummary(
  state: ExchangeState,
  account: number,
  listed: readonly number[],
  leftOut: ReadonlySet<number>,
) {
  const { core, history, fills, streams } = state;
  const { view } = core;
  const row = new OrderState();
  const done = allRows((before) =>
    history.page(account, -1, before, PAGE_ROWS, row, () => {
      return { ...orderSummary(row), timestamp: row.timestamp, tick: row.tick };
    }),
  ).filter(({ order }) => !leftOut.has(order));
  const traded = allRows((before) => fills.page(account, -1, before, PAGE_ROWS));
  const holdings = new Map(view.holdings(account).map((holding) => [holding.symbol, holding]));
  return {
    seq: streams.lastSeq(account),
    cash: { available: view.cashAvailable(account), reserved: view.cashReserved(account) },
    positions: listed.map(
      (symbol) => holdings.get(symbol) ?? { symbol, available: 0, reserved: 0 },
    ),
    openOrders: openOrders(state, account),
    doneCount: done.length,
    done: done.slice(0, ROWS),
    fillCount: traded.length,
    fills: traded.slice(0, ROWS),
  };
}

/** Newest first. */
function openOrders({ core }: ExchangeState, account: number) {
  const orders: ReturnType<typeof orderSummary>[] = [];
  const row = new OrderState();
  core.view.walkOpenOrders(account, 0, row, () => {
    orders.push(orderSummary(row));
    return true;
  });
  return orders;
}

function orderSummary(row: OrderState) {
  return {
    order: row.orderNumber,
    clientOrderId: row.clientOrderId,
    symbol: row.symbol,
    side: row.side,
    type: row.type,
    price: row.price,
    stopPrice: row.stopPrice,
    quantity: row.quantity,
    remaining: row.quantity - row.filled,
    notional: row.notional,
    status: row.status,
  };
}

/** All pages, one after the other. */
function allRows<Row>(read: (before: number) => { rows: Row[]; next: number | null }): Row[] {
  const rows: Row[] = [];
  for (let before: number | null = 0; before !== null; ) {
    const page: { rows: Row[]; next: number | null } = read(before);
    rows.push(...page.rows);
    before = page.next;
  }
  return rows;
}
