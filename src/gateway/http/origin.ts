/**
 * Whether the page that sent a request is the exchange's own. Browsers name a page's origin, and no page can change that. It
 * must lead to the host that was asked for. When the exchange itself speaks TLS (`isTls`), only https counts; otherwise http
 * and https, because a proxy in front may have ended TLS.
 */
export function isOwnOrigin({ headers }: Request, isTls: boolean): boolean {
  const origin = headers.get("origin");
  // A browser writes both in small letters. The host may have capitals when a proxy sets it.
  const host = headers.get("host")?.toLowerCase();
  if (origin === null || host === undefined) return false;
  // Browsers leave the default port out of an origin. A client may have it in `Host`.
  if (origin === `https://${host.replace(/:443$/, "")}`) return true;
  return !isTls && origin === `http://${host.replace(/:80$/, "")}`;
}
