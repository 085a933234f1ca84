/** Applies commands to the reference exchange, through the same records as the core reads. */
import { type Command, createRecords, writeCommand } from "../core/command-builder.ts";
import { Targets } from "../core/targets.ts";
import { ReferenceExchange } from "./exchange.ts";
import type { ExchangeEvent, ExchangeView, HoldingEvent } from "./exchange-event.ts";
import type { Limits } from "./limits.ts";

export class ReferenceRun {
  readonly #exchange: ReferenceExchange;
  readonly #targets = new Targets();
  readonly #records = createRecords(1);
  #applied = 0;
  #time = 0;
  #ticks = 0;

  constructor(limits: Limits) {
    this.#exchange = new ReferenceExchange(limits);
    this.beginTick();
  }

  beginTick(): void {
    this.#exchange.beginTick(++this.#ticks);
  }

  endTick(): HoldingEvent[] {
    return this.#exchange.endTick();
  }

  /** Applies a command. Its time is a millisecond after the one before, unless it gives one. */
  apply(command: Command): ExchangeEvent[] {
    const timestamp = command.at ?? this.#time + 1;
    this.#time = timestamp;
    const stamp = { sequence: ++this.#applied, timestamp };
    writeCommand(command, this.#targets.of(command), stamp, this.#records);
    const events = this.#exchange.apply(this.#records.ints, this.#records.doubles);
    this.#targets.remember(command, events);
    return events;
  }

  view(): ExchangeView {
    return this.#exchange.view();
  }
}
