/** Finds out who sends an HTTP request, with the logins of trading. */
import { type ErrorBody, ErrorCode } from "../../protocol/errors.ts";
import { NAME_CHARACTERS_MAX } from "../../protocol/schemas/fields.ts";
import type { Caller, Callers } from "../../trading/caller.ts";
import { type Login, loginFor } from "../../trading/login.ts";
import type { Logins } from "../../trading/logins.ts";
import type { TokenLogins } from "../../trading/token-logins.ts";
import { bearerToken } from "./bearer-token.ts";
import { isOwnOrigin } from "./origin.ts";
import type { RequestGate } from "./request-gate.ts";
import { queryOf } from "./request-target.ts";
import { HttpError, httpError } from "./responses.ts";
import { cookieToken } from "./session-cookie.ts";

export interface HttpLoginsParts {
  logins: Logins;
  tokenLogins: TokenLogins;
  callers: Callers;
  gate: Pick<RequestGate, "chargeAddress">;
  /** Whether the exchange itself speaks TLS. */
  isTls: boolean;
}

/** Methods that change nothing. */
const SAFE: readonly string[] = ["GET", "HEAD", "OPTIONS"];

export class HttpLogins {
  readonly #parts: HttpLoginsParts;

  constructor(parts: HttpLoginsParts) {
    this.#parts = parts;
  }

  /**
   * The caller who sent `request` from `address`; a caller without a login if the request shows none. The result is a promise
   * only when a token has to be checked. Throws or rejects with `HttpError`: 40101 and 40102 for a login that is not valid,
   * 40301 for an account that is not the user's, 42904 after too many wrong logins, 42902 if the address cannot pay for the
   * check of another issuer's token, 40300 for a change by cookie from a page that is not the exchange's own.
   */
  callerOf(request: Request, address: string): Caller | Promise<Caller> {
    const login = this.loginOf(request, address);
    const { callers } = this.#parts;
    if (login instanceof Promise) {
      return login.then((found) => found?.caller ?? callers.anonymous(address));
    }
    return login?.caller ?? callers.anonymous(address);
  }

  /** As `callerOf`, but returns the login; null when the request shows none. */
  loginOf(request: Request, address: string): Login | null | Promise<Login | null> {
    return forAccount(this.#loginOf(request, address), accountHeader(request));
  }

  #loginOf(request: Request, address: string): Login | null | Promise<Login | null> {
    const shown = this.#byHeader(request, address);
    if (shown !== null) return shown;
    const token = cookieToken(request);
    if (token === null) return null;
    const isSafe = SAFE.includes(request.method);
    if (isOwnOrigin(request, this.#parts.isTls) || (isSafe && !request.headers.has("origin"))) {
      return this.#byCookie(token, address);
    }
    if (isSafe) return null;
    const message = "A request with the session cookie needs an Origin of the exchange's own";
    throw httpError(ErrorCode.PERMISSION_MISSING, message);
  }

  /** As `loginOf`, for an upgrade. A cookie counts only on pages of the exchange's own. */
  loginOfUpgrade(request: Request, address: string): Login | null | Promise<Login | null> {
    const account = accountOfUpgrade(request);
    const shown = this.#byHeader(request, address, "logIn");
    if (shown !== null) return forAccount(shown, account);
    const token = isOwnOrigin(request, this.#parts.isTls) ? cookieToken(request) : null;
    return token === null ? null : forAccount(this.#byCookie(token, address), account);
  }

  /** Whether a login is still valid. */
  stands(login: Login): boolean {
    return this.#parts.tokenLogins.stands(login);
  }

  #byHeader(
    request: Request,
    address: string,
    way: "verify" | "logIn" = "verify",
  ): Login | Promise<Login> | null {
    const { headers } = request;
    const { logins, tokenLogins } = this.#parts;
    const api_key = headers.get("x-api-key");
    if (api_key !== null) {
      const api_secret = headers.get("x-api-secret") ?? "";
      return accepted(logins[way]({ api_key, api_secret }, address));
    }
    const token = bearerToken(request);
    if (token === "") return null;
    const login = tokenLogins.verify(token, address, this.#payFor(address));
    return login instanceof Promise ? login.then(accepted) : accepted(login);
  }

  /** The check of another issuer's signature costs the address 1, whether the signature is right or wrong. */
  #payFor(address: string): () => void {
    return () => this.#parts.gate.chargeAddress(address, 1);
  }

  /** The login of a cookie's token; null when its session is over, because browsers keep such cookies. */
  #byCookie(token: string, address: string): Login | null | Promise<Login | null> {
    const login = this.#parts.tokenLogins.verify(token, address, this.#payFor(address));
    return login instanceof Promise ? login.then(unlessOver) : unlessOver(login);
  }
}

const accountHeader = (request: Request): string | null => request.headers.get("x-account-id");

/**
 * The account that an upgrade names; null: none. Browsers set no headers on an upgrade, so without the header the query's
 * `account_id` counts.
 */
export function accountOfUpgrade(request: Request): string | null {
  const named = accountHeader(request) ?? queryOf(request).get("account_id");
  // Connections keep it. With one character more than an account can have it still names none.
  return named?.slice(0, NAME_CHARACTERS_MAX + 1) ?? null;
}

/** The login for the account that a request names; null: it names none. Throws or rejects with `HttpError` 40301. */
function forAccount(
  login: Login | null | Promise<Login | null>,
  account: string | null,
): Login | null | Promise<Login | null> {
  if (account === null) return login;
  const chosen = (found: Login | null) => found && accepted(loginFor(found, account));
  return login instanceof Promise ? login.then(chosen) : chosen(login);
}

function accepted(login: Login | ErrorBody): Login {
  if ("code" in login) throw new HttpError(login);
  return login;
}

function unlessOver(login: Login | ErrorBody): Login | null {
  if (!("code" in login)) return login;
  const { WRONG_CREDENTIALS, KEY_NOT_VALID, TOO_MANY_LOGINS } = ErrorCode;
  const over: readonly number[] = [WRONG_CREDENTIALS, KEY_NOT_VALID, TOO_MANY_LOGINS];
  if (over.includes(login.code)) return null;
  throw new HttpError(login);
}
