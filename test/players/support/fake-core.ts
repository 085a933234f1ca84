import { CommandKind, SymbolState } from "../../../src/core/command.ts";
import type { ListingCommand, ListingPort } from "../../../src/players/listings.ts";

/** The journal and the core as the player service sees them: what was listed, and every symbol's state. */
export class FakeCore implements ListingPort {
  /** Every command that was applied. */
  readonly applied: ListingCommand[] = [];
  readonly states = new Map<number, number>();
  /** Symbols whose state ends by itself. */
  readonly timed = new Set<number>();
  readonly #players = new Map<number, string>();
  /** "hold": the process dies before the command is in the journal. "lose reply": it dies right after. */
  mode: "apply" | "refuse" | "unavailable" | "hold" | "lose reply" = "apply";
  /** How many commands have arrived, applied or not. */
  submitted = 0;

  stateOf = (symbol: number): number => this.states.get(symbol) ?? SymbolState.UNLISTED;

  /** What a start learns after recovery. */
  get listed(): { symbol: number; playerId: string }[] {
    return [...this.#players].map(([symbol, playerId]) => ({ symbol, playerId }));
  }

  submit(command: ListingCommand): Promise<{ code: number }> {
    this.submitted++;
    if (this.mode === "hold") return new Promise(() => undefined);
    if (this.mode === "unavailable") return Promise.reject(new Error("the ring is full"));
    if (this.mode === "refuse") return Promise.resolve({ code: 40910 });
    this.applied.push(command);
    if (command.kind === CommandKind.LIST_SYMBOL) {
      this.#players.set(command.symbol, command.text ?? "");
      this.states.set(command.symbol, SymbolState.TRADING);
    } else {
      this.states.set(command.symbol, command.quantity ?? 0);
    }
    return this.mode === "lose reply" ? new Promise(() => undefined) : Promise.resolve({ code: 0 });
  }
}
