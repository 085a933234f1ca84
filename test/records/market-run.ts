/** Runs ticks on the real core and keeps their outputs, for tests of what is built from them. */
import { type Core, createCore } from "../../src/core/create.ts";
import { EventKind } from "../../src/core/event.ts";
import type { TickOutput } from "../../src/core/tick-output.ts";
import { TickIndex } from "../../src/execution/tick-index.ts";
import {
  amend,
  buy,
  type Command,
  cancel,
  createRecords,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  sell,
  writeCommand,
} from "../core/command-builder.ts";
import type { Random } from "../core/fuzz/random.ts";

export const START = 1_700_000_000_000;

/** Two accounts with much cash, the second also with shares, and this many listed symbols. */
export function setUp(symbols: number): Command[] {
  const commands: Command[] = [openAccount({ account: 1 }), openAccount({ account: 2 })];
  for (const account of [1, 2]) commands.push(depositCash({ account, amount: 1e14 }));
  for (let symbol = 0; symbol < symbols; symbol++) {
    commands.push(listSymbol({ symbol }));
    for (const account of [1, 2]) commands.push(depositShares({ account, symbol, amount: 1e12 }));
  }
  return commands;
}

/** How many symbols there can be. */
export const SYMBOLS_MAX = 4;

/** One core for all runs, because a core is expensive. Only the newest run may continue. */
const shared = createCore(SYMBOLS_MAX);

export class MarketRun {
  readonly core: Core = shared;
  readonly #orders = new Map<Command, number>();
  #tick = 0;
  #sequence = 0;

  /** Begins with an empty exchange. */
  constructor() {
    this.core.reset();
  }

  /** Applies a tick at `timestamp`, milliseconds since 1970. */
  tick(timestamp: number, ...commands: Command[]): TickOutput {
    const { core } = this;
    const records = createRecords(commands.length);
    core.beginTick(++this.#tick);
    for (const [i, command] of commands.entries()) {
      const target = command.of === undefined ? 0 : (this.#orders.get(command.of) ?? 0);
      const stamp = { sequence: ++this.#sequence, timestamp };
      writeCommand(command, target, stamp, records, i);
      const from = core.events.end();
      core.apply(records.ints, records.doubles, i);
      this.#remember(command, from);
    }
    core.endTick();
    const output = new TickIndex(core.events);
    const first = this.#sequence - commands.length + 1;
    const answered = output.read(this.#tick, timestamp, first, commands.length);
    if (answered !== commands.length) throw new Error("a command was not answered");
    return output;
  }

  #remember(command: Command, from: number): void {
    const { events } = this.core;
    for (let e = from; e < events.end(); e = events.next(e)) {
      if (!events.isReply(e) || events.kind(e) !== EventKind.ORDER) continue;
      if (!this.#orders.has(command))
        this.#orders.set(command, events.orderNumber(events.order(e)));
    }
  }
}

/** A random order, cancel or amendment around a price of 1000. `placed` remembers the orders. */
export function drawCommand(random: Random, symbols: number, placed: Command[]): Command {
  const account = random.between(1, 2);
  const kind = random.between(0, 9);
  if (kind < 2 && placed.length > 0) {
    const of = random.pick(placed.slice(-50));
    return cancel({ account: of.fields.account ?? 0, of });
  }
  if (kind === 2 && placed.length > 0) {
    const of = random.pick(placed.slice(-50));
    const options = { account: of.fields.account ?? 0, of };
    return random.once(2)
      ? amend({ ...options, quantity: random.between(1, 60) })
      : amend({ ...options, price: 1000 + random.between(-20, 20) });
  }
  const place = random.once(2) ? buy : sell;
  const command = place({
    account,
    symbol: random.between(0, symbols - 1),
    price: 1000 + random.between(-20, 20),
    quantity: random.between(1, 50),
    selfTrade: "NONE",
  });
  placed.push(command);
  return command;
}

export interface TradeSeen {
  symbol: number;
  price: number;
  quantity: number;
  timestamp: number;
}

/** The trades of a tick. */
export function tradesOf({ events, timestamp }: TickOutput): TradeSeen[] {
  const trades: TradeSeen[] = [];
  for (let e = 0; e < events.end(); e = events.next(e)) {
    if (events.kind(e) !== EventKind.TRADE) continue;
    const symbol = events.symbol(events.order(e));
    const [price, quantity] = [events.tradePrice(e), events.tradeQuantity(e)];
    trades.push({ symbol, price, quantity, timestamp });
  }
  return trades;
}
