/** Limits the memory for bodies that are being read, of each caller and of all together. */
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import { HttpError } from "./responses.ts";

/** Bytes of one caller's bodies: more than an honest client sends at once. */
export const BODY_BYTES_PER_CALLER = 4 << 20;

export interface BodyBudgetOptions {
  /** The most bytes that clients may make the exchange hold. */
  bytesTotal: number;
  /** How many of these bytes are in use for something else than bodies. */
  heldByOthers(): number;
}

export class BodyBudget {
  readonly #options: BodyBudgetOptions;
  readonly #byCaller = new Map<object, number>();
  #held = 0;

  constructor(options: BodyBudgetOptions) {
    this.#options = options;
  }

  /** Bytes of bodies that are being read. */
  get held(): number {
    return this.#held;
  }

  /** Opens a hold for one body. `caller` identifies the caller. Dispose of the hold when the body is read. */
  open(caller: object): BodyHold {
    return new BodyHold((bytes) => this.#hold(caller, bytes));
  }

  #hold(caller: object, bytes: number): void {
    const { bytesTotal, heldByOthers } = this.#options;
    const ofCaller = (this.#byCaller.get(caller) ?? 0) + bytes;
    if (bytes > 0 && ofCaller > BODY_BYTES_PER_CALLER) throw refused(ErrorCode.MARKET_DATA_RATE);
    if (bytes > 0 && this.#held + bytes + heldByOthers() > bytesTotal) {
      throw refused(ErrorCode.OVERLOADED);
    }
    this.#held += bytes;
    if (ofCaller === 0) this.#byCaller.delete(caller);
    else this.#byCaller.set(caller, ofCaller);
  }
}

export class BodyHold {
  readonly #hold: (bytes: number) => void;
  #bytes = 0;

  /** `hold` takes bytes, or throws. A negative number gives bytes back. */
  constructor(hold: (bytes: number) => void) {
    this.#hold = hold;
  }

  /** Throws `HttpError` when there is no room: 42902 when this caller has too many bytes, 50300 when all together have. */
  take(bytes: number): void {
    this.#hold(bytes);
    this.#bytes += bytes;
  }

  [Symbol.dispose](): void {
    this.#hold(-this.#bytes);
    this.#bytes = 0;
  }
}

function refused(code: ErrorCode): HttpError {
  return new HttpError(errorBody(code, { retry_after_ms: 1000 }, "Too many long bodies at once"));
}
