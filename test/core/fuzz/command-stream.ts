/**
 * Random commands of every kind and option. A seed first draws what its market is like (where prices lie,
 * how much money there is, what fees), so that seeds differ in more than their order of commands.
 */
import {
  CASH_MAX,
  CancelCause,
  PRICE_MAX,
  QUANTITY_MAX,
  SelfTrade,
  Side,
  SymbolState,
} from "../../../src/core/command.ts";
import type { ExchangeEvent } from "../../reference/exchange-event.ts";
import {
  amend,
  at,
  type Command,
  cancel,
  cancelAll,
  clock,
  depositCash,
  depositShares,
  listSymbol,
  note,
  openAccount,
  type PlaceOptions,
  place,
  record,
  setAccount,
  setFees,
  setProtection,
  setRules,
  setShares,
  setSymbolRules,
  setSymbolState,
} from "../command-builder.ts";
import { drawMarket, type Market } from "./market.ts";
import { Random } from "./random.ts";

/** The exchange that streams are for: one symbol more than they list. */
export const FUZZ_SYMBOLS = 4;
/** Commands after which what hinders trading is undone. */
const HINDRANCE_MAX = 25;
/** How many orders back a request may be repeated. */
const REPEATS_MAX = 40;
/** Stops in a pile: more than one command lets in. */
const PILE = 1_400;
/** Commands from rules of version 1 to the latest, where a stream begins with those. */
const LATEST_RULES_AFTER = 400;

/** Draws one command after another; `hear` tells it what came of them, so that it can name open orders. */
export class CommandStream {
  readonly #random: Random;
  readonly #market: Market;
  /** What is still to come before anything random. */
  readonly #setUp: Command[];
  readonly #hasPile: boolean;
  /** The last orders, done or not. */
  readonly #recent: Command[] = [];
  /** By what the exchange calls them, the commands that placed the open orders. */
  readonly #open = new Map<number, Command>();
  /** What ends a hindrance, and when. */
  readonly #later: { at: number; command: Command }[] = [];
  #drawn = 0;
  /** The time of the last command, milliseconds since 1970. */
  now = 1_700_000_000_000;
  #accounts: number;
  /** Symbols whose orders gather without matching. */
  readonly #gathering = new Set<number>();

  /** `hasPile`: begins with an auction in which stops pile up that come in when it opens. */
  constructor(seed: number, hasPile = false) {
    this.#hasPile = hasPile;
    this.#random = new Random(seed);
    this.#market = drawMarket(this.#random, FUZZ_SYMBOLS - 1);
    this.#accounts = this.#market.accounts;
    this.#setUp = this.#drawSetUp();
    if (hasPile) this.#setUp.push(...this.#drawPile());
  }

  /** More of its pile of stops is to come, each like the one before. */
  get isPiling(): boolean {
    return this.#hasPile && this.#setUp.length > 0;
  }

  /** What `command`, just drawn, did. */
  hear(command: Command, events: readonly ExchangeEvent[]): void {
    for (const event of events) {
      if (event.event === "SYMBOL") {
        if (event.state === "AUCTION" || event.state === "PRE_OPEN") {
          this.#gathering.add(event.symbol);
        } else this.#gathering.delete(event.symbol);
      } else if (event.event === "TRADE") {
        for (const order of [event.taker, event.maker]) {
          if (order.remaining === 0) this.#open.delete(order.order);
        }
      } else if (event.event === "ORDER" && !event.open) {
        this.#open.delete(event.order);
      } else if (event.event === "ORDER" && event.reply && command.builder === "place") {
        if (!event.duplicate) this.#open.set(event.order, command);
      }
    }
  }

  #drawSetUp(): Command[] {
    const { accounts, symbols, increment, cash, shares, feeMax, band, guard } = this.#market;
    const random = this.#random;
    const commands: Command[] = this.#market.rulesAfter === 0 ? [this.#rulesCommand()] : [];
    for (let symbol = 0; symbol < symbols; symbol++) {
      commands.push(listSymbol({ symbol, increment }));
    }
    for (let account = 1; account <= accounts; account++) {
      commands.push(openAccount({ account, user: this.#user(account) }));
      commands.push(depositCash({ account, amount: random.between(0, cash) }));
      for (let symbol = 0; symbol < symbols; symbol++) {
        commands.push(depositShares({ account, symbol, amount: random.between(0, shares) }));
      }
    }
    commands.push(depositCash({ account: 0, amount: random.between(0, cash) }));
    commands.push(setFees(this.#fees(feeMax)), setProtection({ symbol: -1, ...guard }));
    commands.push(setSymbolRules({ symbol: -1, ...band }));
    return commands;
  }

  /**
   * An auction in which stops gather, nearly all of them reached by a trade when it opens, or by one before; then one
   * order waits for them, so far away that those which meet it move the price beyond the stop prices of the others.
   */
  #drawPile(): Command[] {
    const random = this.#random;
    const { accounts, center, spread } = this.#market;
    const commands: Command[] = [];
    for (let account = 1; account <= accounts; account++) {
      commands.push(depositCash({ account, amount: center * PILE * 10 }));
      commands.push(depositShares({ account, amount: PILE * 10 }));
    }
    const price = this.#onIncrement(center);
    const trade = [
      place({ account: 1, side: "BUY", price, quantity: 1, selfTrade: "NONE" }),
      place({ account: 2, side: "SELL", price, quantity: 1, selfTrade: "NONE" }),
    ];
    const auction = setSymbolState({ state: "AUCTION" });
    const side = this.#side();
    const away = side === "BUY" ? 2 * spread + 1 : -2 * spread - 1;
    const far = place({
      account: 1,
      side,
      price: this.#onIncrement(center + away),
      quantity: PILE,
    });
    commands.push(...(random.once(2) ? [auction, ...trade] : [...trade, auction, far]));
    for (let i = 0; i < PILE; i++) {
      const side = this.#side();
      const away = random.between(random.once(10) ? 0 : spread, 2 * spread);
      const options: PlaceOptions = {
        account: random.between(1, accounts),
        side,
        quantity: random.between(1, 3),
        type: random.pick(["STOP", "STOP_LIMIT"]),
        stopPrice: this.#onIncrement(side === "BUY" ? center - away : center + away),
        price: this.#price(side),
        selfTrade: random.pick(SELF_TRADES),
      };
      commands.push(place(options));
    }
    commands.push(setSymbolState({ state: "TRADING" }));
    return commands;
  }

  /** Users 1 and 2 have several accounts; user 0 is nobody. */
  #user(account: number): number {
    return this.#random.pick([0, 1, 2, 100 + account]);
  }

  #fees(max: number): { maker: number; taker: number } {
    const random = this.#random;
    const taker = random.between(0, max);
    // A rebate above the taker's fee is refused.
    const least = random.once(4) ? -max : -taker;
    return { maker: random.between(least, max), taker };
  }

  /** The next command, at a time that is not before the last one's. */
  next(): Command {
    const random = this.#random;
    const { stepMs } = this.#market;
    if (random.once(2)) this.now += random.between(0, stepMs);
    if (random.once(150)) this.now += random.pick([20, 50, 100, 200, 500, 86_400_000]);
    return at(this.now, this.#draw());
  }

  #draw(): Command {
    const { cancels } = this.#market;
    this.#drawn++;
    const due = this.#later.findIndex(({ at }) => at <= this.#drawn);
    const [later] = due < 0 ? [] : this.#later.splice(due, 1);
    const certain = this.#setUp.shift() ?? later?.command;
    if (certain !== undefined) return certain;
    if (this.#drawn === this.#market.rulesAfter) return this.#rulesCommand();
    const kind = this.#random.weighted({
      place: 110,
      repeat: 2,
      cancel: cancels,
      amend: 16,
      cancelAll: 1,
      account: 3,
      symbol: 4,
      clock: 2,
      garbage: 1,
    });
    switch (kind) {
      case "place":
        return this.#place();
      case "repeat":
        return this.#repeat();
      case "cancel":
        return this.#random.once(40) ? this.#cancelById() : cancel(this.#target(this.#anOrder()));
      case "amend":
        return this.#amend();
      case "cancelAll":
        return this.#cancelAll();
      case "account":
        return this.#accountCommand();
      case "symbol":
        return this.#symbolCommand();
      case "clock":
        return clock();
      case "garbage":
        return this.#garbage();
    }
  }

  /** An account that exists, nearly always. */
  #account(): number {
    const random = this.#random;
    if (random.once(200)) return random.pick([-1, 0, this.#accounts + 1, 2 ** 17, 2 ** 31 - 1]);
    return random.between(1, this.#accounts);
  }

  /** The latest rules, or first those of version 1. */
  #rulesCommand(): Command {
    const seed = this.#random.between(0, 2 ** 31);
    if (seed % 4 !== 0) return setRules({ seed });
    this.#later.push({
      at: this.#drawn + LATEST_RULES_AFTER,
      command: setRules({ seed: seed + 1 }),
    });
    return setRules({ version: 1, seed });
  }

  #symbol(): number {
    const random = this.#random;
    if (random.once(200)) return random.pick([-1, FUZZ_SYMBOLS - 1, FUZZ_SYMBOLS, 2 ** 30]);
    return random.between(0, this.#market.symbols - 1);
  }

  #price(side: "BUY" | "SELL"): number {
    const random = this.#random;
    const { center, spread, cross } = this.#market;
    if (random.once(60)) return random.pick([-5, 0, 1, 255, 256, PRICE_MAX - 1, PRICE_MAX]);
    const within = this.#gathering.size > 0 ? spread : Math.ceil(spread / cross);
    const away = random.between(-within, spread);
    return this.#onIncrement(side === "BUY" ? center - away : center + away);
  }

  #onIncrement(price: number): number {
    const { increment } = this.#market;
    const most = PRICE_MAX - (PRICE_MAX % increment);
    return Math.min(most, Math.max(increment, price - (price % increment)));
  }

  #side(): "BUY" | "SELL" {
    return this.#random.pick(["BUY", "SELL"]);
  }

  #quantity(): number {
    const random = this.#random;
    if (random.once(80)) return random.pick([-1, 0, QUANTITY_MAX, QUANTITY_MAX - 1]);
    // Small ones as well in a market of large ones.
    return random.between(1, random.once(3) ? 5 : this.#market.quantityMax);
  }

  #clientId(): string {
    return `id-${this.#random.between(1, this.#market.clientIds)}`;
  }

  #place(): Command {
    const random = this.#random;
    const { stops, expiryMs } = this.#market;
    const type = random.weighted({ LIMIT: 150, MARKET: 14, STOP: stops, STOP_LIMIT: stops });
    const timeInForce = random.weighted({
      GTC: 60,
      GTD: expiryMs === 0 ? 20 : 120,
      IOC: 10,
      FOK: 10,
    });
    const side = this.#side();
    const options: PlaceOptions = {
      account: this.#account(),
      side,
      symbol: this.#symbol(),
      quantity: this.#quantity(),
      type,
      timeInForce,
      selfTrade: random.pick(SELF_TRADES),
    };
    const isStop = type === "STOP" || type === "STOP_LIMIT";
    const hasPrice = type === "LIMIT" || type === "STOP_LIMIT";
    if (hasPrice || random.once(20)) options.price = this.#price(side);
    // Of stops, purchases wait mostly above and sales below.
    if (isStop) options.stopPrice = this.#price(side === "BUY" ? "SELL" : "BUY");
    else if (random.once(50)) options.stopPrice = this.#price(side);
    if (timeInForce === "GTD" || random.once(100)) options.expireAt = this.#expireAt();
    const mayRest = type === "LIMIT" && timeInForce === "GTC";
    if (mayRest ? random.once(10) : random.once(60)) options.postOnly = true;
    if (random.once(4)) options.clientId = this.#clientId();
    const command = place(options);
    this.#recent.push(command);
    if (this.#recent.length > REPEATS_MAX) this.#recent.shift();
    return command;
  }

  /** Mostly soon, and often at the same time as another order. */
  #expireAt(): number {
    const random = this.#random;
    if (random.once(60)) return random.pick([Number.NaN, Infinity, 0.5, 0, -1, this.now, 1e300]);
    const { expiryMs } = this.#market;
    if (expiryMs !== 0) return this.now + expiryMs - (this.now % expiryMs);
    return this.now + random.pick([1, 2, 5, 20, 100, 1_000, random.between(-1, 50)]);
  }

  /** The very same request again, or another under the same client order id. */
  #repeat(): Command {
    const random = this.#random;
    const named = this.#recent.filter(({ fields }) => fields.text !== undefined);
    if (named.length === 0) return this.#place();
    const again = random.pick(named).options as PlaceOptions;
    const other = random.pick([
      { quantity: this.#quantity() },
      { expireAt: this.#expireAt() },
      { stopPrice: this.#price(again.side) },
    ]);
    return place(random.once(4) ? { ...again, ...other } : again);
  }

  /** The command that placed an order which is open, nearly always. */
  #anOrder(): Command {
    const from = this.#random.once(20) ? this.#recent : [...this.#open.values()];
    return from.length === 0 ? this.#place() : this.#random.pick(from);
  }

  #target(of: Command): { account: number; of: Command; symbol?: number } {
    const random = this.#random;
    const owner = of.fields.account ?? 0;
    const account = random.weighted({ owner: 20, anybody: 2, operator: 1 });
    const accounts = { owner, anybody: this.#account(), operator: 0 };
    const target = { account: accounts[account], of };
    return random.once(20) ? { ...target, symbol: this.#symbol() } : target;
  }

  #cancelById(): Command {
    return cancel({ account: this.#account(), clientId: this.#clientId() });
  }

  #cancelAll(): Command {
    const random = this.#random;
    const target = { account: this.#account(), cause: random.pick(CANCEL_CAUSES) };
    return cancelAll(random.once(2) ? target : { ...target, symbol: this.#symbol() });
  }

  #amend(): Command {
    const random = this.#random;
    const of = this.#anOrder();
    const { fields } = of;
    const named = random.once(10)
      ? { account: fields.account ?? 0, clientId: fields.text ?? this.#clientId() }
      : this.#target(of);
    // Of stops nearly always; most of those that are not stops have none.
    const movesStop = fields.stopPrice === undefined ? random.once(50) : !random.once(4);
    const stopPrice = this.#price(fields.side === Side.BUY ? "SELL" : "BUY");
    const target = movesStop ? { ...named, stopPrice } : named;
    const price = this.#price(fields.side === Side.BUY ? "BUY" : "SELL");
    // Often a little more or less than the order had.
    const quantity = random.once(2)
      ? this.#quantity()
      : Math.min(QUANTITY_MAX, (fields.quantity ?? 0) + random.between(-3, 2));
    const what = random.weighted({ price: 4, quantity: 4, both: 3, nothing: 1 });
    if (what === "nothing") return amend(target);
    if (what === "price") return amend({ ...target, price });
    if (what === "quantity") return amend({ ...target, quantity });
    return amend({ ...target, price, quantity });
  }

  #accountCommand(): Command {
    const random = this.#random;
    const account = random.once(20) ? 0 : this.#account();
    const { cash, shares, feeMax } = this.#market;
    switch (random.weighted({ cash: 8, shares: 8, short: 4, fees: 3, hold: 2, open: 1 })) {
      case "cash":
        return depositCash({ account, amount: this.#amount(cash) });
      case "shares":
        return depositShares({ account, symbol: this.#symbol(), amount: this.#amount(shares) });
      case "short":
        return setAccount({ account, mayShort: random.once(2) });
      case "fees":
        return setAccount({ account, fees: this.#fees(random.pick([feeMax, feeMax, 10_001])) });
      case "hold":
        return this.#shares(random.pick([-1, account]));
      case "open":
        return random.once(2)
          ? openAccount({ account, user: 1 })
          : openAccount({ account: ++this.#accounts, user: this.#user(this.#accounts) });
    }
  }

  /** What accounts may hold: little for a while, and then much again. */
  #shares(account: number): Command {
    const random = this.#random;
    this.#soon(setShares({ account, orders: 15, pages: 4, positions: 3, clientIds: 7 }));
    const few = (most: number): number => {
      if (random.once(40)) return random.pick([-1, 0, 2 ** 30]);
      return random.between(account < 0 ? 1 : 0, most);
    };
    const clientIds = random.once(40) ? random.pick([0.5, -1, 1e300]) : few(10);
    return setShares({ account, orders: few(12), pages: few(4), positions: few(3), clientIds });
  }

  #amount(usual: number): number {
    const random = this.#random;
    if (random.once(20)) {
      return random.pick([0.5, Number.NaN, Infinity, -Infinity, CASH_MAX, -CASH_MAX, 1e300]);
    }
    return random.between(-Math.ceil(usual / 4), Math.ceil(usual / 2));
  }

  #symbolCommand(): Command {
    const random = this.#random;
    const { feeMax } = this.#market;
    const symbol = this.#symbol();
    switch (random.weighted({ state: 6, rules: 4, protection: 5, fees: 2, list: 1, note: 1 })) {
      case "state":
        this.#soon(setSymbolState({ symbol, state: "TRADING" }));
        return setSymbolState({ symbol, state: random.pick(SYMBOL_STATES) });
      case "protection":
        return this.#protection(random.once(4) ? -1 : symbol);
      case "rules":
        return this.#rules(random.once(4) ? -1 : symbol);
      case "fees":
        return setFees(this.#fees(random.pick([feeMax, feeMax, 10_001])));
      case "list":
        return listSymbol({ symbol: random.between(-1, FUZZ_SYMBOLS), increment: 1 });
      case "note":
        return note({ text: "a key was created" });
    }
  }

  #rules(symbol: number): Command {
    const random = this.#random;
    const { increment, quantityMax, center, band } = this.#market;
    this.#soon(setSymbolRules({ symbol, increment, ...band }));
    return setSymbolRules({
      symbol,
      increment: random.pick([0, 0, 0, 1, 2, 5, -1]),
      quantityMax: random.pick([0, 0, 0, quantityMax, 8, -1]),
      reference: random.pick([0, 0, center, this.#price(this.#side())]),
      bandMs: random.pick([0, 0, 1, 5, 20, 50, 400, -1]),
      bandBps: random.pick([0, 1, 500, 3_333, 10_000, 10_001, -1, 0.5, Number.NaN]),
    });
  }

  #protection(symbol: number): Command {
    const random = this.#random;
    const { center, quantityMax, guard } = this.#market;
    if (random.once(2)) this.#soon(setProtection({ symbol, ...guard }));
    const most = center * quantityMax;
    return setProtection({
      symbol,
      openOrdersMax: random.pick([0, 0, 0, 0, 0, 2, 6, -1]),
      notionalMax: random.pick([0, 0, 0, 0, 0, most, Math.floor(most / 3), -1, 0.5, Number.NaN]),
      moveBps: random.pick([0, 1, 100, 1_000, 10_000, 2 ** 31 - 1, guard.moveBps]),
      windowMs: random.pick([0, 1, 5, 50, 10_000, guard.windowMs]),
      pauseMs: random.pick([0, 1, 3, 20, 200]),
      auctionMs: random.pick([0, 1, 3, 20, 200, -1]),
    });
  }

  /** A command that is to come some time after the one being drawn. */
  #soon(command: Command): void {
    this.#later.push({ at: this.#drawn + this.#random.between(1, HINDRANCE_MAX), command });
  }

  /** Records that no gateway lets through. */
  #garbage(): Command {
    const random = this.#random;
    const small = (): number => random.between(0, 6);
    return record({
      kind: random.pick([0, 1, 1, 1, 2, 3, 4, 16, 33, 36, 37, 49, 50, 255]),
      side: small(),
      type: small(),
      timeInForce: small(),
      selfTrade: random.pick([0, 4, 5, 16, 255]),
      flags: random.pick([0, 0, 1, 2, 255, 2 ** 23]),
      account: this.#account(),
      symbol: this.#symbol(),
      price: this.#price(this.#side()),
      quantity: this.#quantity(),
      // Never the number of an order: what the exchanges call them is their own affair.
      slot: random.pick([0, -1, 2 ** 21 - 1, 2 ** 31 - 1, -(2 ** 31)]),
      generation: random.pick([-1, 2 ** 31 - 1]),
    });
  }
}

const namesOf = <Table extends object>(table: Table) => Object.keys(table) as (keyof Table)[];

const SELF_TRADES = namesOf(SelfTrade);
const CANCEL_CAUSES = namesOf(CancelCause);
const SYMBOL_STATES = [...namesOf(SymbolState), "PRE_OPEN", "AUCTION", "AUCTION"] as const;
