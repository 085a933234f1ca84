/**
 * The warm-up: synthetic orders go through the empty core before the exchange opens, and then the core is made empty
 * again. So the hot paths are compiled when the first order comes. Without it the first 20,000 commands run at a tenth
 * of full speed, and the replies and streams of an order with 100,000 fills take twice as long.
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
  C_TEXT,
  COMMAND_INTS,
  CommandKind,
  Side,
} from "../core/command.ts";
import type { Core } from "../core/create.ts";
import { EventKind } from "../core/event.ts";
import { RULES_VERSION } from "../core/rules.ts";
import type { TickStage } from "../core/tick-output.ts";
import { TickIndex } from "./tick-index.ts";

/** The fewest with which the compiler optimises all of it, also on one processor that it shares with the rounds. */
const ROUNDS = 15_000;
const SYMBOLS = 8;
const ACCOUNTS = 16;
const MIDDLE = 1000;
const SPREAD = 40;
const FUNDS = 1e9;
/** Commands of a tick: an order, and its cancellation. */
const COMMANDS_MAX = 2;

/** The core must be empty, and is empty afterwards. The stages are not: they keep what they were told. */
export function warmUp(core: Core, stages: readonly TickStage[] = []): void {
  const ints = new Int32Array(COMMAND_INTS);
  const doubles = new Float64Array(ints.buffer);
  const { events } = core;
  const output = new TickIndex(events);
  let state = 1;

  /** The next of a fixed pseudo-random sequence, 0 … below - 1. */
  function next(below: number): number {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % below;
  }

  /** Sets the present version of the rules, as every start does. */
  function setRules(): void {
    ints.fill(0);
    ints[C_HEAD] = CommandKind.SET_RULES;
    ints[C_QUANTITY] = RULES_VERSION;
    core.apply(ints, doubles, 0);
  }

  function run(kind: number, account: number, symbol: number, amount: number): void {
    ints.fill(0);
    ints[C_HEAD] = kind;
    ints[C_ACCOUNT] = account;
    ints[C_SYMBOL] = symbol;
    ints[C_PRICE] = 1;
    doubles[C_AMOUNT_F64] = amount;
    core.apply(ints, doubles, 0);
  }

  core.beginTick(0);
  setRules();
  for (let s = 0; s < SYMBOLS; s++) run(CommandKind.LIST_SYMBOL, 0, s, 0);
  for (let a = 1; a <= ACCOUNTS; a++) {
    run(CommandKind.OPEN_ACCOUNT, a, 0, 0);
    run(CommandKind.DEPOSIT_CASH, a, 0, FUNDS);
    for (let s = 0; s < SYMBOLS; s++) run(CommandKind.DEPOSIT_SHARES, a, s, FUNDS);
  }
  for (let i = 0; i < ROUNDS; i++) {
    core.beginTick(i);
    const side = next(2);
    const away = next(SPREAD) - 4;
    ints.fill(0);
    ints[C_HEAD] = CommandKind.PLACE | (side << 8);
    ints[C_ACCOUNT] = 1 + next(ACCOUNTS);
    ints[C_SYMBOL] = next(SYMBOLS);
    ints[C_PRICE] = side === Side.BUY ? MIDDLE - away : MIDDLE + away;
    ints[C_QUANTITY] = 1 + next(50);
    if ((i & 1) !== 0) ints[C_TEXT] = i;
    core.apply(ints, doubles, 0);
    if (next(3) !== 0) cancelLast(ints[C_ACCOUNT]);
    core.endTick();
    output.read(i, i, i, COMMANDS_MAX);
    for (const stage of stages) stage.onTick(output);
  }
  core.reset();

  function cancelLast(account: number): void {
    let slot = 0;
    let generation = 0;
    for (let e = 0; e < events.end(); e = events.next(e)) {
      if (events.kind(e) !== EventKind.ORDER) continue;
      slot = events.slot(events.order(e));
      generation = events.generation(events.order(e));
    }
    ints.fill(0);
    ints[C_HEAD] = CommandKind.CANCEL;
    ints[C_ACCOUNT] = account;
    ints[C_SYMBOL] = -1;
    ints[C_ORDER_SLOT] = slot;
    ints[C_ORDER_GENERATION] = generation;
    core.apply(ints, doubles, 0);
  }
}
