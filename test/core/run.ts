/** Applies commands to the real core, and returns their events and the core's state as plain objects. */
import { orderGeneration, orderSlot, SymbolState } from "../../src/core/command.ts";
import { triggerBook } from "../../src/core/parts.ts";
import {
  S_DUE_F64,
  S_LAST_PRICE,
  S_LAST_QUANTITY,
  S_LAST_TIMESTAMP_F64,
  S_REFERENCE,
  SYMBOL_DOUBLES,
  SYMBOL_INTS,
} from "../../src/core/symbols.ts";
import { L_HEAD, LEVEL_INTS } from "../../src/core/whistle/ladder.ts";
import {
  O_ACCOUNT,
  O_BOOK,
  O_CLIENT_ID,
  O_CREATED_AT_F64,
  O_EXPIRE_AT_F64,
  O_GENERATION,
  O_NEXT,
  O_NOTIONAL_F64,
  O_ORDER_FLAGS,
  O_PRICE,
  O_QUANTITY,
  O_REMAINING,
  O_STOP_PRICE,
  O_TICK_F64,
  O_TIMESTAMP_F64,
  ORDER_SHIFT,
} from "../../src/core/whistle/order-arena.ts";
import {
  type AccountView,
  type ExchangeEvent,
  type ExchangeView,
  type Holding,
  type HoldingEvent,
  nameIn,
  type RestingOrder,
  replyOf,
  type SymbolView,
} from "../reference/exchange-event.ts";
import { type Command, createRecords, writeCommand } from "./command-builder.ts";
import { createOrderNames } from "./order-names.ts";
import { createOrderFields, readEvents, readHoldings, readOrderFlags } from "./read-events.ts";
import { Targets } from "./targets.ts";
import type { TestCore } from "./test-core.ts";

export class CoreRun {
  readonly core: TestCore;
  readonly #names = createOrderNames();
  readonly #targets = new Targets();
  readonly #records = createRecords(1);
  #applied = 0;
  #time = 0;
  #ticks = 0;
  /** Of the current tick. */
  #commands = 0;

  /** Starts on an empty core. */
  constructor(core: TestCore) {
    this.core = core;
    this.beginTick();
  }

  beginTick(): void {
    this.core.beginTick(++this.#ticks);
    this.#commands = 0;
  }

  /**
   * Applies one more command of the tick. Its time is a millisecond after the one before, unless it gives
   * one.
   */
  apply(command: Command): ExchangeEvent[] {
    const { core } = this;
    const timestamp = command.at ?? this.#time + 1;
    this.#time = timestamp;
    const from = core.events.end();
    const stamp = { sequence: ++this.#applied, timestamp };
    writeCommand(command, this.numberOf(command), stamp, this.#records);
    core.apply(this.#records.ints, this.#records.doubles, 0);
    const when = { command: this.#commands++, timestamp, tick: this.#ticks };
    const events = readEvents(core, this.#names, from, when);
    this.#targets.remember(command, events);
    return events;
  }

  /** Ends the tick, and returns the holdings of the accounts that its events mention. */
  endTick(): HoldingEvent[] {
    const from = this.core.events.end();
    this.core.endTick();
    return readHoldings(this.core, from, this.#commands);
  }

  /** The number of the order that the command names; 0 = none. */
  numberOf(command: Command): number {
    return this.#names.numberOf(this.#targets.of(command));
  }

  /** Applies commands that must all succeed. */
  setUp(...commands: Command[]): void {
    for (const command of commands) {
      if (replyOf(this.apply(command)).event === "REJECT") {
        throw new Error(`set-up refused: ${command.builder} ${JSON.stringify(command.options)}`);
      }
    }
  }

  cash(account: number): Holding {
    const { accounts } = this.core;
    return { available: accounts.available(account), reserved: accounts.reserved(account) };
  }

  /** Of symbol 0. */
  shares(account: number): Holding {
    const { positions } = this.core;
    const position = positions.find(account, 0);
    return {
      available: positions.available(position),
      reserved: positions.reserved(position),
    };
  }

  view(): ExchangeView {
    const { core } = this;
    const symbols: SymbolView[] = [];
    for (let symbol = 0; symbol < core.symbols.count; symbol++) {
      if (core.symbols.exists(symbol)) symbols.push(this.#symbol(symbol));
    }
    const accounts: AccountView[] = [];
    for (let account = 0; account < core.accounts.next(); account++) {
      accounts.push(this.#account(account));
    }
    return { symbols, accounts };
  }

  #symbol(symbol: number): SymbolView {
    const { ints, doubles } = this.core.symbols;
    const s = symbol * SYMBOL_INTS;
    const price = ints[s + S_LAST_PRICE];
    const quantity = ints[s + S_LAST_QUANTITY];
    const timestamp = doubles[symbol * SYMBOL_DOUBLES + S_LAST_TIMESTAMP_F64];
    return {
      symbol,
      state: nameIn(SymbolState, this.core.symbols.state(symbol)),
      due: doubles[symbol * SYMBOL_DOUBLES + S_DUE_F64],
      last: price === 0 ? null : { price, quantity, timestamp },
      reference: ints[s + S_REFERENCE],
      bids: this.resting(symbol, "BUY"),
      asks: this.resting(symbol, "SELL"),
      stops: [...this.#stops(symbol, "BUY"), ...this.#stops(symbol, "SELL")],
    };
  }

  /** The orders of one side: best price first, then oldest first. */
  resting(symbol: number, side: "BUY" | "SELL"): RestingOrder[] {
    return this.#queue((symbol << 1) | (side === "BUY" ? 0 : 1));
  }

  /** The waiting stops of one side, in the order in which they would trigger. */
  #stops(symbol: number, side: "BUY" | "SELL"): RestingOrder[] {
    const book = (symbol << 1) | (side === "BUY" ? 0 : 1);
    return this.#queue(triggerBook(this.core.symbols.count, book));
  }

  #queue(book: number): RestingOrder[] {
    const { ladder, arena } = this.core;
    const orders: RestingOrder[] = [];
    for (let price = ladder.best(book); price !== 0; price = ladder.nextPrice(book, price)) {
      let slot = ladder.levels[ladder.find(book, price) * LEVEL_INTS + L_HEAD];
      while (slot !== 0) {
        orders.push(this.#order(slot));
        slot = arena.ints[(slot << ORDER_SHIFT) + O_NEXT];
      }
    }
    return orders;
  }

  #order(slot: number): RestingOrder {
    const { ints, doubles } = this.core.arena;
    const o = slot << ORDER_SHIFT;
    const flags = readOrderFlags(ints[o + O_ORDER_FLAGS]);
    const hasStopPrice = flags.type === "STOP" || flags.type === "STOP_LIMIT";
    return {
      order: this.#names.find(slot, ints[o + O_GENERATION]),
      account: ints[o + O_ACCOUNT],
      symbol: ints[o + O_BOOK] >> 1,
      side: (ints[o + O_BOOK] & 1) === 0 ? "BUY" : "SELL",
      ...flags,
      price: ints[o + O_PRICE],
      stopPrice: hasStopPrice ? ints[o + O_STOP_PRICE] : 0,
      quantity: ints[o + O_QUANTITY],
      remaining: ints[o + O_REMAINING],
      notional: doubles[(o >> 1) + O_NOTIONAL_F64],
      clientId: this.core.clientIds.text(ints[o + O_CLIENT_ID]),
      createdAt: doubles[(o >> 1) + O_CREATED_AT_F64],
      timestamp: doubles[(o >> 1) + O_TIMESTAMP_F64],
      tick: doubles[(o >> 1) + O_TICK_F64],
      expireAt: doubles[(o >> 1) + O_EXPIRE_AT_F64],
    };
  }

  #account(account: number): AccountView {
    const { positions, view } = this.core;
    const shares: AccountView["shares"] = [];
    for (let p = positions.first(account); p !== 0; p = positions.next(p)) {
      const available = positions.available(p);
      const reserved = positions.reserved(p);
      if (available !== 0 || reserved !== 0) {
        shares.push({ symbol: positions.symbolOf(p), available, reserved });
      }
    }
    const orders: number[] = [];
    const fields = createOrderFields();
    view.walkOpenOrders(account, 0, fields, () => {
      const { orderNumber: number } = fields;
      return orders.push(this.#names.find(orderSlot(number), orderGeneration(number))) > 0;
    });
    shares.sort((a, b) => a.symbol - b.symbol);
    return { account, cash: this.cash(account), shares, orders };
  }
}
