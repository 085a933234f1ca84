/**
 * Checks the arena: every slot that was taken is either open and in a book, or free. (Retired slots are
 * neither. They need 2^32 orders in one slot, which no test of the whole state has.)
 */
import { hasTerms } from "../../../src/core/event.ts";
import { A_USER, ACCOUNT_INTS } from "../../../src/core/ledger/accounts.ts";
import {
  EXTRA_CLIENT_ID,
  EXTRA_TERMS,
  O_ACCOUNT,
  O_BOOK,
  O_CLIENT_ID,
  O_NEXT,
  O_ORDER_FLAGS,
  O_OWNER,
  O_QUANTITY,
  O_REMAINING,
  ORDER_SHIFT,
} from "../../../src/core/whistle/order-arena.ts";
import type { TestCore } from "../test-core.ts";
import { collectList, type Faults, type Start } from "./faults.ts";

const H_FREE = 0;
const H_TOP = 1;
const H_OPEN = 2;
const FREE_BOOK = -1;

export function validateArena(
  core: TestCore,
  start: Start,
  resting: Set<number>,
  report: Faults,
): void {
  const { ints: O, head, extras } = core.arena;
  const next = (slot: number): number => O[(slot << ORDER_SHIFT) + O_NEXT];
  const free = collectList("free slots", head[H_FREE], next, report);
  for (let slot = start.order; slot < head[H_TOP]; slot++) {
    const o = slot << ORDER_SHIFT;
    const isOpen = O[o + O_BOOK] !== FREE_BOOK;
    report(isOpen === resting.has(slot), () => `slot ${slot}: book ${O[o + O_BOOK]}, in no book`);
    report(isOpen !== free.has(slot), () => `slot ${slot}: open ${isOpen}, free ${free.has(slot)}`);
    const { [o + O_REMAINING]: remaining, [o + O_QUANTITY]: quantity } = O;
    const isSound = !isOpen || (remaining > 0 && remaining <= quantity);
    report(isSound, () => `slot ${slot}: ${remaining} of ${quantity} remain`);
    const { [o + O_ACCOUNT]: account, [o + O_OWNER]: noted } = O;
    const owner = core.accounts.ints[account * ACCOUNT_INTS + A_USER] || -account;
    const extra =
      (O[o + O_CLIENT_ID] !== 0 ? EXTRA_CLIENT_ID : 0) |
      (hasTerms(O[o + O_ORDER_FLAGS]) ? EXTRA_TERMS : 0);
    report(!isOpen || extras[slot] === extra, () => `slot ${slot}: extras ${extras[slot]}`);
    report(!isOpen || noted === owner, () => `slot ${slot}: owner ${noted}, not ${owner}`);
  }
  report(head[H_OPEN] === resting.size, () => `${head[H_OPEN]} open, ${resting.size} in books`);
}
