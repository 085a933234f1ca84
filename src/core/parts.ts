/**
 * The memory of one exchange: every store that the core's functions share. Nothing else is state.
 */
import { createClientIds } from "./client-ids.ts";
import { createEventBuffer } from "./event-buffer.ts";
import { createAccounts } from "./ledger/accounts.ts";
import { createPositions } from "./ledger/positions.ts";
import { createSymbols } from "./symbols.ts";
import { createLadder } from "./whistle/ladder.ts";
import { createOrderArena } from "./whistle/order-arena.ts";

export type CoreParts = ReturnType<typeof createParts>;

export function createParts(symbolsMax: number) {
  const accounts = createAccounts();
  return {
    accounts,
    positions: createPositions(accounts, symbolsMax),
    symbols: createSymbols(symbolsMax),
    arena: createOrderArena(),
    ladder: createLadder(symbolsMax * 2),
    clientIds: createClientIds(),
    events: createEventBuffer(),
    /** By CLOCK_…: trades so far, last sequence, time of the command in hand; tick in progress. */
    clock: new Float64Array(4),
    /** What symbols are listed with and orders entered with: `DEFAULTS` below. */
    defaults: new Int32Array(4),
  };
}

export const CLOCK_TRADES = 0;
export const CLOCK_SEQUENCE = 1;
export const CLOCK_TIMESTAMP = 2;
/** How many of the above are state; the tick is not: it says how commands were cut into ticks. */
export const CLOCK_HASHED = 3;
export const CLOCK_TICK = 3;

export const DEFAULT_QUANTITY_MAX = 0;
export const DEFAULT_BAND_BPS = 1;
export const DEFAULT_FEES = 2;
