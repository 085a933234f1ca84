/** The core and the reference, given the same commands, step by step. */
import type { ExchangeEvent, ExchangeView } from "../../reference/exchange-event.ts";
import { LIMITS, type Limits } from "../../reference/limits.ts";
import { ReferenceRun } from "../../reference/run.ts";
import { type Command, cancelAll } from "../command-builder.ts";
import { CoreRun } from "../run.ts";
import type { TestCore } from "../test-core.ts";
import { START, type Start } from "../validate/faults.ts";
import { validate } from "../validate.ts";
import { Replica } from "./replica.ts";

export interface LockstepOptions {
  /** Commands between two looks at the whole state. */
  checkEvery: number;
  /** Commands of a tick. */
  tickLength: number;
  /** Where they differ from the core's own. */
  limits?: Partial<Limits>;
  start?: Start;
}

export class Lockstep {
  readonly #real: CoreRun;
  readonly #reference: ReferenceRun;
  readonly #options: LockstepOptions;
  readonly #replica = new Replica();
  #applied = 0;
  /** Commands of the tick in progress. */
  #inTick = 0;

  /** On an empty core. */
  constructor(core: TestCore, options: LockstepOptions) {
    this.#real = new CoreRun(core);
    this.#reference = new ReferenceRun({
      ...LIMITS,
      symbols: core.symbols.count,
      ...options.limits,
    });
    this.#options = options;
  }

  /** What the command does, and in words how the core differs from the reference, if it does. */
  apply(
    command: Command,
    checkEvery = this.#options.checkEvery,
  ): { events: ExchangeEvent[]; difference: string | undefined } {
    const { tickLength } = this.#options;
    if (this.#inTick++ === 0) {
      this.#real.beginTick();
      this.#reference.beginTick();
    }
    const events = this.#reference.apply(command);
    let difference = this.#compareEvents(command, events);
    if (++this.#applied % checkEvery === 0) difference ??= this.compareStates();
    if (this.#inTick === tickLength) difference ??= this.endTick();
    return { events, difference };
  }

  /** Ends the tick, if one is in progress, and compares what is told of accounts, and all that events ever told. */
  endTick(): string | undefined {
    if (this.#inTick === 0) return undefined;
    this.#inTick = 0;
    const { core } = this.#real;
    const expected = this.#reference.endTick();
    const holdings = this.#real.endTick();
    if (!Bun.deepEquals(holdings, expected, true)) {
      return `end of tick:\n${list(holdings)}\nbut the reference has:\n${list(expected)}`;
    }
    this.#replica.hear(holdings);
    return this.#replica.compareBooks(core) ?? this.#replica.compareAccounts(core);
  }

  /** Cancels all orders of all accounts, after which nothing is reserved. */
  cancelEverything(): string | undefined {
    for (const { account } of this.view().accounts) {
      const { difference } = this.apply(cancelAll({ account }));
      if (difference !== undefined) return difference;
    }
    const difference = this.endTick();
    if (difference !== undefined) return difference;
    const left = this.view().accounts.filter(
      ({ cash, shares, orders }) =>
        orders.length > 0 || [cash, ...shares].some(({ reserved }) => reserved !== 0),
    );
    return left.length === 0 ? undefined : `after cancelling everything:\n${list(left)}`;
  }

  #compareEvents(command: Command, expected: ExchangeEvent[]): string | undefined {
    // As they are before it: what is due trades first, also before the rules that a command sets.
    const isGiftWrong = this.#real.core.rules.isAtLeast1();
    let events: ExchangeEvent[];
    try {
      events = this.#real.apply(command);
    } catch (error) {
      return `the core's events cannot be read: ${error}`;
    }
    this.#replica.hear(events);
    const gift = events.find(
      (event) => event.event === "TRADE" && event.takerFee + event.makerFee < 0,
    );
    if (gift !== undefined && isGiftWrong) {
      return `a trade pays out more than it takes:\n${list([gift])}`;
    }
    if (Bun.deepEquals(events, expected, true)) return undefined;
    return `events:\n${list(events)}\nbut the reference has:\n${list(expected)}`;
  }

  /** The state of the core. */
  view(): ExchangeView {
    return this.#real.view();
  }

  /** Invariants, books, accounts. */
  compareStates(): string | undefined {
    const faults = validate(this.#real.core, this.#options.start ?? START);
    if (faults.length > 0) return `invariants broken:\n  ${faults.join("\n  ")}`;
    const [view, expected] = [this.#real.view(), this.#reference.view()];
    if (Bun.deepEquals(view, expected, true)) return undefined;
    const parts = [...view.symbols, ...view.accounts];
    const others = [...expected.symbols, ...expected.accounts];
    const at = parts.findIndex((part, i) => !Bun.deepEquals(part, others[i], true));
    return `state:\n${list([parts[at]])}\nbut the reference has:\n${list([others[at]])}`;
  }
}

function list(items: readonly unknown[]): string {
  return items.map((item) => `  ${JSON.stringify(item)}`).join("\n");
}
