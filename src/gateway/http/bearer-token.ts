/** The token of `Authorization: Bearer`; "" when there is none. */
export function bearerToken(request: Request): string {
  const [, token = ""] = /^Bearer +(.*)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  return token;
}
