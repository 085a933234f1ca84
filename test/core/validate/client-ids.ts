/**
 * Checks client order ids: every entry is exactly one of open, recent and free; it is in its chain; and it
 * can be found. The recent entries of an account are those of all recent entries that belong to it.
 */
import { CLIENT_ID_INTS, K_GENERATION, K_SLOT } from "../../../src/core/client-ids.ts";
import {
  A_NEWEST_ID,
  A_OLDEST_ID,
  A_RECENT_IDS,
  ACCOUNT_INTS,
} from "../../../src/core/ledger/accounts.ts";
import {
  O_ACCOUNT,
  O_CLIENT_ID,
  O_GENERATION,
  ORDER_SHIFT,
} from "../../../src/core/whistle/order-arena.ts";
import type { TestCore } from "../test-core.ts";
import { collectList, type Faults, type Start } from "./faults.ts";

// As drawn in client-ids.ts.
const ACCOUNT = 16;
const ACCOUNT_NEXT = 21;
const CHAIN_NEXT = 22;
const CHAIN_PREV = 23;
const RECENT_NEXT = 24;
const RECENT_PREV = 25;
const H_FREE_FIRST = 0;
const H_TOP = 1;
const H_NEWEST = 2;
const H_OLDEST = 3;
const H_RECENT = 4;
const H_FREE_LAST = 5;
const H_FREE_COUNT = 6;

export function validateClientIds(
  core: TestCore,
  start: Start,
  resting: Set<number>,
  report: Faults,
): void {
  const { ints: K, head, find } = core.clientIds;
  const free = validateFree(core, start, report);
  const recent = core.rules.isAtLeast1()
    ? validateShares(core, report)
    : validateRecent(core, report);
  const open = validateOpen(core, resting, report);
  for (let entry = 1; entry < head[H_TOP]; entry++) {
    const e = entry * CLIENT_ID_INTS;
    const places = [free, recent, open].filter((list) => list.has(entry)).length;
    report(places === 1, () => `client id ${entry}: in ${places} of free, recent and open`);
    const isFound = find(K[e + ACCOUNT], K, e) === entry;
    report(isFound !== free.has(entry), () => `client id ${entry}: found ${isFound}`);
    if (!free.has(entry)) validateChain(core, entry, free, report);
  }
}

function validateFree(core: TestCore, start: Start, report: Faults): Set<number> {
  const { ints: K, head } = core.clientIds;
  const next = (entry: number): number => K[entry * CLIENT_ID_INTS + RECENT_NEXT];
  const free = collectList("free client ids", head[H_FREE_FIRST], next, report);
  const counted = free.size + start.freeClientIds;
  report(head[H_FREE_COUNT] === counted, () => `${head[H_FREE_COUNT]} free ids, not ${counted}`);
  const last = [...free].at(-1) ?? 0;
  report(head[H_FREE_LAST] === last, () => `last freed client id: ${head[H_FREE_LAST]}`);
  return free;
}

/** The recent entries of each account, from version 1 of the rules. */
function validateShares(core: TestCore, report: Faults): Set<number> {
  const { ints: K, head, holders } = core.clientIds;
  const { ints: A } = core.accounts;
  const recent = new Set<number>();
  const byLevel = new Map<number, Set<number>>();
  for (let account = 0; account < core.accounts.next(); account++) {
    const first = A[account * ACCOUNT_INTS + A_OLDEST_ID];
    const next = (entry: number): number => K[entry * CLIENT_ID_INTS + ACCOUNT_NEXT];
    const own = [...collectList(`account ${account}'s ids`, first, next, report)];
    const isOwn = own.every((entry) => K[entry * CLIENT_ID_INTS + ACCOUNT] === account);
    report(isOwn, () => `account ${account}: recent client ids of others`);
    validateAccount(core, account, own, report);
    for (const entry of own) recent.add(entry);
    if (own.length === 0) continue;
    const level = Math.floor(Math.log2(own.length));
    byLevel.set(level, (byLevel.get(level) ?? new Set()).add(account + 1));
  }
  report(head[H_RECENT] === recent.size, () => `${head[H_RECENT]} recent, not ${recent.size}`);
  for (let level = 0; level < holders.heads.length / 2; level++) {
    const next = (holder: number): number => holders.ints[(holder - 1) * 2];
    const listed = collectList(`holders of class ${level}`, holders.heads[level * 2], next, report);
    const isSame = Bun.deepEquals(listed, byLevel.get(level) ?? new Set());
    report(isSame, () => `class ${level}: holders ${[...listed]}`);
    const last = [...listed].at(-1) ?? 0;
    report(holders.heads[level * 2 + 1] === last, () => `class ${level}: not last ${last}`);
  }
  return recent;
}

/** The recent entries, of all accounts together and of each, under rules before version 1. */
function validateRecent(core: TestCore, report: Faults): Set<number> {
  const { ints: K, head } = core.clientIds;
  const next = (entry: number): number => K[entry * CLIENT_ID_INTS + RECENT_NEXT];
  const recent = collectList("recent client ids", head[H_OLDEST], next, report);
  const ofAccounts = new Map<number, number[]>();
  let previous = 0;
  for (const entry of recent) {
    const e = entry * CLIENT_ID_INTS;
    const noted = K[e + RECENT_PREV];
    report(noted === previous, () => `client id ${entry}: RECENT_PREV ${noted}`);
    previous = entry;
    const own = ofAccounts.get(K[e + ACCOUNT]);
    if (own === undefined) ofAccounts.set(K[e + ACCOUNT], [entry]);
    else own.push(entry);
  }
  report(head[H_NEWEST] === previous, () => `newest client id: ${head[H_NEWEST]}`);
  report(head[H_RECENT] === recent.size, () => `${head[H_RECENT]} recent, not ${recent.size}`);
  for (let account = 0; account < core.accounts.next(); account++) {
    validateAccount(core, account, ofAccounts.get(account) ?? [], report);
  }
  return recent;
}

/** `expected`: the account's recent entries, oldest first. */
function validateAccount(
  core: TestCore,
  account: number,
  expected: number[],
  report: Faults,
): void {
  const { ints: K } = core.clientIds;
  const { ints: A } = core.accounts;
  const a = account * ACCOUNT_INTS;
  const next = (entry: number): number => K[entry * CLIENT_ID_INTS + ACCOUNT_NEXT];
  const own = [...collectList(`account ${account}'s ids`, A[a + A_OLDEST_ID], next, report)];
  const isSame = own.length === expected.length && own.every((entry, i) => entry === expected[i]);
  report(isSame, () => `account ${account}: recent client ids ${own}, not ${expected}`);
  const count = A[a + A_RECENT_IDS];
  report(count === own.length, () => `account ${account}: ${count} recent client ids`);
  const newest = A[a + A_NEWEST_ID];
  const isNewest = own.length === 0 || newest === own.at(-1);
  report(isNewest, () => `account ${account}: newest client id ${newest}`);
}

/** Checks that an entry's neighbours in its chain are in use, and name the entry as their neighbour. */
function validateChain(core: TestCore, entry: number, free: Set<number>, report: Faults): void {
  const { ints: K } = core.clientIds;
  const e = entry * CLIENT_ID_INTS;
  for (const [to, back] of [
    [CHAIN_NEXT, CHAIN_PREV],
    [CHAIN_PREV, CHAIN_NEXT],
  ] as const) {
    const neighbour = K[e + to];
    const isNamed = K[neighbour * CLIENT_ID_INTS + back] === entry;
    const isSound = neighbour === 0 || (!free.has(neighbour) && isNamed);
    report(isSound, () => `client id ${entry}: chained to ${neighbour}`);
  }
}

/** The entries of open orders. */
function validateOpen(core: TestCore, resting: Set<number>, report: Faults): Set<number> {
  const O = core.arena.ints;
  const K = core.clientIds.ints;
  const open = new Set<number>();
  for (const slot of resting) {
    const o = slot << ORDER_SHIFT;
    const entry = O[o + O_CLIENT_ID];
    if (entry === 0) continue;
    const e = entry * CLIENT_ID_INTS;
    const isItsOwn =
      K[e + K_SLOT] === slot &&
      K[e + K_GENERATION] === O[o + O_GENERATION] &&
      K[e + ACCOUNT] === O[o + O_ACCOUNT];
    report(isItsOwn && !open.has(entry), () => `slot ${slot}: client id ${entry} is another's`);
    open.add(entry);
  }
  return open;
}
