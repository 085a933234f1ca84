/** The tokens of sessions: JSON Web Tokens that the exchange signs with EdDSA. */
import type { KeyObject } from "node:crypto";
import { isCompactToken } from "./compact-token.ts";
import type { SessionKeys } from "./session-keys.ts";
import type { TokenSession } from "./token-session.ts";
import type { TokenSessions } from "./token-sessions.ts";
import { userId } from "./user.ts";

/** Issuer and audience of every token. They are the same for every exchange; the key shows that a token is from this one. */
const SESSION_ISSUER = "waiver";
const ALGORITHM = "EdDSA";
/** Longer texts are no tokens of this exchange: these have a third of this length. */
const CHARACTERS_MAX = 1024;

/** The library has 46 files, so it is loaded only at the first login with a token. */
const loadJose = () => import("jose");

export class SessionTokens {
  readonly #keys: SessionKeys;
  readonly #sessions: TokenSessions;
  /** The token of each session whose signature was checked. It is forgotten with the session. */
  readonly #checked = new WeakMap<TokenSession, string>();

  constructor(keys: SessionKeys, sessions: TokenSessions) {
    this.#keys = keys;
    this.#sessions = sessions;
  }

  /** Signs the token of a new session. */
  async issue({ id, userNumber, createdAt, expiresAt }: TokenSession): Promise<string> {
    const { kid, privateKey } = await this.#keys.current(createdAt);
    const { SignJWT } = await loadJose();
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM, kid, typ: "JWT" })
      .setIssuer(SESSION_ISSUER)
      .setAudience(SESSION_ISSUER)
      .setSubject(userId(userNumber))
      .setJti(id)
      .setIssuedAt(Math.floor(createdAt / 1000))
      .setExpirationTime(Math.floor(expiresAt / 1000))
      .sign(privateKey);
  }

  /**
   * The session of a token: "foreign" when this exchange did not sign it, "ended" when the session is not there any more.
   * The caller has to compare the session's `expiresAt` with the clock. Returns a promise only when the signature has to be
   * checked, which happens once for each token, and only for sessions that are there.
   */
  read(token: string): TokenSession | "foreign" | "ended" | Promise<TokenSession | "foreign"> {
    const claimed = claimsOf(token);
    const key = claimed && this.#keys.find(claimed.kid);
    if (!claimed || !key) return "foreign";
    const session = this.#sessions.get(claimed.jti);
    if (session === undefined) return "ended";
    if (this.#checked.get(session) === token) return session;
    return this.#check(token, key.publicKey, session);
  }

  async #check(
    token: string,
    publicKey: KeyObject,
    session: TokenSession,
  ): Promise<TokenSession | "foreign"> {
    const { jwtVerify } = await loadJose();
    try {
      await jwtVerify(token, publicKey, {
        algorithms: [ALGORITHM],
        issuer: SESSION_ISSUER,
        audience: SESSION_ISSUER,
        // The time of the token is not checked: the session says when it ends.
        currentDate: new Date(0),
      });
    } catch {
      return "foreign";
    }
    this.#checked.set(session, token);
    return session;
  }
}

/** Key and session that a token names; nothing is checked yet. Null when it is no token. */
function claimsOf(token: string): { kid: string; jti: string } | null {
  if (token.length > CHARACTERS_MAX || !isCompactToken(token)) return null;
  const [header = "", claims = ""] = token.split(".");
  try {
    const { kid } = jsonOf(header);
    const { jti } = jsonOf(claims);
    return typeof kid === "string" && typeof jti === "string" ? { kid, jti } : null;
  } catch {
    return null;
  }
}

/** Parses a part of a token. Throws when it is not JSON. */
function jsonOf(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
}
