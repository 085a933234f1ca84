/** The cookie that shows a session's token: for pages of the exchange's own, where no script reads it. */
const NAME = "waiver_session";

/**
 * The token in a request's cookie; null when there is none, or when there are several: one of them may be somebody
 * else's.
 */
export function cookieToken({ headers }: Request): string | null {
  const tokens = (headers.get("cookie") ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${NAME}=`))
    .map((pair) => pair.slice(NAME.length + 1));
  return tokens.length === 1 && tokens[0] !== "" ? (tokens[0] as string) : null;
}

/** `Set-Cookie` of a session for so many seconds; 0 takes it away. */
export function sessionCookie(token: string, seconds: number, isSecure: boolean): string {
  const secure = isSecure ? "; Secure" : "";
  return `${NAME}=${token}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`;
}
