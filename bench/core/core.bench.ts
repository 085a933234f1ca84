/**
 * `bun bench/core/core.bench.ts [--short]`: the time of single commands in a warm core. The book has 20 levels a side
 * with four orders each. Every iteration leaves the book as it was.
 */
import { group } from "mitata";
import {
  C_ACCOUNT,
  C_AMOUNT_F64,
  C_HEAD,
  C_ORDER_GENERATION,
  C_ORDER_SLOT,
  C_PRICE,
  C_QUANTITY,
  C_SYMBOL,
  C_TEXT,
  COMMAND_INTS,
  CommandKind,
  OrderType,
  Side,
  TimeInForce,
} from "../../src/core/command.ts";
import { createCore } from "../../src/core/create.ts";
import { EventKind } from "../../src/core/event.ts";
import { warmUp } from "../../src/execution/warm-up.ts";
import { bench, run } from "../micro-bench.ts";

const LEVELS = 20;
const ORDERS_PER_LEVEL = 4;
const QUANTITY = 10;
const MIDDLE = 1000;
const FUNDS = 1e12;
const MAKER = 1;
const TAKER = 2;

const core = createCore(16);
warmUp(core);
const ints = new Int32Array(COMMAND_INTS);
const doubles = new Float64Array(ints.buffer);
const { events } = core;
let texts = 0;

function begin(kind: number, account: number): void {
  ints.fill(0);
  ints[C_HEAD] = kind;
  ints[C_ACCOUNT] = account;
}

function apply(): void {
  core.beginTick(1);
  core.apply(ints, doubles, 0);
}

function deposit(kind: number, account: number): void {
  begin(kind, account);
  doubles[C_AMOUNT_F64] = FUNDS;
  apply();
}

function place(account: number, side: number, price: number, quantity: number, time = 0): void {
  begin(CommandKind.PLACE | (side << 8) | (time << 24), account);
  ints[C_PRICE] = price;
  ints[C_QUANTITY] = quantity;
  apply();
}

/** The position of the event that answers the last command. */
function reply(): number {
  let e = 0;
  while (!events.isReply(e)) e = events.next(e);
  return e;
}

/** Cancels the order that the last command placed. */
function cancelLast(account: number): void {
  const o = events.order(reply());
  const slot = events.slot(o);
  const generation = events.generation(o);
  begin(CommandKind.CANCEL, account);
  ints[C_SYMBOL] = -1;
  ints[C_ORDER_SLOT] = slot;
  ints[C_ORDER_GENERATION] = generation;
  apply();
}

begin(CommandKind.LIST_SYMBOL, 0);
ints[C_PRICE] = 1;
apply();
for (const account of [MAKER, TAKER]) {
  begin(CommandKind.OPEN_ACCOUNT, account);
  apply();
  deposit(CommandKind.DEPOSIT_CASH, account);
  deposit(CommandKind.DEPOSIT_SHARES, account);
}
for (let level = 1; level <= LEVELS; level++) {
  for (let i = 0; i < ORDERS_PER_LEVEL; i++) {
    place(MAKER, Side.BUY, MIDDLE - level, QUANTITY);
    place(MAKER, Side.SELL, MIDDLE + level, QUANTITY);
  }
}
if (events.kind(reply()) === EventKind.REJECT) throw new Error("the set-up was refused");

group("one command, ledger on, events out", () => {
  bench("place LIMIT that rests + cancel it", () => {
    place(TAKER, Side.BUY, MIDDLE - 5, QUANTITY);
    cancelLast(TAKER);
  });
  bench("the same with a client order id", () => {
    begin(CommandKind.PLACE, TAKER);
    ints[C_PRICE] = MIDDLE - 5;
    ints[C_QUANTITY] = QUANTITY;
    ints[C_TEXT] = 1 + (texts++ & 0xffff_ff);
    apply();
    cancelLast(TAKER);
  });
  bench("take one order + rest another in its place", () => {
    place(TAKER, Side.BUY, MIDDLE + 1, QUANTITY);
    place(MAKER, Side.SELL, MIDDLE + 1, QUANTITY);
    place(TAKER, Side.SELL, MIDDLE - 1, QUANTITY);
    place(MAKER, Side.BUY, MIDDLE - 1, QUANTITY);
  });
  bench("MARKET of one share both ways", () => {
    const market = OrderType.MARKET << 16;
    begin(CommandKind.PLACE | market | (TimeInForce.IOC << 24), TAKER);
    ints[C_QUANTITY] = 1;
    apply();
    place(MAKER, Side.SELL, MIDDLE + 1, 1);
    begin(CommandKind.PLACE | (Side.SELL << 8) | market | (TimeInForce.IOC << 24), TAKER);
    ints[C_QUANTITY] = 1;
    apply();
    place(MAKER, Side.BUY, MIDDLE - 1, 1);
  });
  bench("FOK that cannot be filled", () => {
    place(TAKER, Side.BUY, MIDDLE + 2, QUANTITY * 100, TimeInForce.FOK);
  });
});

await run();
