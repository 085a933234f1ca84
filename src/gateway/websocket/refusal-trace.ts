/** Logs refused requests of connections whose account is traced. */
import type { ErrorBody } from "../../protocol/errors.ts";
import type { AccountTraces } from "../account-traces.ts";
import type { Session } from "./session.ts";

export class RefusalTrace {
  readonly #traces: Pick<AccountTraces, "isOn" | "onRefused">;

  constructor(traces: Pick<AccountTraces, "isOn" | "onRefused">) {
    this.#traces = traces;
  }

  /** `id` is the request's; undefined when nobody read it. Connections without a login are not traced. */
  note({ login }: Session, id: unknown, error: ErrorBody): void {
    if (!this.#traces.isOn || login === null) return;
    this.#traces.onRefused(login.caller.account, { id }, error);
  }
}
