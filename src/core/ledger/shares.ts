/**
 * How much of the shared tables an account may hold, from version 1 of the rules on. An account has a number of its
 * own, or else the number for all accounts holds.
 */

import type { Rules } from "../rules-state.ts";
import {
  A_CLIENT_IDS_MAX,
  A_ORDERS_MAX,
  A_PAGES_MAX,
  A_POSITIONS_MAX,
  ACCOUNT_INTS,
  type Accounts,
} from "./accounts.ts";

export type Shares = ReturnType<typeof createShares>;

export function createShares({ ints: A }: Accounts, { shares }: Rules) {
  return {
    /** Open orders. */
    orders: (account: number): number => A[account * ACCOUNT_INTS + A_ORDERS_MAX] || shares[0],
    /** Pages of the ladder. */
    pages: (account: number): number => A[account * ACCOUNT_INTS + A_PAGES_MAX] || shares[1],
    positions: (account: number): number =>
      A[account * ACCOUNT_INTS + A_POSITIONS_MAX] || shares[2],
    /** Client order ids of orders that are done. */
    clientIds: (account: number): number =>
      A[account * ACCOUNT_INTS + A_CLIENT_IDS_MAX] || shares[3],
    /** Sets the shares of an account (0 = those of all accounts), or with account -1 those of all accounts. */
    set(
      account: number,
      orders: number,
      pages: number,
      positions: number,
      clientIds: number,
    ): void {
      const words = account < 0 ? shares : A;
      const at = account < 0 ? 0 : account * ACCOUNT_INTS + A_ORDERS_MAX;
      words[at] = orders;
      words[at + 1] = pages;
      words[at + 2] = positions;
      words[at + 3] = clientIds;
    },
  };
}
