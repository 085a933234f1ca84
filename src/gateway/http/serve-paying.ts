/** Who pays for a request: before anything is done for it, and before its body is read. */
import type { MonotonicClock } from "../../lib/clocks.ts";
import type { Lifecycle } from "../../lib/lifecycle.ts";
import { ErrorCode, errorBody, httpStatus } from "../../protocol/errors.ts";
import type { Login } from "../../trading/login.ts";
import { shuttingDown, weightRefusal } from "../../trading/outcome.ts";
import type { TokenBucket } from "../../trading/token-bucket.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import type { HttpLogins } from "./http-logins.ts";
import { type CallerParts, callerRateHeaders, withRateHeaders } from "./rate-headers.ts";
import type { RequestGate } from "./request-gate.ts";
import { assertNoQuery } from "./request-query.ts";
import { HttpError, jsonResponse } from "./responses.ts";
import type { HttpRequest, HttpServer, Incoming } from "./route.ts";

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

/** What such a call costs: each may look a name up, write a file or the journal, or send. */
const OWN_CALL_WEIGHT = 10;

/** As `servePaying`, for those who are logged in, while the exchange is open. 50302 and 40100 otherwise. */
export async function serveUser(
  parts: PayingParts & { lifecycle: Lifecycle },
  call: Incoming,
  serve: (login: Login) => object | Promise<object>,
): Promise<object> {
  return servePaying(parts, call, OWN_CALL_WEIGHT, (login) => {
    if (!parts.lifecycle.isOpen) throw new HttpError(shuttingDown());
    if (login === null) throw new HttpError(errorBody(ErrorCode.NOT_LOGGED_IN));
    return serve(login);
  });
}

/** So many rows of a list weigh 1 beside the call. */
const ROWS_PER_WEIGHT = 20;

/** One who is logged in owes what so many rows weigh that were looked up for him. */
export function oweRows({ monotonic }: MonotonicClock, { caller }: Login, rows: number): void {
  caller.limits.weights.owe(monotonic(), Math.floor(rows / ROWS_PER_WEIGHT));
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

/**
 * A route that costs the sender's address what it refuses, unless a user pays for that himself; what is right is let in
 * whatever others do from there. A refusal tells one who is logged in of his limits.
 */
export function chargingRefusals(
  parts: CallerParts & Pick<PayingParts, "gate"> & { lifecycle: Lifecycle },
  answer: (request: HttpRequest, address: string, server: HttpServer) => Promise<Response>,
) {
  const { addresses, gate, lifecycle } = parts;
  return async ({ request, server }: Incoming) => {
    try {
      if (!lifecycle.isOpen) throw new HttpError(shuttingDown());
      assertNoQuery(request);
      return await answer(request, addresses.of(request, server), server);
    } catch (refusal) {
      const isKnown = refusal instanceof HttpError;
      if (isKnown && refusal.parts.user !== undefined) throw refusal;
      gate.charge(request, server, 1);
      // A login that is wrong is not looked at again: that would count as another attempt.
      if (!isKnown || isOfLogin(refusal)) throw refusal;
      throw refusal.with(await callerRateHeaders(parts, request, server));
    }
  };
}

function isOfLogin({ body: { code } }: HttpError): boolean {
  return httpStatus(code) === 401 || code === ErrorCode.TOO_MANY_LOGINS;
}
