/** Client order ids: every entry is of an open order, or recent, or free, once; is chained; is found. */
import { CLIENT_ID_INTS, K_GENERATION, K_SLOT } from "../../../src/core/client-ids.ts";
import type { Core } from "../../../src/core/core.ts";
import {
  O_ACCOUNT,
  O_CLIENT_ID,
  O_GENERATION,
  ORDER_SHIFT,
} from "../../../src/core/whistle/order-arena.ts";
import { collectList, type Faults, type Start } from "./faults.ts";

// As drawn in client-ids.ts.
const ACCOUNT = 16;
const HASH = 21;
const CHAIN_NEXT = 22;
const CHAIN_PREV = 23;
const RECENT_NEXT = 24;
const RECENT_PREV = 25;
const H_FREE = 0;
const H_TOP = 1;
const H_NEWEST = 2;
const H_OLDEST = 3;
const H_RECENT = 4;

export function validateClientIds(
  core: Core,
  start: Start,
  resting: Set<number>,
  report: Faults,
): void {
  const { ints: K, head, find } = core.clientIds;
  const next = (entry: number): number => K[entry * CLIENT_ID_INTS + RECENT_NEXT];
  const free = collectList("free client ids", head[H_FREE], next, report);
  const recent = collectList("recent client ids", head[H_OLDEST], next, report);
  const open = validateOpen(core, resting, report);

  let previous = 0;
  for (const entry of recent) {
    const noted = K[entry * CLIENT_ID_INTS + RECENT_PREV];
    report(noted === previous, () => `client id ${entry}: RECENT_PREV ${noted}`);
    previous = entry;
  }
  report(head[H_NEWEST] === previous, () => `newest client id: ${head[H_NEWEST]}`);
  const counted = recent.size + start.recentClientIds;
  report(head[H_RECENT] === counted, () => `${head[H_RECENT]} recent client ids, not ${counted}`);

  for (let entry = start.clientId; entry < head[H_TOP]; entry++) {
    const e = entry * CLIENT_ID_INTS;
    const places = [free, recent, open].filter((list) => list.has(entry)).length;
    report(places === 1, () => `client id ${entry}: in ${places} of free, recent and open`);
    const isFound = find(K[e + ACCOUNT], K, e) === entry;
    report(isFound !== free.has(entry), () => `client id ${entry}: found ${isFound}`);
    if (!free.has(entry)) validateChain(core, entry, free, report);
  }
}

/** The neighbours in an entry's chain are of its hash, and name it as theirs. */
function validateChain(core: Core, entry: number, free: Set<number>, report: Faults): void {
  const { ints: K } = core.clientIds;
  const e = entry * CLIENT_ID_INTS;
  for (const [to, back] of [
    [CHAIN_NEXT, CHAIN_PREV],
    [CHAIN_PREV, CHAIN_NEXT],
  ] as const) {
    const neighbour = K[e + to];
    const n = neighbour * CLIENT_ID_INTS;
    const isSound =
      neighbour === 0 ||
      (!free.has(neighbour) && K[n + HASH] === K[e + HASH] && K[n + back] === entry);
    report(isSound, () => `client id ${entry}: chained to ${neighbour}`);
  }
}

/** The entries of open orders. */
function validateOpen(core: Core, resting: Set<number>, report: Faults): Set<number> {
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
