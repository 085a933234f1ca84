/** Memory for bodies that are being read: so much for each who sends them, and so much for all. */
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import { HttpError } from "./responses.ts";

/** Of one caller: more than an honest one has on the way at once. */
export const BODY_BYTES_PER_CALLER = 4 << 20;

export interface BodyBudgetOptions {
  /** Bytes that clients may make the exchange hold. */
  bytesTotal: number;
  /** Bytes of them that others than bodies hold. */
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

  /** For one body of a caller, who is told apart by `caller`. Dispose of it when the body is read. */
  open(caller: object): BodyHold {
    return new BodyHold((bytes) => this.#hold(caller, bytes));
  }

  #hold(caller: object, bytes: number): void {
    const { bytesTotal, heldByOthers } = this.#options;
    const his = (this.#byCaller.get(caller) ?? 0) + bytes;
    if (bytes > 0 && his > BODY_BYTES_PER_CALLER) throw refused(ErrorCode.MARKET_DATA_RATE);
    if (bytes > 0 && this.#held + bytes + heldByOthers() > bytesTotal) {
      throw refused(ErrorCode.OVERLOADED);
    }
    this.#held += bytes;
    if (his === 0) this.#byCaller.delete(caller);
    else this.#byCaller.set(caller, his);
  }
}

export class BodyHold {
  readonly #hold: (bytes: number) => void;
  #bytes = 0;

  /** `hold`: takes bytes, or throws; fewer than 0 are given back. */
  constructor(hold: (bytes: number) => void) {
    this.#hold = hold;
  }

  /** Throws `HttpError` when there is no room: 42902 for the caller, 50300 for anybody. */
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
