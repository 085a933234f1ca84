/** Equity against books that are kept beside it, plainly: every trade and deposit, in exact integers. */
import { expect, test } from "bun:test";
import { Side } from "../../src/core/command.ts";
import { createCore } from "../../src/core/create.ts";
import type { TickOutput, TickStage } from "../../src/core/tick-output.ts";
import { Equity } from "../../src/records/equity.ts";
import {
  buy,
  type Command,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  setAccount,
  setFees,
} from "../core/command-builder.ts";
import { Random } from "../core/fuzz/random.ts";
import { TickRun } from "../execution/tick-run.ts";
import { copyStores } from "./stores.ts";

const SYMBOLS = [0, 1, 2];
const OWNERS = [1, 2, 3, 4];
const ACCOUNTS = [0, ...OWNERS];
const core = createCore(SYMBOLS.length);
const { view } = core;

interface Lot {
  quantity: bigint;
  cost: bigint;
  realised: bigint;
  fees: bigint;
}

interface Book {
  cash: bigint;
  deposits: bigint;
  realised: bigint;
  fees: bigint;
  /** By symbol. */
  lots: Lot[];
}

class PlainBooks implements TickStage {
  readonly books: Book[] = ACCOUNTS.map(() => ({
    ...{ cash: 0n, deposits: 0n, realised: 0n, fees: 0n },
    lots: SYMBOLS.map(() => ({ quantity: 0n, cost: 0n, realised: 0n, fees: 0n })),
  }));

  onTick({ events, trades }: TickOutput): void {
    for (let i = 0; i < trades.count; i++) {
      const e = trades.at(i);
      for (const order of [events.order(e), events.maker(e)]) {
        const book = this.books[events.account(order)] as Book;
        const symbol = events.symbol(order);
        const lot = book.lots[symbol] as Lot;
        const fee = BigInt(events.fee(e, order));
        const quantity = BigInt(events.tradeQuantity(e));
        const price = BigInt(events.tradePrice(e));
        const bought = events.side(order) === Side.BUY ? quantity : -quantity;
        this.#move(book, symbol, bought, price);
        book.cash -= bought * price + fee;
        for (const each of [book, lot]) {
          each.realised -= fee;
          each.fees += fee;
        }
        const operator = this.books[0] as Book;
        operator.cash += fee;
        operator.realised += fee;
      }
    }
  }

  /** What trades do not explain was deposited or withdrawn, at the last price. */
  settle(): void {
    for (const [account, book] of this.books.entries()) {
      const cash = BigInt(view.cashAvailable(account) + view.cashReserved(account));
      book.deposits += cash - book.cash;
      book.cash = cash;
      const held = new Map(view.holdings(account).map((each) => [each.symbol, each]));
      for (const symbol of SYMBOLS) {
        const { available = 0, reserved = 0 } = held.get(symbol) ?? {};
        const shares = BigInt(available + reserved) - (book.lots[symbol] as Lot).quantity;
        const price = BigInt(view.lastTrade(symbol)?.price ?? 0);
        this.#move(book, symbol, shares, price);
        book.deposits += shares * price;
      }
    }
  }

  #move(book: Book, symbol: number, shares: bigint, price: bigint): void {
    const lot = book.lots[symbol] as Lot;
    const isClosing = lot.quantity !== 0n && lot.quantity > 0n !== shares > 0n;
    const [held, moved] = [size(lot.quantity), size(shares)];
    const closed = isClosing ? (moved < held ? moved : held) : 0n;
    const way = shares < 0n ? -1n : 1n;
    const cost = held === 0n ? 0n : (lot.cost * closed) / held;
    const realised = -way * closed * price - cost;
    lot.realised += realised;
    book.realised += realised;
    lot.quantity += shares;
    lot.cost += way * (moved - closed) * price - cost;
  }
}

const size = (value: bigint): bigint => (value < 0n ? -value : value);

function expectSame(equity: Equity, { books }: PlainBooks): void {
  for (const [account, { lots, ...book }] of books.entries()) {
    const { cash, deposits, realised, fees } = equity.account(account);
    expect([cash, deposits, realised, fees].map(BigInt)).toEqual([
      ...[book.cash, book.deposits, book.realised, book.fees],
    ]);
    const kept = new Map(equity.positions(account).map((each) => [each.symbol, each]));
    for (const [symbol, lot] of lots.entries()) {
      const { quantity = 0, cost = 0, realised = 0, fees = 0 } = kept.get(symbol) ?? {};
      expect([quantity, cost, realised, fees].map(BigInt)).toEqual(Object.values(lot));
    }
  }
}

test.each([11, 12, 13, 14])(
  "cost, profit, fees and deposits are those of plain books, restored again and again (seed %i)",
  (seed) => {
    core.reset();
    const random = new Random(seed);
    const plain = new PlainBooks();
    let equity = new Equity(view, { entriesMax: 60 });
    const forward = { stores: [], onTick: (output: TickOutput) => equity.onTick(output) };
    const run = new TickRun(core, [plain, forward]);
    let at = 20_000 * 86_400_000;
    const tick = (...commands: Command[]): void => {
      run.tick(commands, at);
      plain.settle();
      expectSame(equity, plain);
    };
    const command = (): Command => {
      const [account, symbol] = [random.pick(OWNERS), random.pick(SYMBOLS)];
      if (random.once(8)) {
        const amount = random.between(-40, 60);
        return random.once(2)
          ? depositShares({ account, symbol, amount })
          : depositCash({ account, amount: amount * 1000 });
      }
      const terms = { account, symbol, selfTrade: "NONE" as const };
      const order = { ...terms, price: random.between(90, 110), quantity: random.between(1, 60) };
      return random.once(2) ? buy(order) : sell(order);
    };
    tick(
      ...SYMBOLS.map((symbol) => listSymbol({ symbol })),
      ...OWNERS.map((account) => openAccount({ account })),
      setFees({ maker: -20, taker: 55 }),
      setAccount({ account: 3, mayShort: true }),
      setAccount({ account: 4, mayShort: true, fees: { maker: 10, taker: 10 } }),
      ...OWNERS.map((account) => depositCash({ account, amount: 10_000_000 })),
    );
    for (let i = 0; i < 250; i++) {
      at += random.between(0, 40_000);
      tick(...Array.from({ length: random.between(1, 6) }, command));
      if (!random.once(40)) continue;
      const again = new Equity(view, { entriesMax: 60 });
      copyStores(equity.stores, again.stores);
      again.restored();
      equity = again;
    }
    const lots = plain.books.flatMap((book) => book.lots);
    expect(lots.some(({ quantity }) => quantity < 0n)).toBe(true);
    expect(lots.filter(({ realised }) => realised !== 0n).length).toBeGreaterThan(8);
  },
);
