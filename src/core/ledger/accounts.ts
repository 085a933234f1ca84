/**
 * Accounts and their cash, in the minimum unit.
 *
 * `cash[account * 2]` is available, `cash[account * 2 + 1]` is reserved for open buy orders. Account 0 is the
 * operator's: it receives the fees. `totals[0]` is what all accounts hold together: only deposits and
 * withdrawals change it.
 */

export const ACCOUNTS_MAX = 1 << 17;

export const ACCOUNT_INTS = 16;
const A_STATE = 0;
export const A_USER = 1;
const A_FLAGS = 2;
export const A_FIRST_ORDER = 3;
export const A_FIRST_POSITION = 4;
export const A_OPEN_ORDERS = 5;
/** Fees of an account with the flag OWN_FEES: maker << 16 | taker, basis points. */
export const A_FEES = 6;
/** Client order ids of its done orders: the oldest and the newest entry, and how many there are. */
export const A_OLDEST_ID = 7;
export const A_NEWEST_ID = 8;
export const A_RECENT_IDS = 9;
/** Its shares of the tables that all accounts use (`shares.ts`), 0 = those of all. In the order of SET_SHARES. */
export const A_ORDERS_MAX = 10;
export const A_PAGES_MAX = 11;
export const A_POSITIONS_MAX = 12;
export const A_CLIENT_IDS_MAX = 13;

const OPEN = 1;

export type Accounts = ReturnType<typeof createAccounts>;

export function createAccounts() {
  const ints = new Int32Array(ACCOUNTS_MAX * ACCOUNT_INTS);
  const cash = new Float64Array(ACCOUNTS_MAX * 2);
  /** [0] the number of accounts, the operator's included. */
  const head = new Int32Array(2);
  /** [0] all cash deposited and not withdrawn. */
  const totals = new Float64Array(1);

  // Derived from the tables above: the next account of the same user, in a ring; each user's newest account.
  const ring = new Int32Array(ACCOUNTS_MAX);
  const newest = new Map<number, number>();

  /** Makes an empty ledger of zeroed memory. It has only the operator's account. */
  function reset(): void {
    ints[A_STATE] = OPEN;
    head[0] = 1;
    newest.clear();
  }
  reset();

  /** Puts an account into its user's ring; an account without a user is alone in its own. */
  function join(account: number): void {
    const user = ints[account * ACCOUNT_INTS + A_USER];
    const other = (user > 0 ? newest.get(user) : undefined) ?? account;
    ring[account] = other === account ? account : ring[other];
    ring[other] = account;
    if (user > 0) newest.set(user, account);
  }

  /** The accounts have been filled from a snapshot. */
  function restored(): void {
    newest.clear();
    for (let account = 0; account < head[0]; account++) join(account);
  }

  return {
    reset,
    restored,
    ints,
    cash,
    head,
    totals,
    /** The number that the next account must have. */
    next: () => head[0],
    exists(account: number): boolean {
      return account >= 0 && account < head[0];
    },
    /** Opens account number `next()` for a user. The caller has checked that there is room. */
    open(user: number): void {
      const a = head[0]++ * ACCOUNT_INTS;
      ints[a + A_STATE] = OPEN;
      ints[a + A_USER] = user;
      join(a / ACCOUNT_INTS);
    },
    /** The next account of the same user, the account itself when there is no other. */
    nextOfUser: (account: number): number => ring[account],
    setFlags(account: number, flags: number): void {
      ints[account * ACCOUNT_INTS + A_FLAGS] = flags;
    },
    flags: (account: number): number => ints[account * ACCOUNT_INTS + A_FLAGS],
    userOf: (account: number): number => ints[account * ACCOUNT_INTS + A_USER],
    /** The owner for self-trade prevention: one number for all accounts of a user, and for no others. */
    ownerOf(account: number): number {
      const user = ints[account * ACCOUNT_INTS + A_USER];
      return user > 0 ? user : -account;
    },
    available: (account: number): number => cash[account * 2],
    reserved: (account: number): number => cash[account * 2 + 1],
  };
}
