/**
 * The key that seals those parts of the store that a hash cannot protect: the keys that check signatures, and the keys that
 * sign sessions. It has a file of its own beside the store, so that nobody can log in with a copy of the database alone.
 */

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../host/replace-file.ts";
import { IdentityStoreError } from "./identity-store-error.ts";

/** The key's file in the data directory. */
export const IDENTITY_KEY_FILE = "identity-key";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = "aes-256-gcm";

export class IdentityKey {
  readonly #key: Buffer;

  private constructor(key: Buffer) {
    this.#key = key;
  }

  /**
   * Reads the key in `directory`, or makes it with mode 0600: 64 hexadecimal digits. Rejects with `IdentityStoreError` when
   * the file has anything else.
   */
  static async open(directory: string): Promise<IdentityKey> {
    const path = join(directory, IDENTITY_KEY_FILE);
    // The whole key is on the disk before it seals anything. `replaceFile` lets trading go on while the disk is waited for.
    if (!existsSync(path)) await replaceFile(path, `${randomBytes(KEY_BYTES).toString("hex")}\n`);
    chmodSync(path, 0o600);
    const text = readFileSync(path, "utf8").trim();
    if (!/^[0-9a-f]{64}$/.test(text)) {
      throw new IdentityStoreError(`${path} is not a key: expected 64 hexadecimal digits`);
    }
    return new IdentityKey(Buffer.from(text, "hex"));
  }

  /**
   * Encrypts `bytes` with AES-256-GCM to a hexadecimal text: a nonce of 12 bytes, the ciphertext, its tag. Only `unseal` with
   * the same key and context can read it.
   */
  seal(bytes: Uint8Array, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce);
    cipher.setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString("hex");
  }

  /** The bytes that `seal` made `text` of; null when key or context are others, or when the text was changed. */
  unseal(text: string, context: string): Buffer | null {
    const sealed = Buffer.from(text, "hex");
    if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
    const end = sealed.length - TAG_BYTES;
    const decipher = createDecipheriv(ALGORITHM, this.#key, sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(sealed.subarray(end));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()]);
    } catch {
      return null;
    }
  }
}
