/** Logins with an API key, by its secret or by a signature. */
import type { LoginResult } from "../identity/api-key.ts";
import type { IdentityStore } from "../identity/identity-store.ts";
import { SIGNATURE_WINDOW_MS, type UsedSignatures } from "../identity/used-signatures.ts";
import type { Clocks } from "../lib/clocks.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import type { Params } from "../protocol/schemas.ts";
import { addressRefusal } from "./allowed-addresses.ts";
import type { Callers } from "./caller.ts";
import type { FailedLogins } from "./failed-logins.ts";
import { type Login, loginFor } from "./login.ts";
import type { LoginLines } from "./login-lines.ts";

export interface LoginsParts extends Clocks {
  identity: Pick<IdentityStore, "verifySecret" | "verifySignature" | "keysWithoutSignature">;
  signatures: Pick<UsedSignatures, "take">;
  callers: Callers;
  failures: FailedLogins;
  lines: Pick<LoginLines, "write">;
}

type LoginParams = Params<"auth.login">;
/** A login with a signature. The rules of `auth.login` require its timestamp. */
type SignedParams = LoginParams & { timestamp: number; signature: string };

/** The hint for a wrong signature, given for every key alike, so that nobody learns which keys exist. */
const LEARN_FIRST =
  "Wrong, or of a key that was made before signatures were served: such a key logs in once with its api_secret";

export class Logins {
  readonly #parts: LoginsParts;
  /** Sessions and connections that logged in since the start, for the metrics. */
  made = 0;

  constructor(parts: LoginsParts) {
    this.#parts = parts;
  }

  /** As `verify`, for a client that begins a session or logs a connection in: also counts and logs the login. */
  logIn(params: LoginParams, address: string): Login | ErrorBody {
    const login = this.verify(params, address);
    if (!("code" in login)) this.note(login, address);
    return login;
  }

  /** Counts and logs a login, with whatever it was made. */
  note(login: Login, address: string): void {
    this.made++;
    this.#parts.lines.write(login, address);
  }

  /**
   * Checks a login with a key from `address`. Returns the login, or the error: 40101, 40102, 40300, 40301 or 42904. Wrong logins are
   * counted, but never keep a right one out. It takes the same time whether the key exists or not.
   */
  verify(params: LoginParams, address: string): Login | ErrorBody {
    const login = isSigned(params)
      ? this.#bySignature(params, address)
      : this.#bySecret(params, address);
    if ("code" in login) return login;
    const { permissions } = login;
    if (params.cancel_on_disconnect === true && !permissions.includes("trade")) {
      return errorBody(ErrorCode.PERMISSION_MISSING, { permission: "trade" });
    }
    return loginFor(login, params.account_id);
  }

  #bySecret({ api_key, api_secret = "" }: LoginParams, address: string): Login | ErrorBody {
    const { identity, now } = this.#parts;
    const attempt = identity.verifySecret(api_key, api_secret, now());
    if (!attempt.ok) return this.#refused(errorBody(attempt.code), api_key, address);
    return this.#accepted(attempt, address);
  }

  #bySignature(params: SignedParams, address: string): Login | ErrorBody {
    const { identity, signatures, now } = this.#parts;
    const { api_key, timestamp, signature } = params;
    const clock = now();
    if (Math.abs(timestamp - clock) > SIGNATURE_WINDOW_MS) return outsideWindow(clock);
    const text = `auth.login\n${api_key}\n${timestamp}`;
    const attempt = identity.verifySignature(api_key, text, signature, clock);
    if (!attempt.ok) {
      const isHinted =
        attempt.code === ErrorCode.WRONG_CREDENTIALS && identity.keysWithoutSignature > 0;
      const details = isHinted ? { field: "signature", issue: LEARN_FIRST } : undefined;
      return this.#refused(errorBody(attempt.code, details), api_key, address);
    }
    if (signatures.take(api_key, timestamp)) return this.#accepted(attempt, address);
    const issue = "Was used before: sign a later timestamp";
    return errorBody(ErrorCode.WRONG_CREDENTIALS, { field: "signature", issue });
  }

  #refused(refusal: ErrorBody, apiKey: string, address: string): ErrorBody {
    const wait = this.#parts.failures.count(apiKey, address, this.#parts.monotonic());
    return wait === 0 ? refusal : errorBody(ErrorCode.TOO_MANY_LOGINS, { retry_after_ms: wait });
  }

  #accepted({ user, key }: LoginResult & { ok: true }, address: string): Login | ErrorBody {
    const refusal = addressRefusal(key, address);
    if (refusal !== null) return refusal;
    const { permissions } = key;
    const caller = this.#parts.callers.of(user, key);
    return { caller, permissions, key, session: null, issued: null, expiresAt: null };
  }
}

function isSigned(params: LoginParams): params is SignedParams {
  return params.signature !== undefined;
}

/** The error for a timestamp that is too far off. It comes before the key is looked up, so it is the same for every key. */
function outsideWindow(server_time: number): ErrorBody {
  const issue = `Must be within ${SIGNATURE_WINDOW_MS} ms of the exchange's clock, which is server_time`;
  return errorBody(
    ErrorCode.WRONG_CREDENTIALS,
    { field: "timestamp", issue, server_time },
    "Timestamp too far from the exchange's clock",
  );
}
