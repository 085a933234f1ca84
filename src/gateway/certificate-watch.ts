/** Whether the certificates in use are about to expire, and those that would replace them have. */
import type { Certificate } from "../config/certificates.ts";

const DAY_MS = 86_400_000;
/** Automatic renewals come 30 days ahead: with 14 days left, they have failed. */
const AHEAD_MS = 14 * DAY_MS;

export class CertificateWatch {
  #certificates: readonly Certificate[];
  readonly #now: () => number;

  /** `now`: milliseconds since 1970. */
  constructor(certificates: readonly Certificate[], now: () => number) {
    this.#certificates = certificates;
    this.#now = now;
  }

  get isTls(): boolean {
    return this.#certificates.length > 0;
  }

  /** Throws for one that has expired, unless it is in use: in place of another it would end what works. */
  expectUsable(certificates: readonly Certificate[]): void {
    for (const certificate of certificates) {
      const { expiresAt, chain } = certificate;
      if (expiresAt > this.#now() || this.#certificates.some((used) => used.chain === chain))
        continue;
      const expired = new Date(expiresAt).toISOString();
      throw new Error(
        `gateway.tls: the new certificate for ${nameOf(certificate)} expired on ${expired}`,
      );
    }
  }

  renewed(certificates: readonly Certificate[]): void {
    this.#certificates = certificates;
  }

  /** Of the certificate that expires first; null while there is time. */
  reason(): string | null {
    const [first] = this.#certificates.toSorted((a, b) => a.expiresAt - b.expiresAt);
    if (first === undefined) return null;
    const left = first.expiresAt - this.#now();
    if (left > AHEAD_MS) return null;
    const state = left > 0 ? `expires in ${Math.floor(left / DAY_MS)} days` : "has expired";
    return `the certificate for ${nameOf(first)} ${state}: renew its file and send SIGHUP`;
  }
}

function nameOf({ names: [name = "one without a host name"] }: Certificate): string {
  return name;
}
