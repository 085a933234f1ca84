/**
 * The memory of one exchange: every store that the core's functions share. Nothing else is state.
 */
import { type ClientIdLimits, createClientIds } from "./client-ids.ts";
import { createEventBuffer } from "./event-buffer.ts";
import { createAccounts } from "./ledger/accounts.ts";
import { createPositions } from "./ledger/positions.ts";
import { createShares } from "./ledger/shares.ts";
import { createRules, type WorkLimits } from "./rules-state.ts";
import { createSymbols } from "./symbols.ts";
import { createExpiries } from "./whistle/expiries.ts";
import { createLadder } from "./whistle/ladder.ts";
import { createOrderArena } from "./whistle/order-arena.ts";
import { createPriceWindows } from "./whistle/price-windows.ts";

export type CoreParts = ReturnType<typeof createParts>;

/** Smaller limits than the defaults, for tests. */
export interface CoreLimits {
  clientIds?: ClientIdLimits;
  work?: WorkLimits;
  /** With so many open orders, the commands of a tick are read ahead. */
  readAheadOrders?: number;
  /** With so many entries for client order ids, in use or used before, the ids of the commands are read ahead. */
  readAheadIds?: number;
}

export function createParts(symbolsMax: number, limits: CoreLimits) {
  const accounts = createAccounts();
  const arena = createOrderArena();
  const symbols = createSymbols(symbolsMax);
  const rules = createRules(limits.work ?? {});
  const shares = createShares(accounts, rules);
  return {
    rules,
    shares,
    accounts,
    positions: createPositions(accounts, symbolsMax, rules, shares),
    symbols,
    windows: createPriceWindows(symbols, rules),
    arena,
    /** The books, and behind them as many trigger books, in which stops wait (`triggerBook`). */
    ladder: createLadder(symbolsMax * 4, rules, shares, arena),
    expiries: createExpiries(arena),
    /**
     * [0] fees of accounts without their own; [1] how many symbols are in the backlog (`stops.ts`), from [2] on these.
     */
    market: new Int32Array(2 + symbolsMax),
    clientIds: createClientIds(accounts, rules, shares, limits.clientIds),
    events: createEventBuffer(),
    /**
     * By CLOCK_…: trades so far, last sequence number, time of the present command, orders queued so far; present tick,
     * next end of a pause or auction.
     */
    clock: new Float64Array(6),
  };
}

/**
 * The book of the ladder in which a stop of `book` waits. The side is swapped, as buy stops trigger from the lowest
 * price up and sell stops from the highest down. Books and waiting stops share one ladder because a second one would
 * slow down the first: the compiler treats addresses as constants only while there is one ladder.
 */
export function triggerBook(symbolsMax: number, book: number): number {
  return (symbolsMax * 2 + book) ^ 1;
}

export const CLOCK_TRADES = 0;
export const CLOCK_SEQUENCE = 1;
export const CLOCK_TIMESTAMP = 2;
export const CLOCK_QUEUED = 3;
/** How many of these are state. The tick is not: the state must not depend on how commands are cut into ticks. */
export const CLOCK_HASHED = 4;
export const CLOCK_TICK = 4;
/** When the next pause or auction ends, 0 = none is under way. Derived from the symbols. */
export const CLOCK_DUE = 5;

export const MARKET_FEES = 0;
export const MARKET_BACKLOG = 1;
export const MARKET_BACKLOG_FIRST = 2;
