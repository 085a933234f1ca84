/**
 * Decoys that are checked in place of keys that do not exist. So refusing an unknown key takes as long as refusing a wrong
 * secret, and nobody learns from the time which keys exist. The same name always gets the same decoy, so that its memory is
 * as likely to be in the processor's cache as a real key's.
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

  /** The decoy for a key that does not exist. It is looked up by name, as a real key is. */
  of(apiKey: string): DecoyKey {
    const name = this.#names[Bun.hash.xxHash32(apiKey) & (DECOYS - 1)] as string;
    return this.#byName.get(name) as DecoyKey;
  }
}
