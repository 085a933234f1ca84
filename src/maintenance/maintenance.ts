/**
 * Maintenance windows. What is due is computed from the clock and never remembered. So a restart in the middle
 * of a window goes on with it, and a start after its end ends it.
 *
 * ```
 *   scheduled ─► cancel_only ─► closed ─────────────► reopening ─────────────► over
 *   notices      symbols are    orders and cancels:   at once, in an auction,  all trade
 *                CANCEL_ONLY    503, 50301            or post-only alone
 *              starts_at     starts_at             ends_at                ends_at
 *              - cancelOnlyMs                                             + reopenMs
 * ```
 *
 * States of symbols change by commands in the journal. The symbols that a window closes are written to its file
 * before they are closed.
 */
import { join } from "node:path";
import { CommandKind, SymbolState } from "../core/command.ts";
import type { CoreView } from "../core/view.ts";
import { inParts } from "../lib/in-parts.ts";
import type { Log } from "../lib/log.ts";
import { Serial } from "../lib/serial.ts";
import type { ControlPort } from "../router/control.ts";
import type { MaintenanceGate } from "../trading/maintenance-gate.ts";
import { isOverlapping, type Lengths, type Phase, phaseOf, type Window } from "./window.ts";
import { MAINTENANCE_FILE, readWindowFile, writeWindowFile } from "./window-file.ts";

/** Windows that may be scheduled at once. */
const WINDOWS_MAX = 32;
/**
 * The clock is looked at this often, whatever is due: it may be set, or the machine may have been suspended.
 */
const LOOK_MS = 1000;
const MINUTE_MS = 60_000;
/**
 * A notice goes out when a window is scheduled, and when so many milliseconds are left until no order is taken
 * any more.
 */
const NOTICES_MS = [24 * 60, 60, 30, 15, 5, 1].map((minutes) => minutes * MINUTE_MS);

export type Reopening = "at-once" | "auction" | "post-only";

export interface MaintenanceConfig extends Lengths {
  readonly reopen: Reopening;
}

/** A window as users and operators see it. */
export interface ShownWindow {
  id: string;
  starts_at: number;
  ends_at: number;
  message: string;
  phase: Phase;
}

export interface MaintenanceParts {
  config: MaintenanceConfig;
  dataDir: string;
  view: Pick<CoreView, "listedSymbols" | "symbolState" | "isTimed">;
  control: ControlPort;
  gate: MaintenanceGate;
  /** Whether the player of a symbol has left the league. Such a symbol is not opened again. */
  hasLeft(symbol: number): boolean;
  /** Sends a notice of the window to all connections. */
  notify(window: ShownWindow): void;
  log: Log;
  /** The exchange's time, milliseconds since 1970. */
  now(): number;
}

/** Why a window cannot be scheduled or cancelled. `field` is empty when there is no such window. */
export class WindowRefused extends Error {
  override readonly name = "WindowRefused";
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

export class Maintenance {
  readonly #parts: MaintenanceParts;
  readonly #path: string;
  /** The windows, in the order of their starts. */
  #windows: readonly Window[];
  #next: number;
  /** The last notice of each window, by its id: the phase, and how many of NOTICES_MS were over. */
  readonly #told = new Map<string, string>();
  readonly #turns = new Serial();
  #timer: Timer | undefined;
  #isWatching = false;

  /** Throws when the file cannot be used. */
  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
    this.#path = join(parts.dataDir, MAINTENANCE_FILE);
    const { next, windows } = readWindowFile(this.#path);
    this.#next = next;
    this.#windows = windows;
    const now = parts.now();
    for (const window of windows) {
      if (this.#phase(window, now) === "scheduled")
        this.#told.set(window.id, this.#key(window, now));
    }
  }

  /**
   * Does what is due, and looks at the clock from now on. To be called before anybody can reach the exchange.
   */
  async start(): Promise<void> {
    this.#isWatching = true;
    await this.look();
  }

  stop(): void {
    this.#isWatching = false;
    clearTimeout(this.#timer);
  }

  /** The windows that are not over, in the order of their starts. */
  list(): ShownWindow[] {
    const now = this.#parts.now();
    return this.#windows.map((window) => this.#show(window, this.#phase(window, now)));
  }

  /**
   * Schedules a window; resolves when it is on disk and in the journal. A start up to a minute ago counts as
   * now. `by`: name of the operator's token. Rejects with `WindowRefused`.
   */
  schedule(
    wanted: Pick<Window, "starts_at" | "ends_at" | "message">,
    by?: string,
  ): Promise<ShownWindow> {
    return this.#turns.run(async () => {
      const { config, now } = this.#parts;
      const { ends_at, message } = wanted;
      const time = now();
      if (wanted.starts_at < time - MINUTE_MS) {
        throw new WindowRefused("starts_at", `Must not be in the past, got ${wanted.starts_at}`);
      }
      // A caller's "now" arrives a little later, and is from another clock.
      const starts_at = Math.max(wanted.starts_at, time);
      const window = { id: `mnt_${this.#next}`, starts_at, ends_at, message, closed: [] };
      if (ends_at <= starts_at) {
        throw new WindowRefused("ends_at", `Must be after starts_at, ${starts_at}, got ${ends_at}`);
      }
      const other = this.#windows.find((each) => isOverlapping(each, window, config));
      if (other !== undefined) {
        throw new WindowRefused(
          "starts_at",
          `Overlaps ${other.id}, counting the cancel-only time before and the reopening after each`,
        );
      }
      if (this.#windows.length >= WINDOWS_MAX) {
        throw new WindowRefused("starts_at", `${WINDOWS_MAX} windows are scheduled already`);
      }
      await this.#note(`maintenance.schedule ${window.id} ${starts_at} ${ends_at}`, by);
      this.#next++;
      await this.#save([...this.#windows, window].toSorted((a, b) => a.starts_at - b.starts_at));
      await this.#tryStep();
      return this.#show(window, this.#phase(window, now()));
    });
  }

  /**
   * Cancels a window. One that has begun ends now, and the symbols open as at its end. Rejects with
   * `WindowRefused`.
   */
  cancel(id: string, by?: string): Promise<ShownWindow> {
    return this.#turns.run(async () => {
      const now = this.#parts.now();
      const window = this.#windows.find((each) => each.id === id);
      if (window === undefined) throw new WindowRefused("", `There is no window ${id}`);
      const phase = this.#phase(window, now);
      if (phase === "reopening" || phase === "over") throw new WindowRefused("id", "It is over");
      await this.#note(`maintenance.cancel ${id}`, by);
      if (phase === "scheduled") {
        await this.#save(this.#windows.filter((each) => each.id !== id));
        this.#told.delete(id);
        const cancelled = this.#show(
          { ...window, message: `Cancelled: ${window.message}` },
          "over",
        );
        this.#parts.notify(cancelled);
        return cancelled;
      }
      const ended = { ...window, starts_at: Math.min(window.starts_at, now), ends_at: now };
      await this.#save(this.#windows.map((each) => (each.id === id ? ended : each)));
      await this.#tryStep();
      return this.#show(ended, this.#phase(ended, now));
    });
  }

  /** Does what is due by now. Never rejects: what fails is tried again at the next look. */
  look(): Promise<void> {
    return this.#turns.run(() => this.#tryStep());
  }

  /** As `look`, for a caller that already has its turn in `#turns`. */
  async #tryStep(): Promise<void> {
    try {
      await this.#step();
    } catch (error) {
      this.#parts.log.warn({ error: String(error) }, "maintenance step failed");
      this.#arm(LOOK_MS);
    }
  }

  /** Looks at the clock again after so long. */
  #arm(milliseconds: number): void {
    clearTimeout(this.#timer);
    if (this.#isWatching) this.#timer = setTimeout(() => void this.look(), milliseconds);
  }

  /**
   * Milliseconds until a window comes to a phase that it was not in at the time `looked`; `LOOK_MS` at most.
   */
  #untilNextPhase(looked: number): number {
    const { cancelOnlyMs, reopenMs } = this.#parts.config;
    const changes = this.#windows.flatMap(({ starts_at, ends_at }) => {
      return [starts_at - cancelOnlyMs, starts_at, ends_at, ends_at + reopenMs];
    });
    const next = Math.min(...changes.filter((at) => at > looked));
    return Math.min(LOOK_MS, Math.max(0, next - this.#parts.now()));
  }

  async #step(): Promise<void> {
    const now = this.#parts.now();
    this.#announce();
    for (const window of this.#windows) {
      const phase = this.#phase(window, now);
      // The gate first: it cannot fail, and it must be set before the first connection after a start.
      this.#setGate(window, phase);
      this.#tell(window, phase, now);
      if (phase === "cancel_only" || phase === "closed") await this.#closeSymbols(window);
      if (phase === "reopening") await this.#reopenSymbols(window, this.#reopeningState());
      if (phase === "over") {
        await this.#reopenSymbols(window, SymbolState.TRADING);
        this.#told.delete(window.id);
        await this.#save(this.#windows.filter(({ id }) => id !== window.id));
      }
    }
    this.#arm(this.#untilNextPhase(now));
  }

  #setGate({ ends_at, message }: Window, phase: Phase): void {
    const { gate, config } = this.#parts;
    if (phase === "scheduled") return;
    if (phase === "closed") return gate.close(ends_at, message);
    if (phase === "reopening" && config.reopen === "post-only") {
      return gate.takePostOnly(ends_at + config.reopenMs);
    }
    gate.open();
  }

  #reopeningState(): number {
    return this.#parts.config.reopen === "auction" ? SymbolState.AUCTION : SymbolState.TRADING;
  }

  /**
   * Keeps all symbols from trading, also those whose pause would end meanwhile and let stops in. A symbol that
   * an operator has in PRE_OPEN does not trade and stays so: only the operator may open it.
   */
  async #closeSymbols(window: Window): Promise<void> {
    const { view } = this.#parts;
    const open = view.listedSymbols().filter((symbol) => {
      const state = view.symbolState(symbol);
      if (state === SymbolState.HALTED) return view.isTimed(symbol);
      return state === SymbolState.TRADING || state === SymbolState.AUCTION;
    });
    if (open.length === 0) return;
    const closed = [...new Set([...window.closed, ...open])];
    await this.#save(
      this.#windows.map((each) => (each.id === window.id ? { ...each, closed } : each)),
    );
    await this.#setStates(open, SymbolState.CANCEL_ONLY);
  }

  /**
   * Opens the symbols that were closed for the window. Symbols that somebody has halted or opened since, and
   * those of players who have left, stay as they are.
   */
  async #reopenSymbols({ closed }: Window, state: number): Promise<void> {
    const { view, hasLeft } = this.#parts;
    const waiting = closed.filter((symbol) => {
      const now = view.symbolState(symbol);
      if (hasLeft(symbol)) return false;
      return now !== state && (now === SymbolState.CANCEL_ONLY || now === SymbolState.AUCTION);
    });
    await this.#setStates(waiting, state);
  }

  async #setStates(symbols: readonly number[], state: number): Promise<void> {
    const { control } = this.#parts;
    const kind = CommandKind.SET_SYMBOL_STATE;
    await inParts(symbols, (symbol) => control.submit({ kind, symbol, quantity: state }));
  }

  #tell(window: Window, phase: Phase, now: number): void {
    const key = this.#key(window, now);
    if (this.#told.get(window.id) === key) return;
    this.#told.set(window.id, key);
    this.#parts.notify(this.#show(window, phase));
    this.#parts.log.info({ ...this.#show(window, phase) }, "maintenance");
  }

  #key(window: Window, now: number): string {
    const left = window.starts_at - this.#parts.config.cancelOnlyMs - now;
    return `${this.#phase(window, now)} ${NOTICES_MS.filter((ms) => left <= ms).length}`;
  }

  #phase(window: Window, now: number): Phase {
    return phaseOf(window, this.#parts.config, now);
  }

  #show({ id, starts_at, ends_at, message }: Window, phase: Phase): ShownWindow {
    return { id, starts_at, ends_at, message, phase };
  }

  async #note(text: string, by: string | undefined): Promise<void> {
    await this.#parts.control.submit({ kind: CommandKind.NOTE, text, ...(by && { by }) });
  }

  async #save(windows: readonly Window[]): Promise<void> {
    await writeWindowFile(this.#path, this.#next, windows);
    this.#windows = windows;
    this.#announce();
  }

  #announce(): void {
    const pending = this.list().filter(({ phase }) => phase !== "over");
    this.#parts.gate.announce(pending.map(({ id, ...window }) => ({ window: id, ...window })));
  }
}
