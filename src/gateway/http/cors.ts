/**
 * Lets pages of origins that the operator allows read answers. Such pages cannot send cookies. They send their key or token
 * in headers, for which browsers first ask with OPTIONS.
 */

/** Headers that such a page may send. */
const REQUEST_HEADERS = [
  "Authorization",
  "Content-Type",
  "If-None-Match",
  "X-ACCOUNT-ID",
  "X-API-KEY",
  "X-API-SECRET",
].join(", ");
/** Headers that it may read, beside those that every page may. */
const RESPONSE_HEADERS = [
  "ETag",
  "Retry-After",
  "X-RateLimit-Limit",
  "X-RateLimit-Remaining",
  "X-RateLimit-Reset",
].join(", ");
/** How long a browser may keep the answer to OPTIONS, seconds. */
const KEPT_S = "600";

export class Cors {
  readonly #origins: readonly string[];

  /** `origins`: such as `https://example.com`. */
  constructor(origins: readonly string[]) {
    this.#origins = origins;
  }

  /** Adds the headers that let the page read `response`, if the request comes from an allowed origin. */
  open(request: Request, { headers }: Response): void {
    if (this.#origins.length === 0) return;
    headers.append("Vary", "Origin");
    const origin = request.headers.get("origin");
    if (origin === null || !this.#origins.includes(origin)) return;
    headers.set("Access-Control-Allow-Origin", origin);
    headers.set("Access-Control-Expose-Headers", RESPONSE_HEADERS);
    if (request.method !== "OPTIONS") return;
    headers.set("Access-Control-Allow-Methods", headers.get("allow") ?? "");
    headers.set("Access-Control-Allow-Headers", REQUEST_HEADERS);
    headers.set("Access-Control-Max-Age", KEPT_S);
  }
}
