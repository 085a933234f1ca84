/** The order that each command placed, as events reported it. Later commands name it by `of`. */
import { type ExchangeEvent, replyOf } from "../reference/exchange-event.ts";
import type { Command } from "./command-builder.ts";

export class Targets {
  readonly #orders = new Map<Command, number>();

  /** The order that the command names by `of`; 0 if it names none, or if that command placed none. */
  of(command: Command): number {
    return command.of === undefined ? 0 : (this.#orders.get(command.of) ?? 0);
  }

  remember(command: Command, events: readonly ExchangeEvent[]): void {
    const reply = replyOf(events);
    const told = reply.event === "ORDER" || reply.event === "REPEAT";
    if (told && !this.#orders.has(command)) this.#orders.set(command, reply.order);
  }
}
