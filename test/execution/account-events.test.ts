import { expect, test } from "bun:test";
import { orderNumber } from "../../src/core/command.ts";
import type { Core } from "../../src/core/core.ts";
import {
  E_GENERATION,
  E_HEAD,
  E_MAKER_REMAINING,
  E_REMAINING,
  E_SLOT,
} from "../../src/core/event.ts";
import { AccountEvents, type AccountListener } from "../../src/execution/account-events.ts";
import {
  amend,
  buy,
  type Command,
  cancel,
  cancelAll,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  setFees,
} from "../core/command-builder.ts";
import { CoreRun } from "../core/run.ts";

/** What each account is told, in words. */
class Told implements AccountListener {
  readonly lines: string[] = [];

  constructor(private readonly core: Core) {}

  order(account: number, seq: number, e: number): void {
    const E = this.core.events.ints;
    const kind = (E[e + E_HEAD] & 255) === 2 ? "taker" : "order";
    this.lines.push(`${account}#${seq} ${kind}, ${E[e + E_REMAINING]} left`);
  }

  maker(account: number, seq: number, e: number): void {
    const left = this.core.events.ints[e + E_MAKER_REMAINING];
    this.lines.push(`${account}#${seq} maker, ${left} left`);
  }

  balance(account: number, seq: number, available: number, reserved: number): void {
    this.lines.push(`${account}#${seq} cash ${available} + ${reserved}`);
  }

  position(
    account: number,
    seq: number,
    symbol: number,
    available: number,
    reserved: number,
  ): void {
    this.lines.push(`${account}#${seq} shares of ${symbol} ${available} + ${reserved}`);
  }
}

const run = new CoreRun();

/** A new exchange; `tick` applies commands and gives what was told of them. */
function open() {
  run.core.reset();
  const told = new Told(run.core);
  const events = new AccountEvents(run.core);
  events.connect(told);
  const tick = (...commands: Command[]): string[] => {
    run.beginTick();
    for (const command of commands) run.apply(command);
    events.tick();
    return told.lines.splice(0);
  };
  return { tick, events };
}

const SET_UP = [
  listSymbol({ symbol: 0 }),
  listSymbol({ symbol: 1 }),
  openAccount({ account: 1 }),
  openAccount({ account: 2 }),
  depositCash({ account: 1, amount: 1000 }),
  depositShares({ account: 2, amount: 50 }),
];

test("holdings are told at the end of the tick, where they changed", () => {
  const { tick } = open();
  expect(tick(...SET_UP)).toEqual(["1#1 cash 1000 + 0", "2#1 shares of 0 50 + 0"]);
  expect(tick(buy({ account: 1, price: 10, quantity: 5 }))).toEqual([
    "1#2 order, 5 left",
    "1#3 cash 950 + 50",
  ]);
  expect(tick(sell({ account: 2, price: 20, quantity: 5 }))).toEqual([
    "2#2 order, 5 left",
    "2#3 shares of 0 45 + 5",
  ]);
  expect(
    tick(depositCash({ account: 1, amount: 7 }), depositCash({ account: 1, amount: -7 })),
  ).toEqual([]);
});

test("a trade is told to the maker, then to the taker, each with its own number", () => {
  const { tick, events } = open();
  const bid = buy({ account: 1, price: 10, quantity: 5 });
  tick(...SET_UP, setFees({ maker: 0, taker: 1000 }), bid);
  expect([events.lastSeq(1), events.lastSeq(2)]).toEqual([2, 1]);
  expect(
    tick(sell({ account: 2, price: 9, quantity: 7 }), cancel({ account: 1, of: bid })),
  ).toEqual([
    "1#3 maker, 0 left",
    "2#2 taker, 2 left",
    "1#4 cash 950 + 0",
    "2#3 cash 45 + 0",
    "0#1 cash 5 + 0",
    "1#5 shares of 0 5 + 0",
    "2#4 shares of 0 43 + 2",
  ]);
});

test("what comes back to where it was in one tick is not told; the orders are", () => {
  const { tick } = open();
  tick(...SET_UP);
  const bid = buy({ account: 1, price: 10, quantity: 5 });
  const ask = sell({ account: 2, price: 20, quantity: 5 });
  expect(tick(bid, ask, cancel({ account: 1, of: bid }), cancelAll({ account: 2 }))).toEqual([
    "1#2 order, 5 left",
    "2#2 order, 5 left",
    "1#3 order, 5 left",
    "2#3 order, 5 left",
  ]);
});

test("a refusal, a repeat and an amendment of nothing are told to nobody", () => {
  const { tick, events } = open();
  const bid = buy({ account: 1, price: 10, quantity: 5, clientId: "a" });
  tick(...SET_UP, bid);
  const before = [events.lastSeq(1), events.lastSeq(2)];
  expect(
    tick(
      bid,
      buy({ account: 1, price: 1000, quantity: 5 }),
      sell({ account: 2, price: 10, quantity: 51 }),
      amend({ account: 1, of: bid, quantity: 5 }),
      cancel({ account: 2, of: bid }),
      cancelAll({ account: 2 }),
    ),
  ).toEqual([]);
  expect([events.lastSeq(1), events.lastSeq(2)]).toEqual(before);
});

test("an account that trades with itself is told of both sides", () => {
  const { tick } = open();
  tick(
    ...SET_UP,
    depositShares({ account: 1, amount: 5 }),
    sell({ account: 1, price: 10, quantity: 5 }),
  );
  const crossing = buy({ account: 1, price: 10, quantity: 5, selfTrade: "NONE" });
  expect(tick(crossing)).toEqual([
    "1#4 maker, 0 left",
    "1#5 taker, 0 left",
    "1#6 shares of 0 5 + 0",
  ]);
});

test("a position that a trade made is told", () => {
  const { tick } = open();
  tick(...SET_UP, depositShares({ account: 2, symbol: 1, amount: 3 }));
  tick(sell({ account: 2, symbol: 1, price: 1, quantity: 1 }));
  expect(tick(buy({ account: 1, symbol: 1, price: 1, quantity: 1 }))).toEqual([
    "2#5 maker, 0 left",
    "1#2 taker, 0 left",
    "2#6 cash 1 + 0",
    "1#3 cash 999 + 0",
    "2#7 shares of 1 2 + 0",
    "1#4 shares of 1 1 + 0",
  ]);
});

test("the numbers name the orders of the events they came with", () => {
  run.core.reset();
  const numbers: number[] = [];
  const { core } = run;
  const events = new AccountEvents(core);
  events.connect({
    order: (_account, _seq, e) => {
      const E = core.events.ints;
      numbers.push(orderNumber(E[e + E_SLOT], E[e + E_GENERATION]));
    },
    maker: () => {},
    balance: () => {},
    position: () => {},
  });
  run.beginTick();
  for (const command of SET_UP) run.apply(command);
  for (const price of [1, 2, 3]) run.apply(buy({ account: 1, price, quantity: 1 }));
  events.tick();
  expect(numbers).toEqual([1, 2, 3]);
});
