/** Cash and shares, in whole numbers of any size. */
import type { AccountView, Holding } from "./exchange-event.ts";
import type { Fees } from "./order.ts";

/** The available amount, and the amount reserved for open orders. */
export class Balance {
  available = 0n;
  reserved = 0n;

  get total(): bigint {
    return this.available + this.reserved;
  }

  reserve(amount: bigint): void {
    this.available -= amount;
    this.reserved += amount;
  }

  view(): Holding {
    return { available: Number(this.available), reserved: Number(this.reserved) };
  }
}

/** How much of the shared stores an account may use. An account's own value 0 means the common one. */
export interface Share {
  orders: number;
  pages: number;
  positions: number;
  clientIds: number;
}

export class Account {
  share: Share = { orders: 0, pages: 0, positions: 0, clientIds: 0 };
  readonly cash = new Balance();
  /** By symbol. */
  readonly shares = new Map<number, Balance>();
  mayShort = false;
  /** The account's own fees; undefined = those of the market. */
  fees: Fees | undefined;

  constructor(
    readonly number: number,
    readonly user: number,
  ) {}

  view(orders: number[]): AccountView {
    const shares = [...this.shares]
      .filter(([, { available, reserved }]) => available !== 0n || reserved !== 0n)
      .sort(([a], [b]) => a - b)
      .map(([symbol, balance]) => ({ symbol, ...balance.view() }));
    return { account: this.number, cash: this.cash.view(), shares, orders };
  }
}

export class Ledger {
  /** By account number. Account 0 is the operator's and receives the fees. */
  readonly accounts: Account[] = [new Account(0, 0)];
  /** All cash deposited and not withdrawn. */
  cash = 0n;
  /** By symbol: all shares deposited and not withdrawn. */
  readonly shares = new Map<number, bigint>();
  positions = 0;

  constructor(readonly positionsMax: number) {}

  get operator(): Account {
    return this.of(0);
  }

  /** An account that is known to exist. */
  of(account: number): Account {
    const found = this.accounts[account];
    if (found === undefined) throw new RangeError(`there is no account ${account}`);
    return found;
  }

  exists(account: number): boolean {
    return this.accounts[account] !== undefined;
  }

  /** Whether the account has a position in the symbol, or may get one. */
  hasRoom(account: number, symbol: number): boolean {
    return this.of(account).shares.has(symbol) || this.positions < this.positionsMax;
  }

  /** Shares that the account could sell. */
  available(account: number, symbol: number): bigint {
    return this.of(account).shares.get(symbol)?.available ?? 0n;
  }

  /** The account's position in a symbol. It is created if there is none. */
  position(account: number, symbol: number): Balance {
    const { shares } = this.of(account);
    const found = shares.get(symbol);
    if (found !== undefined) return found;
    this.positions++;
    const made = new Balance();
    shares.set(symbol, made);
    return made;
  }
}
