/** Logins with tokens: those of the exchange's sessions, and those of another issuer if one is configured. */
import type { IdentityStore } from "../identity/identity-store.ts";
import type { IssuerTokens } from "../identity/issuer-tokens.ts";
import type { TokenSession } from "../identity/token-session.ts";
import type { Clocks } from "../lib/clocks.ts";
import { type ErrorBody, ErrorCode, errorBody } from "../protocol/errors.ts";
import { addressRefusal } from "./allowed-addresses.ts";
import type { Callers } from "./caller.ts";
import type { FailedLogins } from "./failed-logins.ts";
import type { Login } from "./login.ts";
import { RETRY_AFTER_MS } from "./outcome.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Sessions that a user may begin at once, and how many a second after that. */
const BEGINS_BURST = 20;
const BEGINS_PER_SECOND = 1;
/** Longest token that is read, in characters. Neither the exchange nor a usual issuer makes longer ones. */
const TOKEN_CHARACTERS_MAX = 8192;

export interface TokenLoginsParts extends Clocks {
  identity: Pick<
    IdentityStore,
    "beginSession" | "sessions" | "tokens" | "ownerOf" | "stands" | "user"
  >;
  /** Null: no other issuer is configured. */
  issuer: IssuerTokens | null;
  callers: Callers;
  failures: FailedLogins;
  /** How long a session lasts, milliseconds. */
  sessionLifetimeMs: number;
}

/** A session that has begun. */
export interface Begun {
  readonly token: string;
  readonly login: Login;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export class TokenLogins {
  readonly #parts: TokenLoginsParts;
  readonly #begins = new Map<number, TokenBucket>();

  constructor(parts: TokenLoginsParts) {
    this.#parts = parts;
  }

  /**
   * Checks a token from `address`. Gives the login, or the error: 40101, 40102, 40300, 42904, 50300. `pay` is called before the
   * signature of another issuer is checked for the first time. When it throws, this throws the same.
   */
  verify(
    token: string,
    address: string,
    pay: () => void,
  ): Login | ErrorBody | Promise<Login | ErrorBody> {
    const { identity, issuer } = this.#parts;
    if (token.length > TOKEN_CHARACTERS_MAX) return this.#wrong(address);
    if (issuer?.issued(token)) {
      if (!issuer.isChecked(token)) pay();
      return this.#byIssuer(issuer, token, address);
    }
    const read = identity.tokens.read(token);
    if (!(read instanceof Promise)) return this.#bySession(read, address);
    return read.then((session) => this.#bySession(session, address));
  }

  #bySession(session: TokenSession | "foreign" | "ended", address: string): Login | ErrorBody {
    const { identity, callers, now } = this.#parts;
    if (session === "foreign") return this.#wrong(address);
    const owner = session === "ended" ? null : identity.ownerOf(session, now());
    if (session === "ended" || owner === null) return over();
    const { user, key } = owner;
    const refusal = addressRefusal(key, address);
    if (refusal !== null) return refusal;
    const { permissions } = key ?? user;
    const { expiresAt } = session;
    const caller = callers.of(user, key);
    return { caller, permissions, key, session, issued: null, expiresAt };
  }

  async #byIssuer(
    issuer: IssuerTokens,
    token: string,
    address: string,
  ): Promise<Login | ErrorBody> {
    const { identity, callers, now } = this.#parts;
    // Read before the check. If the keys change meanwhile, the version is an older one, and the token is checked again.
    const { keysVersion } = issuer;
    const read = await issuer.read(token, now());
    if (read === "unavailable") {
      const details = { retry_after_ms: RETRY_AFTER_MS };
      return errorBody(
        ErrorCode.OVERLOADED,
        details,
        "The keys of the token's issuer cannot be fetched; retry",
      );
    }
    if (read === "over") return over();
    const user = read === "wrong" ? undefined : identity.user(read.userNumber);
    if (read === "wrong" || user === undefined) return this.#wrong(address);
    if (user.disabledAt !== null) return over();
    const { permissions } = user;
    const caller = callers.of(user, null);
    const issued = { token, keysVersion };
    return { caller, permissions, key: null, session: null, issued, expiresAt: read.expiresAt };
  }

  /** Brings the issuer's keys up to date and resolves with their version; 0 when no issuer is configured. */
  async issuerKeys(): Promise<number> {
    const { issuer, now } = this.#parts;
    await issuer?.refresh(now());
    return issuer?.keysVersion ?? 0;
  }

  /**
   * Checks the token of another issuer's login again, with the issuer's present keys. Resolves with the login, or with null
   * when these keys did not sign it or it has expired. While the keys cannot be read, the login stays as it is.
   */
  async renewed(login: Login): Promise<Login | null> {
    const { issuer, now } = this.#parts;
    const { issued } = login;
    if (issuer === null || issued === null) return login;
    const { token } = issued;
    const { keysVersion } = issuer;
    const read = await issuer.read(token, now());
    if (read === "unavailable") return login;
    return typeof read === "string" ? null : { ...login, issued: { token, keysVersion } };
  }

  /**
   * Begins a session for a login with a key or a password. Its token can be used when this resolves. Or resolves with the
   * error: 40102 when the login is not good any more, 42904 when too many sessions begin.
   */
  async begin(login: Login): Promise<Begun | ErrorBody> {
    const { identity, sessionLifetimeMs, now } = this.#parts;
    const { caller, key } = login;
    const wait = this.#beginsOf(caller.user.number).take(this.#parts.monotonic());
    if (wait > 0) return errorBody(ErrorCode.TOO_MANY_LOGINS, { retry_after_ms: wait });
    const begunAt = now();
    const expiresAt = Math.min(
      begunAt + sessionLifetimeMs,
      key?.expiresAt ?? Number.MAX_SAFE_INTEGER,
    );
    const session = await identity.beginSession(
      caller.user.number,
      key?.apiKey ?? null,
      begunAt,
      expiresAt,
    );
    if (session === null) return over();
    const token = await identity.tokens.issue(session);
    return { token, login: { ...login, session, expiresAt }, expiresAt };
  }

  /** Whether a login is still good. It may have ended while its connection was being opened. */
  stands({ caller, key, session }: Login): boolean {
    const { identity, now } = this.#parts;
    return identity.stands(caller.user, key, session, now());
  }

  /** Ends a session for good; its token is not accepted any more. Rejects with `UntilRestart`. */
  async end(session: TokenSession): Promise<void> {
    await this.#parts.identity.sessions.end(session);
  }

  #beginsOf(user: number): TokenBucket {
    let bucket = this.#begins.get(user);
    if (bucket === undefined) {
      bucket = new TokenBucket(BEGINS_PER_SECOND, BEGINS_BURST, this.#parts.monotonic());
      this.#begins.set(user, bucket);
    }
    return bucket;
  }

  #wrong(address: string): ErrorBody {
    const wait = this.#parts.failures.count("", address, this.#parts.monotonic());
    if (wait > 0) return errorBody(ErrorCode.TOO_MANY_LOGINS, { retry_after_ms: wait });
    return errorBody(ErrorCode.WRONG_CREDENTIALS, undefined, "Not a token of this exchange");
  }
}

/** The error for a genuine token whose session has ended or that has expired. */
function over(): ErrorBody {
  return errorBody(ErrorCode.KEY_NOT_VALID, undefined, "Session ended or expired");
}
