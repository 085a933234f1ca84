/** A login that lasts, and that a token of its own shows. */
export interface TokenSession {
  /** 128 random bits in hexadecimal; only its token has it. */
  readonly id: string;
  readonly userNumber: number;
  /** The key that it began with; it ends with that. Null: it began without one, with a password. */
  readonly apiKey: string | null;
  /** Milliseconds since 1970, as the next. */
  readonly createdAt: number;
  readonly expiresAt: number;
}
