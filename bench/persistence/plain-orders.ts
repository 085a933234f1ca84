/**
 * Plain orders like those of a busy exchange: limit orders of ten shares and cancels, from many accounts in many
 * symbols. The same seed always gives the same orders.
 *
 * The first orders rest. Then come cycles of ten commands: five orders that rest 1–20 increments from the middle price,
 * four cancels of resting orders, and one order that crosses and fills one of them. So the books stay equally full.
 */
import {
  C_ACCOUNT,
  C_AMOUNT_F64,
  C_HEAD,
  C_ORDER_GENERATION,
  C_ORDER_SLOT,
  C_PRICE,
  C_QUANTITY,
  C_SYMBOL,
  C_TEXT_BYTE,
  COMMAND_BYTES,
  COMMAND_INTS,
  CommandKind,
  ORDER_SLOT_COUNT,
  Side,
} from "../../src/core/command.ts";
import type { Core } from "../../src/core/create.ts";
import { EventFlag, EventKind } from "../../src/core/event.ts";
import { RULES_VERSION } from "../../src/core/rules.ts";
import type { InboundBatch } from "../../src/router/inbound-ring.ts";

const ACCOUNTS = 256;
const SYMBOLS = 64;
const CASH = 1e12;
const SHARES = 1e9;
const MIDDLE = 5000;
const DEPTH = 20;
const LOTS = 10;
const CYCLE = "PCPCPCPCPX";

export class PlainOrders {
  readonly #setUp = setUpCommands();
  readonly #prefill: number;
  readonly #clientIds: boolean;
  readonly #text = new TextEncoder();
  #random = 1;
  #written = 0;
  /** The slots of the resting orders, in any order. `#places` has the index of each slot in this list. */
  readonly #slots = new Int32Array(ORDER_SLOT_COUNT);
  readonly #generations = new Int32Array(ORDER_SLOT_COUNT);
  readonly #accounts = new Int32Array(ORDER_SLOT_COUNT);
  readonly #places = new Int32Array(ORDER_SLOT_COUNT);
  #resting = 0;

  /** `prefill` orders rest before the cycles begin. With `clientIds` every order has its own client order id. */
  constructor({ prefill, clientIds }: { prefill: number; clientIds: boolean }) {
    this.#prefill = prefill;
    this.#clientIds = clientIds;
  }

  /** How many commands set up the exchange: they list symbols, and open and fund accounts. They come first. */
  get setUpCount(): number {
    return this.#setUp.length;
  }

  /** Writes the next command into record `index` of `batch`. The record must be all zeros. */
  write(batch: InboundBatch, index: number): void {
    const c = index * COMMAND_INTS;
    const setUp = this.#setUp[this.#written];
    const trading = this.#written - this.#setUp.length - this.#prefill;
    this.#written++;
    if (setUp !== undefined) {
      batch.ints[c + C_HEAD] = setUp.kind;
      batch.ints[c + C_ACCOUNT] = setUp.account;
      batch.ints[c + C_SYMBOL] = setUp.symbol;
      batch.ints[c + C_PRICE] = 1;
      batch.ints[c + C_QUANTITY] = setUp.quantity;
      batch.doubles[(c >> 1) + C_AMOUNT_F64] = setUp.amount;
      return;
    }
    const step = trading < 0 ? "P" : CYCLE[trading % CYCLE.length];
    if (step === "C" && this.#resting > 0) this.#cancel(batch.ints, c);
    else this.#place(batch, index, step === "X" ? -DEPTH : 1 + this.#next(DEPTH));
  }

  /** Updates the list of resting orders from the events of the core's last tick. */
  learn({ events }: Core): void {
    const end = events.end();
    for (let e = 0; e < end; e = events.next(e)) {
      const kind = events.kind(e);
      const o = events.order(e);
      if (kind === EventKind.TRADE && events.remaining(events.maker(e)) === 0) {
        this.#forget(events.slot(events.maker(e)));
      } else if (kind === EventKind.ORDER && (events.flags(e) & EventFlag.OPEN) !== 0) {
        this.#keep(events.slot(o), events.generation(o), events.account(o));
      }
    }
  }

  #place(batch: InboundBatch, index: number, distance: number): void {
    const c = index * COMMAND_INTS;
    const side = this.#next(2);
    batch.ints[c + C_HEAD] = CommandKind.PLACE | (side << 8);
    batch.ints[c + C_ACCOUNT] = 1 + this.#next(ACCOUNTS);
    batch.ints[c + C_SYMBOL] = this.#next(SYMBOLS);
    batch.ints[c + C_PRICE] = MIDDLE + (side === Side.BUY ? -distance : distance);
    batch.ints[c + C_QUANTITY] = LOTS;
    if (!this.#clientIds) return;
    const at = index * COMMAND_BYTES + C_TEXT_BYTE;
    this.#text.encodeInto(`order-${this.#written}`, batch.bytes.subarray(at));
  }

  #cancel(ints: Int32Array, c: number): void {
    const slot = this.#slots[this.#next(this.#resting)];
    ints[c + C_HEAD] = CommandKind.CANCEL;
    ints[c + C_ACCOUNT] = this.#accounts[slot];
    ints[c + C_SYMBOL] = -1;
    ints[c + C_ORDER_SLOT] = slot;
    ints[c + C_ORDER_GENERATION] = this.#generations[slot];
    this.#forget(slot);
  }

  #keep(slot: number, generation: number, account: number): void {
    this.#generations[slot] = generation;
    this.#accounts[slot] = account;
    this.#places[slot] = this.#resting;
    this.#slots[this.#resting++] = slot;
  }

  /** Removes an order from the list. Does nothing if its cancel has already removed it. */
  #forget(slot: number): void {
    const place = this.#places[slot];
    if (place >= this.#resting || this.#slots[place] !== slot) return;
    const last = this.#slots[--this.#resting];
    this.#slots[place] = last;
    this.#places[last] = place;
  }

  /** The next number of a fixed pseudo-random sequence, from 0 to `below - 1`. */
  #next(below: number): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) | 0;
    return (this.#random >>> 8) % below;
  }
}

interface SetUpCommand {
  kind: number;
  account: number;
  symbol: number;
  quantity: number;
  amount: number;
}

function setUpCommands(): SetUpCommand[] {
  const commands = [command({ kind: CommandKind.SET_RULES, quantity: RULES_VERSION, amount: 1 })];
  for (let symbol = 0; symbol < SYMBOLS; symbol++) {
    commands.push(command({ kind: CommandKind.LIST_SYMBOL, symbol }));
  }
  for (let account = 1; account <= ACCOUNTS; account++) {
    commands.push(command({ kind: CommandKind.OPEN_ACCOUNT, account }));
    commands.push(command({ kind: CommandKind.DEPOSIT_CASH, account, amount: CASH }));
    for (let symbol = 0; symbol < SYMBOLS; symbol++) {
      commands.push(command({ kind: CommandKind.DEPOSIT_SHARES, account, symbol, amount: SHARES }));
    }
  }
  return commands;
}

function command(parts: Pick<SetUpCommand, "kind"> & Partial<SetUpCommand>): SetUpCommand {
  return { account: 0, symbol: 0, quantity: 0, amount: 0, ...parts };
}
