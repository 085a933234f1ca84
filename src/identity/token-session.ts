/** A session: a login that lasts until its end. Its token logs in to it again. */
export interface TokenSession {
  /** 128 random bits in hexadecimal. Only the session's token contains it. */
  readonly id: string;
  readonly userNumber: number;
  /** The key that the session began with, and with which it ends. Null: it began with a password. */
  readonly apiKey: string | null;
  /** Milliseconds since 1970, as `expiresAt`. */
  readonly createdAt: number;
  readonly expiresAt: number;
}
