/** Checks the ledger: account lists, positions and their index, reservations, conservation. */
import { A_FIRST_ORDER, A_OPEN_ORDERS, ACCOUNT_INTS } from "../../../src/core/ledger/accounts.ts";
import { P_OPEN_ORDERS, POSITION_INTS } from "../../../src/core/ledger/positions.ts";
import {
  O_ACCOUNT,
  O_ACCOUNT_NEXT,
  O_ACCOUNT_PREV,
  O_BOOK,
  O_FEE_CARRY,
  O_FEES,
  O_POSITION,
  O_PRICE,
  O_REMAINING,
  ORDER_SHIFT,
} from "../../../src/core/whistle/order-arena.ts";
import { costOf } from "../../reference/order.ts";
import type { TestCore } from "../test-core.ts";
import { collectList, type Faults } from "./faults.ts";

export function validateLedger(core: TestCore, resting: Set<number>, report: Faults): void {
  validateAccountLists(core, resting, report);
  validatePositions(core, report);
  validateOpenOrders(core, resting, report);
  validateReservations(core, resting, report);
  validateTotals(core, report);
}

/** Every open order is exactly once in its account's list. */
function validateAccountLists(core: TestCore, resting: Set<number>, report: Faults): void {
  const O = core.arena.ints;
  const A = core.accounts.ints;
  const listed = new Set<number>();
  for (let account = 0; account < core.accounts.next(); account++) {
    const a = account * ACCOUNT_INTS;
    const next = (slot: number): number => O[(slot << ORDER_SHIFT) + O_ACCOUNT_NEXT];
    const own = collectList(`orders of account ${account}`, A[a + A_FIRST_ORDER], next, report);
    let previous = 0;
    for (const slot of own) {
      const o = slot << ORDER_SHIFT;
      const isOwn = O[o + O_ACCOUNT] === account && resting.has(slot) && !listed.has(slot);
      report(isOwn, () => `account ${account}: lists the order in slot ${slot}`);
      report(O[o + O_ACCOUNT_PREV] === previous, () => `slot ${slot}: ACCOUNT_PREV`);
      listed.add(slot);
      previous = slot;
    }
    const noted = A[a + A_OPEN_ORDERS];
    report(noted === own.size, () => `account ${account}: ${noted} open orders, not ${own.size}`);
  }
  report(listed.size === resting.size, () => `${listed.size} orders in accounts' lists`);
}

/**
 * Every position is exactly once in its account's list. The index finds it, and finds no position that does
 * not exist.
 */
function validatePositions(core: TestCore, report: Faults): void {
  const { positions, accounts, symbols } = core;
  const listed = new Set<number>();
  for (let account = 0; account < accounts.next(); account++) {
    const name = `positions of account ${account}`;
    const bySymbol = new Map<number, number>();
    for (const position of collectList(name, positions.first(account), positions.next, report)) {
      const symbol = positions.symbolOf(position);
      const isNew = !listed.has(position) && !bySymbol.has(symbol);
      const isOwn = positions.accountOf(position) === account && isNew;
      report(isOwn, () => `${name}: ${position}, of symbol ${symbol}`);
      listed.add(position);
      bySymbol.set(symbol, position);
    }
    for (let symbol = 0; symbol < symbols.count; symbol++) {
      const found = positions.find(account, symbol);
      const expected = bySymbol.get(symbol) ?? 0;
      report(found === expected, () => `${name}: for symbol ${symbol} the index finds ${found}`);
    }
    const held = positions.heldBy(account);
    report(held === bySymbol.size, () => `${name}: ${held}, not ${bySymbol.size}`);
  }
  report(listed.size === positions.top() - 1, () => `${listed.size} positions in lists`);
  const nobody = positions.available(0) !== 0 || positions.reserved(0) !== 0;
  report(!nobody, () => "position 0 holds something");
}

/** Every position counts its open orders. */
function validateOpenOrders(core: TestCore, resting: Set<number>, report: Faults): void {
  const O = core.arena.ints;
  const { positions } = core;
  const open = new Map<number, number>();
  for (const slot of resting) {
    const position = O[(slot << ORDER_SHIFT) + O_POSITION];
    open.set(position, (open.get(position) ?? 0) + 1);
  }
  for (let position = 0; position < positions.top(); position++) {
    const noted = positions.ints[position * POSITION_INTS + P_OPEN_ORDERS];
    const counted = open.get(position) ?? 0;
    report(noted === counted, () => `position ${position}: ${noted} open orders, not ${counted}`);
  }
}

/** Reserved amounts are exactly what the open orders need. */
function validateReservations(core: TestCore, resting: Set<number>, report: Faults): void {
  const O = core.arena.ints;
  const { accounts, positions } = core;
  const cash = new Map<number, bigint>();
  const shares = new Map<number, number>();
  for (const slot of resting) {
    const o = slot << ORDER_SHIFT;
    const [account, position] = [O[o + O_ACCOUNT], O[o + O_POSITION]];
    const { [o + O_REMAINING]: remaining, [o + O_BOOK]: book, [o + O_FEES]: packed } = O;
    const isItsOwn = positions.find(account, book >> 1) === position;
    report(isItsOwn, () => `slot ${slot}: position ${position}`);
    if ((book & 1) === 0) {
      const fees = { maker: BigInt(packed >> 16), taker: BigInt((packed << 16) >> 16) };
      const carry = BigInt(O[o + O_FEE_CARRY]);
      const needed = costOf(O[o + O_PRICE], remaining, fees, carry);
      cash.set(account, (cash.get(account) ?? 0n) + needed);
    } else {
      shares.set(position, (shares.get(position) ?? 0) + remaining);
    }
  }
  for (let account = 0; account < accounts.next(); account++) {
    const reserved = accounts.reserved(account);
    const needed = Number(cash.get(account) ?? 0n);
    report(reserved === needed, () => `account ${account}: ${reserved} reserved, not ${needed}`);
  }
  for (let position = 1; position < positions.top(); position++) {
    const reserved = positions.reserved(position);
    const needed = shares.get(position) ?? 0;
    report(reserved === needed, () => `position ${position}: ${reserved} reserved, not ${needed}`);
  }
}

/**
 * Cash and shares are whole numbers and never overdrawn (except that the operator may pay more in rebates
 * than there is). Their totals equal what was deposited.
 */
function validateTotals(core: TestCore, report: Faults): void {
  const { accounts, positions, symbols } = core;
  let cash = 0;
  for (let account = 0; account < accounts.next(); account++) {
    const available = accounts.available(account);
    const isSound = Number.isSafeInteger(available) && (available >= 0 || account === 0);
    report(isSound, () => `account ${account}: ${available} available`);
    cash += available + accounts.reserved(account);
  }
  report(cash === accounts.totals[0], () => `cash: ${cash}, not ${accounts.totals[0]}`);

  const shares = new Array<number>(symbols.count).fill(0);
  for (let position = 1; position < positions.top(); position++) {
    const total = positions.available(position) + positions.reserved(position);
    report(Number.isSafeInteger(total), () => `position ${position}: ${total} shares`);
    shares[positions.symbolOf(position)] += total;
  }
  const noted = [...positions.totals];
  report(Bun.deepEquals(noted, shares), () => `shares: ${shares}, not ${noted}`);
}
