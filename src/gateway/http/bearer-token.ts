/** What a request carries as `Authorization: Bearer`; "" when it carries none. */
export function bearerToken(request: Request): string {
  const [, token = ""] = /^Bearer +(.*)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  return token;
}
