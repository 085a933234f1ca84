/**
 * Whether the exchange is closed for maintenance, or takes only post-only orders after it, and which windows are ahead:
 * one value for all ways in.
 */
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import { OrderMethod, type OrderRequest, POST_ONLY_FLAG } from "../protocol/order-request.ts";
import type { PushData } from "../protocol/schemas.ts";

/** A window as `status` tells it. */
export type WindowNotice = Pick<
  PushData<"status">,
  "window" | "starts_at" | "ends_at" | "message" | "phase"
>;

/** The shortest wait that a client is told. */
const RETRY_AFTER_MS_MIN = 1000;

export class MaintenanceGate {
  readonly #now: () => number;
  #state: "open" | "post-only" | "closed" = "open";
  /** Milliseconds since 1970, of the state's end. */
  #until = 0;
  #message = "";
  #windows: readonly WindowNotice[] = [];

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** `message`: why, for people. `until`: milliseconds since 1970. */
  close(until: number, message: string): void {
    this.#state = "closed";
    this.#until = until;
    this.#message = message;
  }

  /** Only orders that cannot trade at once are taken. */
  takePostOnly(until: number): void {
    this.#state = "post-only";
    this.#until = until;
  }

  open(): void {
    this.#state = "open";
  }

  /** Replaces all windows that were announced before. */
  announce(windows: readonly WindowNotice[]): void {
    this.#windows = windows;
  }

  /** Windows that are not over, in order of their start. */
  windows(): readonly WindowNotice[] {
    return this.#windows;
  }

  /** Why nothing that needs trading is served now; null when it is. */
  refusal(): ErrorBody | null {
    if (this.#state !== "closed") return null;
    return this.#tell(`Closed for maintenance: ${this.#message}`, this.#message);
  }

  /** Why this order is not taken now, when the exchange is not closed; null when it is. */
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
