/**
 * Whether the page that sent a request is the exchange's own: browsers name its origin, and no page can change that. It
 * is the exchange's own when it leads to the host that was asked for: by https alone where the exchange itself speaks
 * TLS (`isTls`), otherwise by both, for a proxy before it may have ended TLS.
 */
export function isOwnOrigin({ headers }: Request, isTls: boolean): boolean {
  const origin = headers.get("origin");
  // A browser writes both in small letters; what a proxy is configured with may have capitals.
  const host = headers.get("host")?.toLowerCase();
  if (origin === null || host === undefined) return false;
  // Browsers leave the usual port out of an origin; a client may say it in Host.
  if (origin === `https://${host.replace(/:443$/, "")}`) return true;
  return !isTls && origin === `http://${host.replace(/:80$/, "")}`;
}
