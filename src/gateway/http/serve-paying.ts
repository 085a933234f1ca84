/** Who pays for a request before anything is done for it, its body read least of all. */
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import type { Login } from "../../trading/login.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import { withRateHeaders } from "../rest/rate-headers.ts";
import type { HttpLogins } from "./http-logins.ts";
import type { RequestGate } from "./request-gate.ts";
import { HttpError, jsonResponse } from "./responses.ts";
import type { HttpRequest, HttpServer } from "./route.ts";

export interface PayingParts {
  httpLogins: Pick<HttpLogins, "callerOf" | "loginOf">;
  addresses: ClientAddresses;
  gate: Pick<RequestGate, "charge">;
  /** Milliseconds since whenever, never set back. */
  monotonic(): number;
}

/**
 * What `serve` answers to the one who asks (null: without a login), after he has paid: `weight` of his own where he is logged in, whatever others
 * do behind his address, and then he is told what he has left; 1 of its address for a stranger, or a login that is wrong.
 * Rejects with `HttpError`: 42902 when nothing is left, and as `HttpLogins.callerOf`.
 */
export async function servePaying(
  { httpLogins, addresses, gate, monotonic }: PayingParts,
  { request, server }: { request: HttpRequest; server: HttpServer },
  weight: number,
  serve: (login: Login | null) => object | Promise<object>,
): Promise<object> {
  let login: Login | null;
  try {
    login = await httpLogins.loginOf(request, addresses.of(request, server));
  } catch (refusal) {
    gate.charge(request, server, 1);
    throw refusal;
  }
  if (login === null) {
    gate.charge(request, server, 1);
    return serve(null);
  }
  const { caller } = login;
  return withRateHeaders(caller, monotonic, async () => {
    const retry_after_ms = caller.limits.weights.take(monotonic(), weight);
    if (retry_after_ms === 0) return jsonResponse(await serve(login));
    throw new HttpError(errorBody(ErrorCode.MARKET_DATA_RATE, { retry_after_ms }));
  });
}
