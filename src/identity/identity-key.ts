/**
 * The key that the store's file is sealed with, where a hash would not do: what signatures are checked with, and what
 * sessions are signed with. It is in a file of its own beside the store, so that a copy of the database alone logs
 * nobody in.
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
   * The key in `directory`, made with mode 0600 where there is none: 64 hexadecimal digits. Throws
   * `IdentityStoreError` when the file has anything else.
   */
  static async open(directory: string): Promise<IdentityKey> {
    const path = join(directory, IDENTITY_KEY_FILE);
    // On the disk, whole, before anything is sealed with it; nobody who trades waits for that.
    if (!existsSync(path)) await replaceFile(path, `${randomBytes(KEY_BYTES).toString("hex")}\n`);
    chmodSync(path, 0o600);
    const text = readFileSync(path, "utf8").trim();
    if (!/^[0-9a-f]{64}$/.test(text)) {
      throw new IdentityStoreError(`${path} is not a key: expected 64 hexadecimal digits`);
    }
    return new IdentityKey(Buffer.from(text, "hex"));
  }

  /**
   * `bytes` as hexadecimal text that only `unseal` with the same key and context reads: AES-256-GCM, a nonce of 12
   * bytes, the ciphertext, its tag.
   */
  seal(bytes: Uint8Array, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce);
    cipher.setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(bytes), cipher.final()]);
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString("hex");
  }

  /** Null when it was sealed with another key or for another context, or was changed since. */
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
