/** Who pays for a request: before anything is done for it, and before its body is read. */
import type { MonotonicClock } from "../../lib/clocks.ts";
import type { Lifecycle } from "../../lib/lifecycle.ts";
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import type { Login } from "../../trading/login.ts";
import { shuttingDown, weightRefusal } from "../../trading/outcome.ts";
import type { TokenBucket } from "../../trading/token-bucket.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import type { HttpLogins } from "./http-logins.ts";
import { withRateHeaders } from "./rate-headers.ts";
import type { RequestGate } from "./request-gate.ts";
import { assertNoQuery } from "./request-query.ts";
import { HttpError, jsonResponse } from "./responses.ts";
import type { Incoming } from "./route.ts";

export interface PayingParts extends MonotonicClock {
  httpLogins: Pick<HttpLogins, "callerOf" | "loginOf">;
  addresses: ClientAddresses;
  gate: Pick<RequestGate, "charge">;
}

/**
 * What `serve` answers to the caller (null: without a login), after he has paid. With a login he pays `weight` from his
 * own bucket, whatever others do behind his address, and the answer says what he has left. Without one, or with a wrong
 * one, his address pays 1. Rejects with `HttpError`: 42902 when nothing is left, 40001 for a query, and as
 * `HttpLogins.callerOf`.
 */
export async function servePaying(
  parts: PayingParts,
  { request, server }: Incoming,
  weight: number,
  serve: (login: Login | null) => object | Promise<object>,
): Promise<object> {
  const { httpLogins, addresses, gate } = parts;
  let login: Login | null;
  try {
    login = await httpLogins.loginOf(request, addresses.of(request, server));
  } catch (refusal) {
    gate.charge(request, server, 1);
    throw refusal;
  }
  if (login === null) {
    gate.charge(request, server, 1);
    assertNoQuery(request);
    return serve(null);
  }
  return rated(parts, login, () => {
    pay(login.caller.limits.weights, parts.monotonic(), weight);
    assertNoQuery(request);
    return serve(login);
  });
}

/** As `servePaying`, for those who are logged in, while the exchange is open. 50302 and 40100 otherwise. */
export async function serveUser(
  parts: PayingParts & { lifecycle: Lifecycle },
  call: Incoming,
  weight: number,
  serve: (login: Login) => object | Promise<object>,
): Promise<object> {
  return servePaying(parts, call, weight, (login) => {
    if (!parts.lifecycle.isOpen) throw new HttpError(shuttingDown());
    if (login === null) throw new HttpError(errorBody(ErrorCode.NOT_LOGGED_IN));
    return serve(login);
  });
}

/** What is answered to one who is logged in (a body, or a whole response), with what he has left. */
export function rated(
  { monotonic }: Pick<PayingParts, "monotonic">,
  { caller }: Login,
  serve: () => object | Promise<object>,
): Promise<Response> {
  return withRateHeaders(caller, monotonic, async () => {
    const answer = await serve();
    return answer instanceof Response ? answer : jsonResponse(answer);
  });
}

/** Takes `weight` from a bucket. Throws `HttpError` 42902 when it has nothing left. */
export function pay(bucket: TokenBucket, now: number, weight = 1): void {
  const refusal = weightRefusal(bucket, now, weight);
  if (refusal !== null) throw new HttpError(refusal);
}
