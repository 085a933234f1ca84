/**
 * Sessions of the exchange, over REST. In a page of the exchange's own the browser sends the cookie by itself;
 * a program keeps the token and gives it to `createTradingClient`.
 */
import { ConnectionError, ExchangeError, isExchangeError, LOGIN_REFUSALS } from "./errors.ts";
import type { ErrorBody } from "./messages.ts";
import { baseUrl, REQUEST_TIMEOUT_MS } from "./options.ts";

export type SessionLogin =
  | { readonly name: string; readonly password: string }
  | { readonly api_key: string; readonly api_secret: string };

export interface SessionInfo {
  /** Milliseconds since 1970. */
  readonly expires_at: number;
  readonly user_id: string;
  readonly account_id: string;
  /** The accounts that may be chosen, the default one first. */
  readonly account_ids: readonly string[];
  readonly permissions: readonly string[];
}

export interface BegunSession extends SessionInfo {
  readonly token: string;
}

/**
 * Begins a session. Rejects with `ExchangeError` when the login is wrong, with `ConnectionError` when there is no answer
 * in 10 s. So do the functions below.
 */
export async function beginSession(url: string, login: SessionLogin): Promise<BegunSession> {
  const headers = { "Content-Type": "application/json" };
  return await ask(url, { method: "POST", headers, body: JSON.stringify(login) });
}

/**
 * The session of the cookie, or of `token`; null when there is none, or it is over. `timeoutMs`: how long it waits for the
 * answer. `accountId`: which of the user's accounts it is asked about.
 */
export async function readSession(
  url: string,
  token?: string,
  timeoutMs = REQUEST_TIMEOUT_MS,
  accountId?: string,
): Promise<SessionInfo | null> {
  try {
    return await ask(url, { headers: sessionHeaders(token, accountId) }, timeoutMs);
  } catch (error) {
    if (isExchangeError(error, ...LOGIN_REFUSALS)) return null;
    throw error;
  }
}

/** Ends the session of the cookie, or of `token`, with all lines that it opened. */
export async function endSession(url: string, token?: string): Promise<void> {
  await ask(url, { method: "DELETE", headers: sessionHeaders(token) });
}

/** Headers that show a session, and say which of the user's accounts a request is about. */
export function sessionHeaders(token?: string, accountId?: string): Record<string, string> {
  return {
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    ...(accountId !== undefined && { "X-ACCOUNT-ID": accountId }),
  };
}

async function ask<T>(url: string, init: RequestInit, timeoutMs = REQUEST_TIMEOUT_MS): Promise<T> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(`${baseUrl(url, "http")}/api/v1/session`, {
      credentials: "same-origin",
      signal: AbortSignal.timeout(timeoutMs),
      ...init,
    });
    body = await response.json();
  } catch (error) {
    throw new ConnectionError("The exchange did not answer", { cause: error });
  }
  if (!response.ok) throw new ExchangeError(body as ErrorBody);
  return body as T;
}
