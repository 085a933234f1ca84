/** Whether the certificates in use are about to expire. */
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

  renewed(certificates: readonly Certificate[]): void {
    this.#certificates = certificates;
  }

  /** Of the certificate that expires first; null while there is time. */
  reason(): string | null {
    const [first] = this.#certificates.toSorted((a, b) => a.expiresAt - b.expiresAt);
    if (first === undefined) return null;
    const left = first.expiresAt - this.#now();
    if (left > AHEAD_MS) return null;
    const [name = "one without a host name"] = first.names;
    const state = left > 0 ? `expires in ${Math.floor(left / DAY_MS)} days` : "has expired";
    return `the certificate for ${name} ${state}: renew its file and send SIGHUP`;
  }
}
