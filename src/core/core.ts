/**
 * The core: a deterministic state machine, `apply(command) → events`. The same commands in the same
 * order give the same state and the same events, bit for bit, wherever and however often they run.
 */
import { type Store, store } from "../lib/store.ts";
import { createAdminCommands } from "./admin-commands.ts";
import { CLIENT_ID_INTS } from "./client-ids.ts";
import {
  C_ACCOUNT,
  C_HEAD,
  C_ORDER_GENERATION,
  C_ORDER_SLOT,
  C_SEQUENCE_F64,
  C_SYMBOL,
  C_TEXT_INTS,
  C_TIMESTAMP_F64,
  COMMAND_INTS,
  CommandKind,
} from "./command.ts";
import { createEmit } from "./emit.ts";
import { createEvents, type Events } from "./event.ts";
import { createHoldings } from "./holdings.ts";
import { ACCOUNT_INTS } from "./ledger/accounts.ts";
import { POSITION_INTS } from "./ledger/positions.ts";
import {
  CLOCK_DUE,
  CLOCK_HASHED,
  CLOCK_SEQUENCE,
  CLOCK_TICK,
  CLOCK_TIMESTAMP,
  type CoreLimits,
  type CoreParts,
  createParts,
  MARKET_BACKLOG,
  MARKET_BACKLOG_FIRST,
  triggerBook,
} from "./parts.ts";
import { InvalidField, Reject } from "./reject.ts";
import { StateHash } from "./state-hash.ts";
import { SYMBOL_INTS } from "./symbols.ts";
import { type CoreView, createView } from "./view.ts";
import { createArrival } from "./whistle/arrival.ts";
import { createAuction } from "./whistle/auction.ts";
import { createChecks } from "./whistle/checks.ts";
import { BOOK_INTS, LEVEL_INTS, PAGE_INTS, PAGE_LEVELS } from "./whistle/ladder.ts";
import { createLookAhead } from "./whistle/look-ahead.ts";
import { createMatching } from "./whistle/matching.ts";
import {
  HASHED_ORDER_INTS,
  O_BOOK,
  O_CREATED_AT_F64,
  O_TICK_F64,
  O_TIMESTAMP_F64,
  ORDER_INTS,
  ORDER_SHIFT,
} from "./whistle/order-arena.ts";
import { createOrderEntry } from "./whistle/order-entry.ts";
import { createOrderFees } from "./whistle/order-fees.ts";
import { createOverdue } from "./whistle/overdue.ts";
import { createPlainOrders } from "./whistle/plain-orders.ts";
import { createPriceBand } from "./whistle/price-band.ts";
import { WINDOW_INTS } from "./whistle/price-windows.ts";
import { createProtection } from "./whistle/protection.ts";
import {
  createReadAhead,
  READ_AHEAD,
  READ_AHEAD_IDS,
  READ_AHEAD_ORDERS,
} from "./whistle/read-ahead.ts";
import { createResting } from "./whistle/resting.ts";
import { createStops } from "./whistle/stops.ts";
import { createSupply } from "./whistle/supply.ts";
import { createTimed } from "./whistle/timed.ts";

export interface Core {
  /** Starts tick number `tick`: forgets the events of the one before. */
  beginTick(tick: number): void;
  /**
   * Applies the command record `index` of a block of records, given as 32-bit and 64-bit words of the
   * same memory. Exactly one event with the REPLY flag answers it; an unknown kind is rejected.
   */
  apply(ints: Int32Array, doubles: Float64Array, index: number): void;
  /** Applies the records from `from` to before `to` of a block, one after the other, as `apply` does. */
  applyAll(ints: Int32Array, doubles: Float64Array, from: number, to: number): void;
  /** Ends the tick: adds what the accounts now have to its events. Does not change the state. */
  endTick(): void;
  /** The events of the last tick. */
  readonly events: Events;
  readonly view: CoreView;
  /** Everything that a snapshot keeps. */
  readonly stores: readonly Store[];
  /** The one of these stores that has the books' price levels. */
  readonly levels: Store;
  /** The large ones of the tables that are derived from the stores and are in no snapshot. */
  readonly derived: readonly Store[];
  /** The memory to which the events of a tick are written, from its start on. Not in use between two ticks. */
  readonly eventMemory: Store;
  /** Makes the core empty again, in time proportional to the memory that was in use. */
  reset(): void;
  /** The stores of an empty core have been filled from a snapshot: makes the tables that are derived from them. */
  restored(): void;
  /**
   * Takes in the section `order-stamps` of an old snapshot, whose orders have no stamps. It has, by slot, the tick of
   * the last change and the time when the order came in.
   */
  restoreOrderStamps(stamps: Float64Array): void;
  /** Likewise the section `order-ticks` of a still older one, which does not say when an order came in. */
  restoreOrderTicks(ticks: Float64Array): void;
  /** 64 bits over the whole state, in time proportional to what is in use. */
  stateHash(): bigint;
  /** 32-bit words of the whole state: how much work `stateHash` is. */
  stateWords(): number;
  /**
   * Adds `count` words of the state to `hash`, from word `start` on; fewer where the state ends. Returns where the
   * next slice starts: 0 when the end was reached.
   */
  hashSlice(hash: StateHash, start: number, count: number): number;
  /**
   * When something is due by time alone, milliseconds since 1970 (0 = at once, Infinity = nothing is due). The core
   * needs a command then: a CLOCK if no other comes.
   */
  due(): number;
}

/** `symbolsMax`: how many symbols there can be. The parts are only for tests of this room. */
export function assembleCore(
  symbolsMax: number,
  limits: CoreLimits,
): { core: Core; parts: CoreParts } {
  const parts = createParts(symbolsMax, limits);
  const {
    arena,
    ladder,
    accounts,
    positions,
    symbols,
    windows,
    clientIds,
    expiries,
    events,
    clock,
    market,
    rules,
  } = parts;
  const emit = createEmit(parts);
  const supply = createSupply(parts);
  const resting = createResting(parts, supply, emit);
  const orderFees = createOrderFees(parts);
  const band = createPriceBand(parts);
  const matching = createMatching(parts, resting, supply, orderFees, band, emit);
  const overdue = createOverdue(parts, matching);
  const lookAhead = createLookAhead(parts, matching, supply);
  const checks = createChecks(parts, matching, lookAhead, emit);
  const protection = createProtection(parts, emit);
  const stops = createStops(parts, resting, matching, overdue, checks, band, protection, emit);
  const auction = createAuction(parts, matching, overdue, orderFees, band, protection, stops, emit);
  const arrival = createArrival(parts, resting, matching, stops, emit);
  const orders = createOrderEntry(
    parts,
    resting,
    matching,
    overdue,
    checks,
    band,
    stops,
    arrival,
    emit,
  );
  const plain = createPlainOrders(parts, checks, matching, overdue, arrival, supply, band, emit);
  const timed = createTimed(parts, overdue, protection, auction);
  const admin = createAdminCommands(parts, band, protection, auction, emit);
  const holdings = createHoldings(parts);
  const readAhead = createReadAhead(parts);
  const { readAheadOrders = READ_AHEAD_ORDERS, readAheadIds = READ_AHEAD_IDS } = limits;
  const eventHead = events.head;
  const expiryHead = expiries.head;

  function beginTick(tick: number): void {
    clock[CLOCK_TICK] = tick;
    events.reset();
  }

  function apply(ints: Int32Array, doubles: Float64Array, index: number): void {
    const c = index * COMMAND_INTS;
    clock[CLOCK_SEQUENCE] = doubles[(c >> 1) + C_SEQUENCE_F64];
    clock[CLOCK_TIMESTAMP] = doubles[(c >> 1) + C_TIMESTAMP_F64];
    const isCalm = clock[CLOCK_DUE] === 0 && expiryHead[0] === 0 && market[MARKET_BACKLOG] === 0;
    if (isCalm) dispatch(ints, doubles, c);
    else dispatchWithOthers(ints, doubles, c);
    eventHead[1]++;
  }

  function applyAll(ints: Int32Array, doubles: Float64Array, from: number, to: number): void {
    for (let start = from; start < to; start += READ_AHEAD) {
      const end = Math.min(start + READ_AHEAD, to);
      if (arena.openCount() >= readAheadOrders) readAhead.read(ints, start, end);
      if (clientIds.top() >= readAheadIds) readAhead.readIds(ints, start, end);
      for (let i = start; i < end; i++) apply(ints, doubles, i);
    }
  }

  /** Applies a command when something may be due by time, or a symbol is in the backlog: does that, too. */
  function dispatchWithOthers(ints: Int32Array, doubles: Float64Array, c: number): void {
    const backlog = market[MARKET_BACKLOG];
    const isBacklogFirst = rules.isAtLeast1();
    if (clock[CLOCK_TIMESTAMP] >= nextDue()) timed.run();
    if (isBacklogFirst && backlog !== 0) {
      const kind = ints[c + C_HEAD] & 255;
      const isOrder = kind === CommandKind.PLACE || kind === CommandKind.AMEND;
      stops.catchUp(backlog, symbolOf(ints, c), isOrder);
    }
    dispatch(ints, doubles, c);
    if (!isBacklogFirst) stops.goOn(backlog);
  }

  /** The symbol of a command, or of the order that an amendment without a symbol names; -1 = none. */
  function symbolOf(ints: Int32Array, c: number): number {
    const symbol = ints[c + C_SYMBOL];
    const slot = ints[c + C_ORDER_SLOT];
    if (symbol >= 0 || (ints[c + C_HEAD] & 255) !== CommandKind.AMEND) return symbol;
    if (!arena.isOpen(slot, ints[c + C_ORDER_GENERATION])) return symbol;
    return arena.ints[(slot << ORDER_SHIFT) + O_BOOK] >> 1;
  }

  function dispatch(ints: Int32Array, doubles: Float64Array, c: number): void {
    switch (ints[c + C_HEAD] & 255) {
      case CommandKind.PLACE:
        if (!plain.place(ints, c)) orders.place(ints, doubles, c);
        break;
      case CommandKind.CANCEL:
        if (!plain.cancel(ints, c)) orders.cancel(ints, c);
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
      case CommandKind.SET_SHARES:
        return admin.setShares(ints, doubles, c);
      case CommandKind.SET_RULES:
        return admin.setRules(ints, doubles, c);
      case CommandKind.NOTE:
      case CommandKind.CLOCK:
        return emit.done(ints[c + C_ACCOUNT], -1, 0, 0);
      default:
        return emit.reject(Reject.INVALID_PARAMETER, ints[c + C_ACCOUNT], InvalidField.KIND);
    }
  }

  function nextDue(): number {
    return Math.min(clock[CLOCK_DUE] || Number.POSITIVE_INFINITY, expiries.due());
  }

  const doubles = (count: number): number => count * 2;
  /** The words in use of a store that is used only from version 1 of the rules on. */
  const sharedOut = (count: number): number => (rules.isAtLeast1() ? count : 0);
  const { holders } = clientIds;
  /** The words in use of a store that has `count` for each listed symbol. They do not depend on `symbolsMax`. */
  const listed = (count: number) => () => symbols.top() * count;
  const orderStore = store("orders", arena.ints, () => arena.top() * ORDER_INTS);
  const levels = store("levels", ladder.levels, () => ladder.top() * PAGE_LEVELS * LEVEL_INTS);
  const triggerBooks = ladder.books.subarray(triggerBook(symbolsMax, 1) * BOOK_INTS);
  /** The state. Each part comes before the head that says how much of it is in use: `reset` empties them in order. */
  const hashed: Store[] = [
    orderStore,
    store("orders-head", arena.head),
    store("books", ladder.books, listed(2 * BOOK_INTS)),
    store("trigger-books", triggerBooks, listed(2 * BOOK_INTS)),
    store("pages", ladder.pages, () => ladder.top() * PAGE_INTS),
    levels,
    store("ladder-head", ladder.head),
    store("accounts", accounts.ints, () => accounts.next() * ACCOUNT_INTS),
    store("cash", accounts.cash, () => doubles(accounts.next() * 2)),
    store("cash-total", accounts.totals),
    store("client-id-holders", holders.ints, () => sharedOut(holders.words(accounts.next()))),
    store("client-id-holders-head", holders.heads, () => sharedOut(holders.heads.length)),
    store("accounts-head", accounts.head),
    store("positions", positions.ints, () => positions.top() * POSITION_INTS),
    store("positions-head", positions.head),
    store("share-totals", positions.totals, listed(2)),
    store("symbols", symbols.ints, listed(SYMBOL_INTS)),
    store("symbol-template", symbols.ints.subarray(symbols.template * SYMBOL_INTS)),
    store("symbol-texts", symbols.texts, listed(C_TEXT_INTS)),
    store("price-windows", windows.ints, listed(WINDOW_INTS)),
    store("symbols-head", symbols.head),
    store("client-ids", clientIds.ints, () => clientIds.top() * CLIENT_ID_INTS),
    store("client-ids-head", clientIds.head),
    store("clock", clock, () => doubles(CLOCK_HASHED)),
    store("market", market, () => MARKET_BACKLOG_FIRST + market[MARKET_BACKLOG]),
    store("expiries", expiries.heap, () => expiries.top()),
    store("expiries-head", expiries.head),
    store("rules", rules.ints, rules.used),
  ];
  const stores = [...hashed, store("clock-rest", clock.subarray(CLOCK_HASHED))];

  function stateHash(): bigint {
    const hash = new StateHash();
    for (const part of hashed) hashPart(hash, part, 0, part.used());
    return hash.digest();
  }

  function hashPart(hash: StateHash, part: Store, from: number, to: number): void {
    if (part !== orderStore) return hash.words(part.words, from, to);
    hash.rows(part.words, from, to, ORDER_INTS, HASHED_ORDER_INTS);
  }

  function hashSlice(hash: StateHash, start: number, count: number): number {
    let at = start;
    let left = count;
    for (const part of hashed) {
      const extent = part.used();
      if (at < extent) {
        const end = Math.min(extent, at + left);
        hashPart(hash, part, at, end);
        left -= end - at;
        if (left === 0) return start + count;
        at = extent;
      }
      at -= extent;
    }
    return 0;
  }

  function reset(): void {
    for (const { words, used } of hashed) words.fill(0, 0, used());
    clock.fill(0);
    arena.reset();
    ladder.reset();
    accounts.reset();
    positions.reset();
    clientIds.reset();
    events.reset();
    stops.reset();
    windows.reset();
    supply.reset();
  }

  function restored(): void {
    arena.restored();
    ladder.restored();
    accounts.restored();
    positions.restored();
    clientIds.restored();
  }

  function restoreOrderStamps(stamps: Float64Array): void {
    for (let slot = 0; slot < stamps.length >> 1; slot++) {
      stampOrder(slot, stamps[slot * 2], stamps[slot * 2 + 1]);
    }
  }

  function restoreOrderTicks(ticks: Float64Array): void {
    for (let slot = 0; slot < ticks.length; slot++) {
      stampOrder(slot, ticks[slot], arena.doubles[slot * (ORDER_INTS >> 1) + O_TIMESTAMP_F64]);
    }
  }

  function stampOrder(slot: number, tick: number, createdAt: number): void {
    const d = slot * (ORDER_INTS >> 1);
    arena.doubles[d + O_TICK_F64] = tick;
    arena.doubles[d + O_CREATED_AT_F64] = createdAt;
  }

  const core: Core = {
    beginTick,
    apply,
    applyAll,
    endTick: holdings.write,
    events: createEvents(events),
    view: createView(parts),
    stores,
    levels,
    derived: [
      store("client-id-hashes", clientIds.heads),
      store("order-extras", arena.extras),
      store("position-places", positions.places),
    ],
    eventMemory: store("events", events.ints, () => 0),
    reset,
    restored,
    restoreOrderStamps,
    restoreOrderTicks,
    stateHash,
    stateWords: () => hashed.reduce((sum, { used }) => sum + used(), 0),
    hashSlice,
    // Orders that have expired and could not end yet do so only at a later timestamp.
    due: () => (market[MARKET_BACKLOG] !== 0 ? 0 : Math.max(nextDue(), clock[CLOCK_TIMESTAMP] + 1)),
  };
  return { core, parts };
}
