/** Certificates for a test, made by openssl. */
import { renameSync } from "node:fs";
import { join } from "node:path";

const SCRIPT = join(import.meta.dir, "../../scripts/tls-clients.sh");
const missing = Bun.spawnSync([SCRIPT, "missing"]).stdout.toString().trim();

/**
 * Whether tests with other programs' TLS clients are skipped, which is logged in one line. In CI they never
 * are.
 */
export function skipsWithoutTlsClients(): boolean {
  if (process.env.CI !== undefined || missing === "") return false;
  process.stderr.write(
    `Tests of TLS are skipped without ${missing.replaceAll("\n", ", ")}; as root: scripts/tls-clients.sh install\n`,
  );
  return true;
}

export interface CertificateRequest {
  /** The common name of the subject; it distinguishes certificates. */
  name: string;
  hosts?: readonly string[];
  days?: number;
}

export interface CertificatePaths {
  certificate: string;
  key: string;
}

/** Makes a self-signed certificate. It replaces one of the same file name. */
export function makeCertificate(
  directory: string,
  file: string,
  { name, hosts = ["localhost"], days = 365 }: CertificateRequest,
): CertificatePaths {
  const paths = {
    certificate: join(directory, `${file}.pem`),
    key: join(directory, `${file}.key`),
  };
  const names = [...hosts.map((host) => `DNS:${host}`), "IP:127.0.0.1"].join(",");
  const made = Bun.spawnSync([
    ...[
      "openssl",
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
    ],
    ...["-keyout", `${paths.key}.new`, "-out", `${paths.certificate}.new`, "-days", `${days}`],
    ...["-subj", `/CN=${name}`, "-addext", `subjectAltName=${names}`],
  ]);
  if (made.exitCode !== 0) throw new Error(made.stderr.toString());
  renameSync(`${paths.key}.new`, paths.key);
  renameSync(`${paths.certificate}.new`, paths.certificate);
  return paths;
}

/** Replaces it by one that expired yesterday. */
export function letExpire({ certificate, key }: CertificatePaths): void {
  const made = Bun.spawnSync([
    ...["openssl", "x509", "-in", certificate, "-signkey", key, "-days", "-1"],
    ...["-out", certificate],
  ]);
  if (made.exitCode !== 0) throw new Error(made.stderr.toString());
}

/** The output of openssl s_client for a connection. */
export async function askOpenssl(port: number, ...options: string[]) {
  const child = Bun.spawn(["openssl", "s_client", "-connect", `127.0.0.1:${port}`, ...options], {
    stdin: new Blob([]),
    stderr: "pipe",
  });
  const texts = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const text = texts.join("\n");
  const [, subject = null] = /^subject=CN = (.*)$/m.exec(text) ?? [];
  const [, version = null] = /^New, (TLSv[\d.]+), /m.exec(text) ?? [];
  const [, alpn = null] = /^ALPN protocol: (.*)$/m.exec(text) ?? [];
  const [, alert = null] = /SSL alert number (\d+)/.exec(text) ?? [];
  return { subject, version, alpn, alert };
}
