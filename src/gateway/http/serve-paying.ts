/** Charges a request to a user or an address, before anything is done for it and before its body is read. */
import type { MonotonicClock } from "../../lib/clocks.ts";
import type { Lifecycle } from "../../lib/lifecycle.ts";
import { ErrorCode, errorBody, httpStatus } from "../../protocol/errors.ts";
import type { Login } from "../../trading/login.ts";
import { shuttingDown, weightRefusal } from "../../trading/outcome.ts";
import type { TokenBucket } from "../../trading/token-bucket.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import type { HttpLogins } from "./http-logins.ts";
import { type CallerParts, callerRateHeaders, withRateHeaders } from "./rate-headers.ts";
import { type RequestGate, refuse } from "./request-gate.ts";
import { assertNoQuery } from "./request-query.ts";
import { HttpError, jsonResponse } from "./responses.ts";
import type { HttpRequest, HttpServer, Incoming } from "./route.ts";

export interface PayingParts extends MonotonicClock {
  httpLogins: Pick<HttpLogins, "callerOf" | "loginOf">;
  addresses: ClientAddresses;
  gate: Pick<RequestGate, "charge">;
}

/**
 * Charges the caller, then returns what `serve` answers; `serve` gets null for a caller without a login. With a login he pays
 * `weight` from his own bucket, whatever others do behind his address, and the answer has the headers of the bucket. Without
 * a login, or with a wrong one, his address pays 1. Rejects with `HttpError`: 42902 when nothing is left, 40001 for a query,
 * and as `HttpLogins.callerOf`.
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
    refuse(gate, request, server, refusal);
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

/** Weight of a call of `serveUser`, which may look up a name, write a file or the journal, or send something. */
const OWN_CALL_WEIGHT = 10;

/** As `servePaying`, for users. Rejects with 50302 when the exchange is shutting down, and with 40100 without a login. */
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

/** Rows of a list that cost a weight of 1, beside the call. */
const ROWS_PER_WEIGHT = 20;

/** Charges a user for `rows` that were looked up for him, also when his bucket has nothing left. */
export function oweRows({ monotonic }: MonotonicClock, { caller }: Login, rows: number): void {
  caller.limits.weights.owe(monotonic(), Math.floor(rows / ROWS_PER_WEIGHT));
}

/** Answers a user with what `serve` returns, a body or a whole response, and with the headers of his bucket. */
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
 * Makes a handler that charges the sender's address for what it refuses, unless a user pays for that himself. Good requests
 * cost the address nothing, so they are served whatever others send from there. A refusal of a user has the headers of his
 * bucket.
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
      // A wrong login is not checked again, because that would count as another attempt.
      if (!isKnown || isOfLogin(refusal)) refuse(gate, request, server, refusal);
      gate.charge(request, server, 1);
      throw refusal.with(await callerRateHeaders(parts, request, server));
    }
  };
}

function isOfLogin({ body: { code } }: HttpError): boolean {
  return httpStatus(code) === 401 || code === ErrorCode.TOO_MANY_LOGINS;
}
