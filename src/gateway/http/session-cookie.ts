/** The cookie that shows a session's token: for pages of the exchange's own, where no script reads it. */
const NAME = "waiver_session";
/** One after the other, and not all cookies in a list: a header may have thousands of them. */
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

/** `Set-Cookie` of a session for so many seconds; 0 takes it away. */
export function sessionCookie(token: string, seconds: number, isSecure: boolean): string {
  const secure = isSecure ? "; Secure" : "";
  return `${NAME}=${token}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}
