/** What every answer tells a browser: to load nothing, to be framed nowhere, to guess no type, to name no referrer. */

/** The policy of answers that are not pages. A page has a policy of its own, for what it loads. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** For two years, a browser that has used TLS once does not connect without it. */
const STRICT_TRANSPORT_SECURITY = "max-age=63072000";

export type ResponseHeaders = Readonly<Record<string, string>>;

const ALWAYS: ResponseHeaders = {
  "Content-Security-Policy": CONTENT_SECURITY_POLICY,
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
};

export function securityHeaders(isTls: boolean): ResponseHeaders {
  return isTls ? { ...ALWAYS, "Strict-Transport-Security": STRICT_TRANSPORT_SECURITY } : ALWAYS;
}
