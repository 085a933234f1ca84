/**
 * Path and query of a request. Bun makes `request.url` from the client's Host header. With `Host: [`, or without that header
 * (HTTP/1.0), it is no URL and `new URL` throws. So both are cut out of the text.
 */

/**
 * The path, still percent-encoded; "" when the request has none (CONNECT). For messages only, because Bun matches the routes.
 */
export function pathOf(request: Request): string {
  const { url } = request;
  const start = pathStart(url);
  const end = url.slice(start).search(/[?#]/);
  return end === -1 ? url.slice(start) : url.slice(start, start + end);
}

/** The most members of a query: more than any route takes. */
export const MEMBERS_MAX = 64;

/**
 * The first `MEMBERS_MAX` members of the query; empty when there is none. Never throws: badly encoded parts stay as far
 * as they can be read.
 */
export function queryOf(request: Request): URLSearchParams {
  return new URLSearchParams(queryText(request).split("&", MEMBERS_MAX).join("&"));
}

/** The query as it was sent, without its question mark; "" when there is none. */
export function queryText({ url }: Request): string {
  const [target = ""] = url.slice(pathStart(url)).split("#", 1);
  const start = target.indexOf("?");
  return start === -1 ? "" : target.slice(start + 1);
}

/** Where the path begins: at 0, or behind the authority, in which no slash can be. */
function pathStart(url: string): number {
  if (url.startsWith("/")) return 0;
  const start = url.indexOf("/", url.indexOf("://") + "://".length);
  return start === -1 ? url.length : start;
}
