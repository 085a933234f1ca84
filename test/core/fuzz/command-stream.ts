/**
 * Random commands of every kind and option. A seed first draws what its market is like (where prices lie,
 * how much money there is, what fees), so that seeds differ in more than their order of commands.
 */
import {
  CASH_MAX,
  PRICE_MAX,
  QUANTITY_MAX,
  SelfTrade,
  Side,
  SymbolState,
} from "../../../src/core/command.ts";
import type { ExchangeEvent } from "../../reference/exchange-event.ts";
import {
  amend,
  type Command,
  cancel,
  cancelAll,
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
  setSymbolRules,
  setSymbolState,
} from "../command-builder.ts";
import { Random } from "./random.ts";

/** The exchange that streams are for. */
export const FUZZ_SYMBOLS = 4;
/** Commands after which what hinders trading is undone. */
const HINDRANCE_MAX = 25;
/** How many orders back a request may be repeated. */
const REPEATS_MAX = 40;

interface Market {
  accounts: number;
  symbols: number;
  increment: number;
  /** Prices lie `spread` around it, purchases mostly below and sales above. */
  center: number;
  spread: number;
  quantityMax: number;
  cash: number;
  shares: number;
  feeMax: number;
  /** Of 100 commands, about how many take orders out. */
  cancels: number;
}

function drawMarket(random: Random): Market {
  const center = random.pick([12, 100, 1_000, 256 * 40, 256 * 300, PRICE_MAX - 7]);
  const quantityMax = random.pick([5, 12, 1_000, QUANTITY_MAX]);
  return {
    accounts: random.between(2, 5),
    symbols: random.between(1, FUZZ_SYMBOLS - 1),
    increment: random.pick([1, 1, 1, 2, 5]),
    center,
    spread: random.pick([2, 6, 40, 600, 256 * 300]),
    quantityMax,
    cash: random.pick([center * quantityMax * 40, center * 20, 2 ** 51]),
    shares: random.pick([quantityMax * 40, 30, 2 ** 40]),
    feeMax: random.pick([0, 7, 250, 10_000]),
    cancels: random.pick([3, 12, 30]),
  };
}

/** Draws one command after another; `hear` tells it what came of them, so that it can name open orders. */
export class CommandStream {
  readonly #random: Random;
  readonly #market: Market;
  /** What is still to come before anything random. */
  readonly #setUp: Command[];
  /** The last orders, done or not. */
  readonly #recent: Command[] = [];
  /** By what the exchange calls them, the commands that placed the open orders. */
  readonly #open = new Map<number, Command>();
  /** What ends a hindrance, and when. */
  readonly #later: { at: number; command: Command }[] = [];
  #drawn = 0;
  #accounts: number;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#market = drawMarket(this.#random);
    this.#accounts = this.#market.accounts;
    this.#setUp = this.#drawSetUp();
  }

  /** What `command`, just drawn, did. */
  hear(command: Command, events: readonly ExchangeEvent[]): void {
    for (const event of events) {
      if (event.event === "TRADE") {
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
    const { accounts, symbols, increment, cash, shares, feeMax } = this.#market;
    const random = this.#random;
    const commands: Command[] = [];
    for (let symbol = 0; symbol < symbols; symbol++) {
      commands.push(listSymbol({ symbol, increment }));
    }
    for (let account = 1; account <= accounts; account++) {
      // Users 1 and 2 have several accounts; user 0 is nobody.
      commands.push(openAccount({ account, user: random.between(0, 2) }));
      commands.push(depositCash({ account, amount: random.between(0, cash) }));
      for (let symbol = 0; symbol < symbols; symbol++) {
        commands.push(depositShares({ account, symbol, amount: random.between(0, shares) }));
      }
    }
    commands.push(setFees({ maker: random.between(0, feeMax), taker: random.between(0, feeMax) }));
    return commands;
  }

  next(): Command {
    const { cancels } = this.#market;
    this.#drawn++;
    const due = this.#later.findIndex(({ at }) => at <= this.#drawn);
    const [later] = due < 0 ? [] : this.#later.splice(due, 1);
    const certain = this.#setUp.shift() ?? later?.command;
    if (certain !== undefined) return certain;
    const kind = this.#random.weighted({
      place: 60,
      repeat: 2,
      cancel: cancels,
      amend: 16,
      cancelAll: 1,
      account: 3,
      symbol: 2,
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
        return cancelAll(
          this.#random.once(2) ? this.#owner() : { ...this.#owner(), symbol: this.#symbol() },
        );
      case "account":
        return this.#accountCommand();
      case "symbol":
        return this.#symbolCommand();
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

  #owner(): { account: number } {
    return { account: this.#account() };
  }

  #symbol(): number {
    const random = this.#random;
    if (random.once(200)) return random.pick([-1, FUZZ_SYMBOLS - 1, FUZZ_SYMBOLS, 2 ** 30]);
    return random.between(0, this.#market.symbols - 1);
  }

  #price(side: "BUY" | "SELL"): number {
    const random = this.#random;
    const { center, spread, increment } = this.#market;
    if (random.once(60)) return random.pick([-5, 0, 1, 255, 256, PRICE_MAX - 1, PRICE_MAX]);
    const away = random.between(-Math.ceil(spread / 3), spread);
    const price = side === "BUY" ? center - away : center + away;
    const onIncrement = Math.floor(price / increment) * increment;
    return Math.min(PRICE_MAX, Math.max(increment, onIncrement));
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
    return `id-${this.#random.between(1, 500)}`;
  }

  #place(): Command {
    const random = this.#random;
    const type = random.weighted({ LIMIT: 85, MARKET: 14, STOP: 1, STOP_LIMIT: 1 });
    const timeInForce = random.weighted({ GTC: 75, IOC: 13, FOK: 12 });
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
    if (type !== "MARKET" || random.once(20)) options.price = this.#price(side);
    const mayRest = type === "LIMIT" && timeInForce === "GTC";
    if (mayRest ? random.once(10) : random.once(60)) options.postOnly = true;
    if (random.once(4)) options.clientId = this.#clientId();
    if (random.once(50)) options.stopPrice = this.#price(side);
    const command = place(options);
    this.#recent.push(command);
    if (this.#recent.length > REPEATS_MAX) this.#recent.shift();
    return command;
  }

  /** The very same request again, or another under the same client order id. */
  #repeat(): Command {
    const random = this.#random;
    const named = this.#recent.filter(({ fields }) => fields.text !== undefined);
    if (named.length === 0) return this.#place();
    const again = random.pick(named).options as PlaceOptions;
    return place(random.once(4) ? { ...again, quantity: this.#quantity() } : again);
  }

  /** The command that placed an order which is open, nearly always. */
  #anOrder(): Command {
    const from = this.#random.once(20) ? this.#recent : [...this.#open.values()];
    return from.length === 0 ? this.#place() : this.#random.pick(from);
  }

  #target(of: Command): { account: number; of: Command; symbol?: number } {
    const random = this.#random;
    const owner = of.fields.account ?? 0;
    const account = random.weighted({ owner: 20, anybody: 2, house: 1 });
    const accounts = { owner, anybody: this.#account(), house: 0 };
    const target = { account: accounts[account], of };
    return random.once(20) ? { ...target, symbol: this.#symbol() } : target;
  }

  #cancelById(): Command {
    return cancel({ account: this.#account(), clientId: this.#clientId() });
  }

  #amend(): Command {
    const random = this.#random;
    const of = this.#anOrder();
    const { fields } = of;
    const target = random.once(10)
      ? { account: fields.account ?? 0, clientId: fields.text ?? this.#clientId() }
      : this.#target(of);
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
    const account = this.#account();
    const { cash, shares } = this.#market;
    switch (random.weighted({ cash: 8, shares: 8, short: 4, open: 1 })) {
      case "cash":
        return depositCash({ account, amount: this.#amount(cash) });
      case "shares":
        return depositShares({ account, symbol: this.#symbol(), amount: this.#amount(shares) });
      case "short":
        return setAccount({ account, mayShort: random.once(2) });
      case "open":
        return random.once(2)
          ? openAccount({ account, user: 1 })
          : openAccount({ account: ++this.#accounts, user: random.between(0, 2) });
    }
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
    switch (random.weighted({ state: 3, rules: 4, fees: 2, list: 1, note: 1 })) {
      case "state":
        this.#soon(setSymbolState({ symbol, state: "TRADING" }));
        return setSymbolState({ symbol, state: random.pick(SYMBOL_STATES) });
      case "rules":
        return this.#rules(random.once(4) ? -1 : symbol);
      case "fees":
        return setFees({ maker: random.between(-1, feeMax), taker: random.between(-1, feeMax) });
      case "list":
        return listSymbol({ symbol: random.between(-1, FUZZ_SYMBOLS), increment: 1 });
      case "note":
        return note({ text: "a key was created" });
    }
  }

  #rules(symbol: number): Command {
    const random = this.#random;
    const { increment, quantityMax } = this.#market;
    this.#soon(setSymbolRules({ symbol, increment }));
    return setSymbolRules({
      symbol,
      increment: random.pick([0, 0, 0, 1, 2, 5, -1]),
      quantityMax: random.pick([0, 0, 0, quantityMax, 8, -1]),
      reference: random.pick([0, 0, this.#price(this.#side())]),
      bandBps: random.pick([0, 1, 500, 3_333, 10_000, 10_001, -1, 0.5, Number.NaN]),
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
      kind: random.pick([0, 1, 1, 1, 2, 3, 4, 16, 33, 50, 255]),
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
const SYMBOL_STATES = namesOf(SymbolState);
