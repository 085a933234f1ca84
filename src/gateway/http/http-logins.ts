/** Who asks over HTTP: the door between a request's headers and trading's logins. */
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import type { Caller, Callers } from "../../trading/caller.ts";
import type { Login } from "../../trading/login.ts";
import type { Logins } from "../../trading/logins.ts";
import { bearerToken } from "./bearer-token.ts";
import { HttpError } from "./responses.ts";

export interface HttpLoginsParts {
  logins: Logins;
  callers: Callers;
}

export class HttpLogins {
  readonly #parts: HttpLoginsParts;

  constructor(parts: HttpLoginsParts) {
    this.#parts = parts;
  }

  /**
   * Who sent `request` from `address`; a stranger when it shows nothing. The answer is a promise only where a token has
   * to be looked up. Throws or rejects with `HttpError`: 40101 and 40102 for what it shows and is no good, 42904 after
   * too many of those, 40300 for a change by cookie from a page that is not the exchange's own.
   */
  callerOf(request: Request, address: string): Caller | Promise<Caller> {
    const login = this.loginOf(request, address);
    const { callers } = this.#parts;
    if (login instanceof Promise) {
      return login.then((found) => found?.caller ?? callers.anonymous(address));
    }
    return login?.caller ?? callers.anonymous(address);
  }

  /** As `callerOf`, with what he has shown; null: nothing. */
  loginOf(request: Request, address: string): Login | null | Promise<Login | null> {
    const { headers } = request;
    const key = headers.get("x-api-key");
    if (key !== null) return this.#byKey(key, headers.get("x-api-secret") ?? "", address);
    if (bearerToken(request) === "") return null;
    throw new HttpError(errorBody(ErrorCode.WRONG_CREDENTIALS));
  }

  #byKey(api_key: string, api_secret: string, address: string): Login {
    const login = this.#parts.logins.verify({ api_key, api_secret }, address);
    if ("code" in login) throw new HttpError(login);
    return login;
  }
}
