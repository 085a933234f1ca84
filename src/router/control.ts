/**
 * The exchange's own commands and the operator's: the admin API, the player registry, start-up. They take the
 * same way as orders (ring, journal, core) and are answered by a promise once they are durable.
 */

import type { OrderStateResult } from "../protocol/schemas/orders.ts";

/** A command in words; absent members are zero in the record (`core/command.ts` says what each kind reads). */
export interface ControlCommand {
  /** A `CommandKind`; of an order with its side, type and time in force as they stand beside it in the record. */
  kind: number;
  account?: number;
  symbol?: number;
  orderSlot?: number;
  orderGeneration?: number;
  price?: number;
  quantity?: number;
  stopPrice?: number;
  /** By kind: `AccountFlag`, `CancelCause`. */
  flags?: number;
  /** User number on whose word it happens; 0 = the exchange itself. */
  actor?: number;
  amount?: number;
  /** Up to 64 ASCII characters. */
  text?: string;
  /** Name of the admin token with which an operator asks for it; only with kinds in `operator-name.ts`. */
  by?: string;
}

export interface ControlReply {
  /** 0, or the `Reject` that refused the command. */
  code: number;
  /** The reject's detail (`InvalidField`, `CapacityLimit`). */
  detail: number;
  /** The two numbers that a reject has beside its code (`core/reject.ts` has which), else 0. */
  because: readonly [number, number];
  /** What a DONE counted: cancelled orders, the new account's number. */
  count: number;
  /** What a DONE totalled: cash or shares after the deposit. */
  amount: number;
  /** The order that a CANCEL ended; null with other commands. */
  order: OrderStateResult | null;
  sequence: number;
  tick: number;
  timestamp: number;
}

export interface ControlPort {
  /**
   * Puts a command into the next tick. Resolves when its effect is on disk. Rejects with
   * `UnavailableError` when the ring is full, the storage has failed or the exchange is closing.
   */
  submit(command: ControlCommand): Promise<ControlReply>;
  /** Runs `read` when everything applied so far is durable: what it sees may be told to anybody. */
  read<T>(read: () => T): Promise<T>;
}

/** The exchange takes no commands now; `code` is the wire code (50300, 50302, 50700). */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}
