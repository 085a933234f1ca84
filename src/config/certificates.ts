/** The certificates that the exchange shows on TLS, read from their files. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Certificate {
  /** The certificate and its chain in PEM, the exchange's own first. */
  readonly chain: string;
  /** PEM, not encrypted. */
  readonly key: string;
  /** Host names of the certificate, in lower case; `*.example.com` among them. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/**
 * Reads certificates and keys from their files. `problems` has one line for each configuration key that is wrong. `names`:
 * the configuration keys with their values, for these lines.
 */
export function readCertificates(
  files: readonly (CertificateFiles & { names: CertificateFiles })[],
): {
  certificates: Certificate[];
  problems: string[];
} {
  const certificates: Certificate[] = [];
  const problems: string[] = [];
  for (const { certificate, key, names } of files) {
    try {
      certificates.push(readOne(certificate, key, names));
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { certificates, problems };
}

function readOne(certificatePath: string, keyPath: string, names: CertificateFiles): Certificate {
  const chain = readText(certificatePath, names.certificate);
  const key = readText(keyPath, names.key);
  const leaf = parsed(() => new X509Certificate(chain), names.certificate, "a certificate in PEM");
  const secret = parsed(
    () => createPrivateKey(key),
    names.key,
    "a private key in PEM, not encrypted",
  );
  if (!leaf.checkPrivateKey(secret)) {
    throw new Error(`${names.key}: expected the key of the certificate in ${certificatePath}`);
  }
  return { chain, key, names: hostNames(leaf), expiresAt: Date.parse(leaf.validTo) };
}

function readText(path: string, name: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name}: cannot be read: ${reason}`, { cause: error });
  }
}

function parsed<T>(parse: () => T, name: string, expected: string): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${name}: expected ${expected}`, { cause: error });
  }
}

function hostNames(leaf: X509Certificate): string[] {
  return (leaf.subjectAltName ?? "")
    .split(", ")
    .filter((entry) => entry.startsWith("DNS:"))
    .map((entry) => entry.slice("DNS:".length).toLowerCase());
}
