/**
 * Whether the page that sent a request is the exchange's own: browsers name its origin, and no page can change that. It
 * is the exchange's own when it leads to the host that was asked for, whether a proxy before us ended TLS or not.
 */
export function isOwnOrigin({ headers }: Request): boolean {
  const [origin, host] = [headers.get("origin"), headers.get("host")];
  if (origin === null || host === null) return false;
  // Browsers leave the usual port out of an origin; a client may say it in Host.
  const own = [`http://${host.replace(/:80$/, "")}`, `https://${host.replace(/:443$/, "")}`];
  return own.includes(origin);
}
