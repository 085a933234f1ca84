/** Certificates as `Bun.serve` takes them. */
import { constants } from "node:crypto";
import type { Certificate } from "../config/certificates.ts";

/** Cipher suites of TLS 1.2 with forward secrecy and authenticated encryption. All suites of TLS 1.3 have both. */
const CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/**
 * Curves for key agreement, of which every client has one. P-384 is not among them: it takes this thread six times as long,
 * and a client may choose it without doing any work for it.
 */
const CURVES = "X25519:P-256";

const OLD_VERSIONS = constants.SSL_OP_NO_TLSv1 | constants.SSL_OP_NO_TLSv1_1;

/**
 * Options for `Bun.serve`. The first certificate is for clients that name no host or an unknown one. Each certificate is for
 * the host names in it; when two have the same name, the first of them is used. Bun does not answer ALPN (ADR 0025), so
 * clients that ask for HTTP/1.1 or HTTP/2 speak HTTP/1.1.
 */
export function tlsOptions(certificates: readonly Certificate[]): Bun.TLSOptions[] {
  const [first] = certificates;
  if (first === undefined) return [];
  const byName = new Map<string, Certificate>();
  for (const certificate of certificates) {
    for (const name of certificate.names) {
      if (!byName.has(name)) byName.set(name, certificate);
    }
  }
  return [
    options(first),
    ...[...byName].map(([serverName, certificate]) => ({ ...options(certificate), serverName })),
  ];
}

/** Bun supports `ecdhCurve`, but does not declare it. */
function options({ chain, key }: Certificate): Bun.TLSOptions & { ecdhCurve: string } {
  return { cert: chain, key, ciphers: CIPHERS, ecdhCurve: CURVES, secureOptions: OLD_VERSIONS };
}
