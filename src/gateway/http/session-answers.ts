/** Answers requests that begin a session or ask for it. */
import type { Clocks } from "../../lib/clocks.ts";
import { type ErrorBody, ErrorCode } from "../../protocol/errors.ts";
import { accountName } from "../../protocol/names.ts";
import { endOf, type Login, loginResult, managesKeys } from "../../trading/login.ts";
import type { TokenLogins } from "../../trading/token-logins.ts";
import { isOwnOrigin } from "./origin.ts";
import { rateHeaders } from "./rate-headers.ts";
import { HttpError, httpError, jsonResponse } from "./responses.ts";
import { sessionCookie } from "./session-cookie.ts";

export interface SessionAnswersParts extends Clocks {
  tokenLogins: TokenLogins;
}

export class SessionAnswers {
  readonly #parts: SessionAnswersParts;
  readonly #isTls: boolean;

  /** `isTls`: the exchange itself speaks TLS. */
  constructor(parts: SessionAnswersParts, isTls: boolean) {
    this.#parts = parts;
    this.#isTls = isTls;
  }

  /**
   * Begins a session for a login that was checked. The answer has its token, its cookie and the headers of the user's bucket.
   */
  async begin(request: Request, shown: Login, status = 200): Promise<Response> {
    const { tokenLogins, now, monotonic } = this.#parts;
    const begun = orThrow(await tokenLogins.begin(shown));
    const seconds = Math.floor((begun.expiresAt - now()) / 1000);
    const cookie = sessionCookie(begun.token, seconds, this.isSecure(request));
    const answer = { token: begun.token, ...sessionInfo(begun.login) };
    // A page of another origin shows the token in a header, so it gets no cookie.
    const isKept = !request.headers.has("origin") || isOwnOrigin(request, this.#isTls);
    const { limits } = shown.caller;
    const rates = rateHeaders(limits, limits.weights, monotonic());
    return jsonResponse(answer, {
      status,
      headers: { ...rates, ...(isKept && { "Set-Cookie": cookie }) },
    });
  }

  /** Whether the browser came by https, so that it sends the cookie by https only. */
  isSecure(request: Request): boolean {
    return this.#isTls || isOwnSecureOrigin(request);
  }
}

export function sessionInfo(login: Login): object {
  const { user_id, account_id, permissions } = loginResult(login);
  const { user, accounts } = login.caller;
  const { name } = user;
  const account_ids = accounts.map(accountName);
  const manages_keys = managesKeys(login);
  const expires_at = endOf(login);
  return { expires_at, user_id, account_id, account_ids, permissions, name, manages_keys };
}

/** Returns `value`; throws `HttpError` when it is an error. */
export function orThrow<Value extends object>(value: Value | ErrorBody): Value {
  if ("code" in value) throw new HttpError(value as ErrorBody);
  return value as Value;
}

/** The refusal 40100 of a request without a session. */
export function noSession(): HttpError {
  const message = "No session: show its token as Authorization: Bearer, or its cookie";
  return httpError(ErrorCode.NOT_LOGGED_IN, message);
}

/** Behind a proxy that ends TLS, the page says that it came by https. */
function isOwnSecureOrigin(request: Request): boolean {
  return (
    isOwnOrigin(request, false) && request.headers.get("origin")?.startsWith("https:") === true
  );
}
