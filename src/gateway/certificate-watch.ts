/** Watches when the certificates in use expire, and refuses new ones that have expired. */
import type { Certificate } from "../config/certificates.ts";

const DAY_MS = 86_400_000;
/** Automatic renewals are usually done 30 days before the end. With 14 days left, they have failed. */
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

  /**
   * Throws when a new certificate has expired, because it would replace one that works. One that is in use already is
   * accepted.
   */
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

  /** Says which certificate expires first, when that is soon; null while there is time. */
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
