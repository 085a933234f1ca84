/** The tokens of sessions: JSON Web Tokens, signed with EdDSA by a key of the exchange. */
import type { KeyObject } from "node:crypto";
import { isCompactToken } from "./compact-token.ts";
import type { SessionKeys } from "./session-keys.ts";
import type { TokenSession } from "./token-session.ts";
import type { TokenSessions } from "./token-sessions.ts";
import { userId } from "./user.ts";

/** Issuer and audience of every token: what makes it one of this exchange is its key. */
const SESSION_ISSUER = "waiver";
const ALGORITHM = "EdDSA";
/** A token of ours is a third of that. */
const CHARACTERS_MAX = 1024;

/** It is 46 files: loaded for the first who logs in with a token. */
const loadJose = () => import("jose");

export class SessionTokens {
  readonly #keys: SessionKeys;
  readonly #sessions: TokenSessions;
  /** The token of a session, whose signature was checked; it is forgotten with the session. */
  readonly #checked = new WeakMap<TokenSession, string>();

  constructor(keys: SessionKeys, sessions: TokenSessions) {
    this.#keys = keys;
    this.#sessions = sessions;
  }

  /** The token of a session that begins at `nowMs`. */
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
   * The session that a token is of: "foreign" when no key of the exchange signed it, "ended" when there is no such
   * session any more. Whether it is over by the clock is for the caller to see. A promise only where a signature has to
   * be checked: once a token, and only of sessions that there are.
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
        // The session's own record says when it is over.
        currentDate: new Date(0),
      });
    } catch {
      return "foreign";
    }
    this.#checked.set(session, token);
    return session;
  }
}

/** What a token says of itself, not checked yet; null when it is no token. */
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

/** Throws when it is none. */
function jsonOf(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
}
