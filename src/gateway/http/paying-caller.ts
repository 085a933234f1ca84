/** Who pays for a request before anything is done for it, its body read least of all. */
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import { type Caller, isLoggedIn } from "../../trading/caller.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import type { HttpLogins } from "./http-logins.ts";
import type { RequestGate } from "./request-gate.ts";
import { HttpError } from "./responses.ts";
import type { HttpRequest, HttpServer } from "./route.ts";

export interface PayingParts {
  httpLogins: Pick<HttpLogins, "callerOf">;
  addresses: ClientAddresses;
  gate: Pick<RequestGate, "charge">;
  /** Milliseconds since whenever, never set back. */
  monotonic(): number;
}

/**
 * Who asks. One who is logged in has paid `weight` of his own, whatever others do behind his address; a stranger, or a
 * login that is wrong, has paid 1 of its address. Rejects with `HttpError`: 42902 when nothing is left, and as
 * `HttpLogins.callerOf`.
 */
export async function payingCaller(
  { httpLogins, addresses, gate, monotonic }: PayingParts,
  { request, server }: { request: HttpRequest; server: HttpServer },
  weight: number,
): Promise<Caller> {
  let caller: Caller;
  try {
    caller = await httpLogins.callerOf(request, addresses.of(request, server));
  } catch (refusal) {
    gate.charge(request, server, 1);
    throw refusal;
  }
  if (!isLoggedIn(caller)) {
    gate.charge(request, server, 1);
    return caller;
  }
  const wait = caller.limits.weights.take(monotonic(), weight);
  if (wait === 0) return caller;
  throw new HttpError(errorBody(ErrorCode.MARKET_DATA_RATE, { retry_after_ms: wait }));
}
