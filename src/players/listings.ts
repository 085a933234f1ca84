/**
 * Brings the exchange in line with the registry: lists players who are not listed yet, closes the symbols of
 * those who left, and opens them again for those who came back.
 *
 * The registry is saved before anything here is submitted. A crash in between leaves symbols that the registry
 * knows and the journal does not; the next start finds them by their state and submits them, without network.
 * (In the other order, the journal would have listings of players of whom only the id is known.)
 * `Entry.closure` and the symbol's state tell how far a closure has come:
 *
 * ```
 *   left ──▶ requested ── SET_SYMBOL_STATE CANCEL_ONLY ──▶ made
 *                                                           │ returned
 *   none ◀── SET_SYMBOL_STATE TRADING ── lifting ◀──────────┘
 *            or, where it was before, PRE_OPEN
 * ```
 *
 * A command is sent again after a crash only if the symbol is still in the state it starts from, and
 * no symbol is opened that an operator halted or closed.
 */
import { CommandKind, SymbolState } from "../core/command.ts";
import { inParts } from "../lib/in-parts.ts";
import type { PlayerRegistry, RegistryChange } from "./registry.ts";
import type { Entry } from "./registry-file.ts";

/** A command to the core, as the router's `ControlPort` takes it. */
export interface ListingCommand {
  kind: number;
  symbol: number;
  /** LIST_SYMBOL: the price increment. */
  price?: number;
  /** SET_SYMBOL_STATE: a `SymbolState`. */
  quantity?: number;
  /** LIST_SYMBOL: the player id. */
  text?: string;
}

/** The part of the router's `ControlPort` that this folder uses. */
export interface ListingPort {
  /** Resolves when the effect is on disk; `code` is 0 or the core's reject. */
  submit(command: ListingCommand): Promise<{ code: number }>;
}

export interface ListingsOptions {
  registry: PlayerRegistry;
  port: ListingPort;
  /** The `SymbolState` of a symbol in the core now. */
  stateOf: (symbol: number) => number;
  /** Whether that state, a pause or an auction, ends by itself. */
  isTimed: (symbol: number) => boolean;
  /** The price increment of new listings, in cents. */
  priceIncrement: number;
}

/** What `settle` did, and how many commands the core refused. */
export interface SettleReport {
  listed: number;
  closed: number;
  reopened: number;
  refused: number;
}

export class Listings {
  readonly #registry: PlayerRegistry;
  readonly #port: ListingPort;
  readonly #stateOf: (symbol: number) => number;
  readonly #isTimed: (symbol: number) => boolean;
  readonly #priceIncrement: number;

  constructor({ registry, port, stateOf, isTimed, priceIncrement }: ListingsOptions) {
    this.#registry = registry;
    this.#port = port;
    this.#stateOf = stateOf;
    this.#isTimed = isTimed;
    this.#priceIncrement = priceIncrement;
  }

  /**
   * Notes in the registry which symbols are to be closed or opened after `change`. Returns the
   * symbols of returned players that stay closed, because it was not their leaving that closed them.
   */
  plan({ left, returned }: RegistryChange): number[] {
    const stillClosed: number[] = [];
    for (const { symbol, closure } of left) {
      const state = this.#stateOf(symbol);
      if (state !== SymbolState.UNLISTED && state !== SymbolState.CANCEL_ONLY) {
        this.#registry.setClosure(symbol, "requested");
      } else if (closure === "lifting") {
        this.#registry.setClosure(symbol, "made");
      }
    }
    for (const { symbol, closure } of returned) {
      const state = this.#stateOf(symbol);
      const isClosedByLeaving = state === SymbolState.CANCEL_ONLY && closure !== undefined;
      this.#registry.setClosure(symbol, isClosedByLeaving ? "lifting" : null);
      if (isClosedByLeaving) continue;
      if (state === SymbolState.CANCEL_ONLY || state === SymbolState.HALTED)
        stillClosed.push(symbol);
    }
    return stillClosed;
  }

  /**
   * Saves the registry, submits what the core does not have yet, and saves what it confirmed.
   * Rejects when the registry cannot be saved or a command cannot be submitted now; calling it again
   * goes on from there.
   */
  async settle(): Promise<SettleReport> {
    for (const { symbol, closure } of this.#registry.entries()) {
      const state = this.#stateOf(symbol);
      // The symbol is closed already: this is a start after a crash.
      if (closure !== "requested" || state === SymbolState.CANCEL_ONLY) continue;
      this.#registry.setPreOpen(symbol, state === SymbolState.PRE_OPEN);
    }
    await this.#registry.save();
    const report: SettleReport = { listed: 0, closed: 0, reopened: 0, refused: 0 };
    await inParts(this.#registry.entries(), (entry) => this.#settleEntry(entry, report));
    await this.#registry.save();
    return report;
  }

  async #settleEntry(entry: Entry, report: SettleReport): Promise<void> {
    const { symbol, player_id, present, closure } = entry;
    const state = this.#stateOf(symbol);
    if (state === SymbolState.UNLISTED) {
      if (!present) return;
      const listing = { symbol, price: this.#priceIncrement, text: player_id };
      const { code } = await this.#port.submit({ kind: CommandKind.LIST_SYMBOL, ...listing });
      if (code === 0) report.listed++;
      else report.refused++;
    } else if (closure === "requested") {
      // A symbol that an operator halted is closed when he has opened it. A pause is closed now, because it
      // would open the symbol by itself.
      if (state === SymbolState.HALTED && !this.#isTimed(symbol)) return;
      const isOpen = state !== SymbolState.CANCEL_ONLY;
      if (isOpen && !(await this.#setState(symbol, SymbolState.CANCEL_ONLY, report))) return;
      if (isOpen) report.closed++;
      this.#registry.setClosure(symbol, "made");
    } else if (closure === "lifting") {
      const isClosed = state === SymbolState.CANCEL_ONLY;
      const opened = entry.was_pre_open ? SymbolState.PRE_OPEN : SymbolState.TRADING;
      if (isClosed && !(await this.#setState(symbol, opened, report))) return;
      if (isClosed) report.reopened++;
      this.#registry.setClosure(symbol, null);
    }
  }

  async #setState(symbol: number, state: number, report: SettleReport): Promise<boolean> {
    const kind = CommandKind.SET_SYMBOL_STATE;
    const { code } = await this.#port.submit({ kind, symbol, quantity: state });
    if (code !== 0) report.refused++;
    return code === 0;
  }
}
