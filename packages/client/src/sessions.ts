/**
 * Sessions of the exchange, over REST. In a page of the exchange's own the cookie goes with them by itself; a program
 * keeps the token and gives it to `createTradingClient`.
 */
import { ConnectionError, ExchangeError } from "./errors.ts";
import {
  type BegunSession,
  type ErrorBody,
  ErrorCode,
  type SessionBody,
  type SessionInfo,
  type SignUpBody,
} from "./messages.ts";
import { baseUrl } from "./options.ts";

/** Makes a user, where the exchange lets anybody sign up, and begins a session. */
export async function signUp(url: string, body: SignUpBody): Promise<BegunSession> {
  return await ask(url, "users", post(body));
}

/** Begins a session by name and password, or by a key; rejects with `ExchangeError` when the login is wrong. */
export async function beginSession(url: string, body: SessionBody): Promise<BegunSession> {
  return await ask(url, "session", post(body));
}

/** The session of the cookie, or of `token`; null when there is none, or it is over. */
export async function readSession(url: string, token?: string): Promise<SessionInfo | null> {
  try {
    return await ask(url, "session", { headers: bearer(token) });
  } catch (error) {
    if (error instanceof ExchangeError && NO_SESSION.has(error.code)) return null;
    throw error;
  }
}

/** Ends the session of the cookie, or of `token`, with all lines that it opened. */
export async function endSession(url: string, token?: string): Promise<void> {
  await ask(url, "session", { method: "DELETE", headers: bearer(token) });
}

export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

function post(body: object): RequestInit {
  const headers = { "Content-Type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

const NO_SESSION: ReadonlySet<number> = new Set([
  ErrorCode.NOT_LOGGED_IN,
  ErrorCode.WRONG_CREDENTIALS,
  ErrorCode.KEY_NOT_VALID,
]);

async function ask<T>(url: string, path: string, init: RequestInit): Promise<T> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(`${baseUrl(url, "http")}/api/v1/${path}`, {
      credentials: "same-origin",
      ...init,
    });
    body = await response.json();
  } catch (error) {
    throw new ConnectionError("The exchange did not answer", { cause: error });
  }
  if (!response.ok) throw new ExchangeError(body as ErrorBody);
  return body as T;
}
