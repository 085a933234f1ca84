/**
 * What stands in for a key that does not exist, so that refusing it costs what refusing a wrong secret does: the same hash
 * and comparison, over memory that is as likely to be at hand. Each name has its own, always the same, as a key would.
 */
import { digestSecret, issueCredentials, type SecretDigest, signingKeyOf } from "./api-key.ts";

/** A power of two. */
const DECOYS = 1024;

export interface DecoyKey {
  readonly apiKey: string;
  readonly digest: SecretDigest;
  readonly signingKey: Buffer;
}

export class DecoyKeys {
  readonly #names: string[] = [];
  readonly #byName = new Map<string, DecoyKey>();

  constructor() {
    for (let i = 0; i < DECOYS; i++) {
      const { api_key: apiKey, api_secret } = issueCredentials();
      const decoy = {
        apiKey,
        digest: digestSecret(api_secret),
        signingKey: signingKeyOf(api_secret),
      };
      this.#names.push(apiKey);
      this.#byName.set(apiKey, decoy);
    }
  }

  /** Found by name, as keys are. */
  of(apiKey: string): DecoyKey {
    const name = this.#names[Bun.hash.xxHash32(apiKey) & (DECOYS - 1)] as string;
    return this.#byName.get(name) as DecoyKey;
  }
}
