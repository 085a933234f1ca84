/**
 * Commands of the exchange itself and of the operator: from the admin API, the player registry and the start. They take
 * the same way as orders (ring, journal, core). A promise answers them when they are durable.
 */

import type { OrderStateResult } from "../protocol/schemas/orders.ts";

/** A command in words; absent members are zero in the record (`core/command.ts` says what each kind reads). */
export interface ControlCommand {
  /** A `CommandKind`. For an order also its side, type and time in force, packed as in the record's first word. */
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
  /** The number of the user who gave the command; 0 = the exchange itself or an operator. */
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
  /** The two numbers of a reject (`core/reject.ts` says which they are); zeros for other replies. */
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
   * Puts a command into the next tick. Resolves when its effect is on disk. Rejects with `UnavailableError` when the
   * ring is full, the storage has failed or the exchange is closing, and with `RangeError` when a text does not fit.
   */
  submit(command: ControlCommand): Promise<ControlReply>;
  /**
   * Runs `read` when everything applied so far is durable, so that anybody may be told what it sees. Resolves with what
   * it returns. Rejects with what it throws, and with `UnavailableError` when too many reads wait, or when the core has
   * applied a tick that a failed storage does not have.
   */
  read<T>(read: () => T): Promise<T>;
}

/** The exchange takes no commands now. `code` is the wire's code: 50300, 50302 or 50700. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}
