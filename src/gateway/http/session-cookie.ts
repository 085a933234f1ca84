/** The cookie with a session's token, for pages of the exchange's own. Scripts cannot read it. */
const NAME = "waiver_session";
/** Finds one session cookie after the other. It makes no list of all cookies, because a header may have thousands of them. */
const SESSIONS = new RegExp(`(?:^|;)\\s*${NAME}=([^;]*)`, "g");

/**
 * The token in a request's cookie; null when there is none, or when there are several: one of them may be somebody
 * else's.
 */
export function cookieToken({ headers }: Request): string | null {
  const [first, second] = (headers.get("cookie") ?? "").matchAll(SESSIONS);
  if (second !== undefined) return null;
  return first?.[1]?.trim() || null;
}

/** `Set-Cookie` of a session that ends after `seconds`; 0 removes the cookie. */
export function sessionCookie(token: string, seconds: number, isSecure: boolean): string {
  const secure = isSecure ? "; Secure" : "";
  return `${NAME}=${token}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}
