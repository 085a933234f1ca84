/**
 * Whether the exchange is closed for maintenance or accepts only post-only orders after it, and which windows are announced.
 * WebSockets, REST and the admin API all ask here.
 */
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import { OrderMethod, type OrderRequest, POST_ONLY_FLAG } from "../protocol/order-request.ts";
import type { PushData } from "../protocol/schemas.ts";

/** A window as the channel `status` shows it. */
export type WindowNotice = Pick<
  PushData<"status">,
  "window" | "starts_at" | "ends_at" | "message" | "phase"
>;

/** The least `retry_after_ms`. */
const RETRY_AFTER_MS_MIN = 1000;

export class MaintenanceGate {
  readonly #now: () => number;
  #state: "open" | "post-only" | "closed" = "open";
  /** When the state ends, milliseconds since 1970. */
  #until = 0;
  #message = "";
  #windows: readonly WindowNotice[] = [];

  /** `now` returns milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Closes the exchange until about `until`, milliseconds since 1970. `message` tells people why. */
  close(until: number, message: string): void {
    this.#state = "closed";
    this.#until = until;
    this.#message = message;
  }

  /** From now on until about `until`, milliseconds since 1970, orders must be post-only. */
  takePostOnly(until: number): void {
    this.#state = "post-only";
    this.#until = until;
  }

  open(): void {
    this.#state = "open";
  }

  /** Announces these windows, in place of those announced before. */
  announce(windows: readonly WindowNotice[]): void {
    this.#windows = windows;
  }

  /** The announced windows that are not over, by start. */
  windows(): readonly WindowNotice[] {
    return this.#windows;
  }

  /** The error for every request that trades, while the exchange is closed; null otherwise. */
  refusal(): ErrorBody | null {
    if (this.#state !== "closed") return null;
    return this.#tell(`Closed for maintenance: ${this.#message}`, this.#message);
  }

  /** The error for an order that is not allowed while orders must be post-only; null otherwise. Cancels are allowed. */
  orderRefusal({ method, flags }: OrderRequest): ErrorBody | null {
    if (this.#state !== "post-only") return null;
    const isPlace = method === OrderMethod.PLACE;
    const isTaken = isPlace ? (flags & POST_ONLY_FLAG) !== 0 : method !== OrderMethod.AMEND;
    if (isTaken) return null;
    return this.#tell("Post-only orders and cancels alone for a while", "post-only");
  }

  #tell(message: string, reason: string): ErrorBody {
    const retry_after_ms = Math.max(RETRY_AFTER_MS_MIN, this.#until - this.#now());
    return errorBody(ErrorCode.MAINTENANCE, { retry_after_ms, reason }, message);
  }
}
