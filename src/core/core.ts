/**
 * The core: a deterministic state machine, `apply(command) → events`. The same commands in the same
 * order give the same state and the same events, bit for bit, wherever and however often they run.
 */
import { createAdminCommands } from "./admin-commands.ts";
import { CLIENT_ID_INTS } from "./client-ids.ts";
import {
  C_ACCOUNT,
  C_HEAD,
  C_SEQUENCE_F64,
  C_TIMESTAMP_F64,
  COMMAND_INTS,
  CommandKind,
} from "./command.ts";
import { createEmit } from "./emit.ts";
import { ACCOUNT_INTS } from "./ledger/accounts.ts";
import { POSITION_INTS } from "./ledger/positions.ts";
import {
  CLOCK_DUE,
  CLOCK_HASHED,
  CLOCK_SEQUENCE,
  CLOCK_TICK,
  CLOCK_TIMESTAMP,
  CLOCK_TRADES,
  type CoreParts,
  createParts,
  MARKET_BACKLOG,
} from "./parts.ts";
import { InvalidField, Reject } from "./reject.ts";
import { StateHash } from "./state-hash.ts";
import { createAuction } from "./whistle/auction.ts";
import { createChecks } from "./whistle/checks.ts";
import { LEVEL_INTS, PAGE_INTS, PAGE_LEVELS } from "./whistle/ladder.ts";
import { createMatching } from "./whistle/matching.ts";
import { ORDER_INTS } from "./whistle/order-arena.ts";
import { createOrderEntry } from "./whistle/order-entry.ts";
import { createProtection } from "./whistle/protection.ts";
import { createResting } from "./whistle/resting.ts";
import { createStops } from "./whistle/stops.ts";
import { createTimed } from "./whistle/timed.ts";

export interface Core extends CoreParts {
  /** Starts tick number `tick`: forgets the events of the one before. */
  beginTick(tick: number): void;
  /**
   * Applies the command record `index` of a block of records, given as 32-bit and 64-bit words of the
   * same memory. Exactly one event with the REPLY flag answers it; an unknown kind is rejected.
   */
  apply(ints: Int32Array, doubles: Float64Array, index: number): void;
  /** Back to the empty exchange, in time proportional to what was in use. */
  reset(): void;
  /** 64 bits over the whole state, in time proportional to what is in use. */
  stateHash(): bigint;
  /**
   * When something is due by time alone, milliseconds since 1970 (0 = at once, Infinity = nothing is):
   * then a command is wanted, CLOCK if there is no other.
   */
  due(): number;
  tick(): number;
  sequence(): number;
  trades(): number;
}

/** `symbolsMax`: how many symbols there can be. */
export function createCore(symbolsMax: number): Core {
  const parts = createParts(symbolsMax);
  const {
    arena,
    ladder,
    accounts,
    positions,
    symbols,
    clientIds,
    expiries,
    events,
    clock,
    market,
  } = parts;
  const emit = createEmit(parts);
  const resting = createResting(parts);
  const matching = createMatching(parts, resting, emit);
  const checks = createChecks(parts, matching);
  const protection = createProtection(parts, emit);
  const stops = createStops(parts, resting, matching, checks, protection, emit);
  const auction = createAuction(parts, matching, protection, stops, emit);
  const orders = createOrderEntry(parts, resting, matching, checks, stops, emit);
  const timed = createTimed(parts, matching, protection, auction);
  const admin = createAdminCommands(parts, protection, auction, emit);
  const eventHead = events.head;
  const activity = stops.activity;
  const expiryHead = expiries.head;

  function beginTick(tick: number): void {
    clock[CLOCK_TICK] = tick;
    events.reset();
  }

  function apply(ints: Int32Array, doubles: Float64Array, index: number): void {
    const c = index * COMMAND_INTS;
    clock[CLOCK_SEQUENCE] = doubles[(c >> 1) + C_SEQUENCE_F64];
    clock[CLOCK_TIMESTAMP] = doubles[(c >> 1) + C_TIMESTAMP_F64];
    const backlog = market[MARKET_BACKLOG];
    if ((clock[CLOCK_DUE] !== 0 || expiryHead[0] !== 0) && clock[CLOCK_TIMESTAMP] >= nextDue()) {
      timed.run();
    }
    switch (ints[c + C_HEAD] & 255) {
      case CommandKind.PLACE:
        orders.place(ints, doubles, c);
        break;
      case CommandKind.CANCEL:
        orders.cancel(ints, c);
        break;
      case CommandKind.AMEND:
        orders.amend(ints, c);
        break;
      case CommandKind.CANCEL_ALL:
        orders.cancelAll(ints, c);
        break;
      default:
        applyAdmin(ints, doubles, c);
    }
    if (backlog !== 0 || activity[0] !== 0) stops.endCommand(backlog);
    eventHead[1]++;
  }

  function applyAdmin(ints: Int32Array, doubles: Float64Array, c: number): void {
    switch (ints[c + C_HEAD] & 255) {
      case CommandKind.OPEN_ACCOUNT:
        return admin.openAccount(ints, c);
      case CommandKind.DEPOSIT_CASH:
        return admin.depositCash(ints, doubles, c);
      case CommandKind.DEPOSIT_SHARES:
        return admin.depositShares(ints, doubles, c);
      case CommandKind.SET_ACCOUNT:
        return admin.setAccount(ints, c);
      case CommandKind.LIST_SYMBOL:
        return admin.listSymbol(ints, c);
      case CommandKind.SET_SYMBOL_STATE:
        return admin.setSymbolState(ints, c);
      case CommandKind.SET_SYMBOL_RULES:
        return admin.setSymbolRules(ints, doubles, c);
      case CommandKind.SET_FEES:
        return admin.setFees(ints, c);
      case CommandKind.SET_SYMBOL_PROTECTION:
        return admin.setProtection(ints, doubles, c);
      case CommandKind.NOTE:
      case CommandKind.CLOCK:
        return emit.done(ints[c + C_ACCOUNT], -1, 0, 0);
      default:
        return emit.reject(Reject.INVALID_PARAMETER, ints[c + C_ACCOUNT], InvalidField.KIND);
    }
  }

  function nextDue(): number {
    const due = clock[CLOCK_DUE];
    return due === 0 ? expiries.due() : Math.min(due, expiries.due());
  }

  /** The state: every store as 32-bit words, as far as it is in use. */
  function state(): Int32Array[] {
    const words = (store: Int32Array | Float64Array, count: number): Int32Array =>
      new Int32Array(store.buffer, 0, count);
    return [
      words(arena.ints, arena.top() * ORDER_INTS),
      arena.head,
      ladder.books,
      words(ladder.pages, ladder.top() * PAGE_INTS),
      words(ladder.levels, ladder.top() * PAGE_LEVELS * LEVEL_INTS),
      ladder.head,
      words(accounts.ints, accounts.next() * ACCOUNT_INTS),
      words(accounts.cash, accounts.next() * 4),
      words(accounts.totals, accounts.totals.length * 2),
      accounts.head,
      words(positions.ints, positions.top() * POSITION_INTS),
      words(positions.totals, positions.totals.length * 2),
      positions.head,
      symbols.ints,
      symbols.texts,
      words(clientIds.ints, clientIds.top() * CLIENT_ID_INTS),
      clientIds.head,
      words(clock, CLOCK_HASHED * 2),
      market,
      words(expiries.heap, expiries.top()),
      expiries.head,
    ];
  }

  function stateHash(): bigint {
    const hash = new StateHash();
    for (const words of state()) hash.words(words);
    return hash.digest();
  }

  function reset(): void {
    for (const words of state()) words.fill(0);
    clock.fill(0);
    arena.reset();
    ladder.reset();
    accounts.reset();
    positions.reset();
    clientIds.reset();
    events.reset();
  }

  return {
    ...parts,
    beginTick,
    apply,
    reset,
    stateHash,
    due: () => (market[MARKET_BACKLOG] !== 0 ? 0 : nextDue()),
    tick: () => clock[CLOCK_TICK],
    sequence: () => clock[CLOCK_SEQUENCE],
    trades: () => clock[CLOCK_TRADES],
  };
}
