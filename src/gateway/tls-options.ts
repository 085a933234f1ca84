/** Certificates as `Bun.serve` takes them. */
import { constants } from "node:crypto";
import type { Certificate } from "../config/certificates.ts";

/** Of TLS 1.2: those with forward secrecy and an authenticated cipher. Those of 1.3 all are. */
const CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/**
 * The curves on which keys are agreed. The client chooses, and may choose P-384 without being able to do anything with it:
 * it takes the thread six times as long as these, of which every client has one.
 */
const CURVES = "X25519:P-256";

const OLD_VERSIONS = constants.SSL_OP_NO_TLSv1 | constants.SSL_OP_NO_TLSv1_1;

/**
 * The first certificate for clients that name no host or an unknown one, each for the host names in it; of two with
 * the same name the first. Bun answers no ALPN (ADR 0025), so whoever asks for HTTP/1.1 or HTTP/2 speaks HTTP/1.1.
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

/** Bun takes `ecdhCurve`, and does not declare it. */
function options({ chain, key }: Certificate): Bun.TLSOptions & { ecdhCurve: string } {
  return { cert: chain, key, ciphers: CIPHERS, ecdhCurve: CURVES, secureOptions: OLD_VERSIONS };
}
