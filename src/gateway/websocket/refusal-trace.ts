/** Refused requests of connections, for the log of an account that is traced. */
import type { ErrorBody } from "../../protocol/errors.ts";
import type { AccountTraces } from "../account-traces.ts";
import type { Session } from "./session.ts";

export class RefusalTrace {
  readonly #traces: Pick<AccountTraces, "isOn" | "onRefused">;

  constructor(traces: Pick<AccountTraces, "isOn" | "onRefused">) {
    this.#traces = traces;
  }

  /** `id`: the request's, undefined where nobody read it. Nothing of a connection without a login. */
  note({ login }: Session, id: unknown, error: ErrorBody): void {
    if (!this.#traces.isOn || login === null) return;
    this.#traces.onRefused(login.caller.account, { id }, error);
  }
}
