/**
 * Encrypts bytes for the holder of a key: AES-256-GCM.
 *
 * ```
 *   "WAIVSEAL" │ version 1 │ nonce, 12 bytes │ ciphertext and its tag
 * ```
 *
 * `context` is not stored, and must be the same for both. So an object that was put in the place of another is
 * refused.
 */

import { ContentError } from "./content-error.ts";

const MAGIC = new TextEncoder().encode("WAIVSEAL\x01");
const NONCE_BYTES = 12;

export async function seal(
  key: Uint8Array,
  bytes: Uint8Array,
  context: string,
): Promise<Uint8Array> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = await crypto.subtle.encrypt(
    algorithm(nonce, context),
    await use(key, "encrypt"),
    copy(bytes),
  );
  return copy(Buffer.concat([MAGIC, nonce, new Uint8Array(sealed)]));
}

/**
 * Rejects with `ContentError` when the bytes were sealed with another key or context, or were changed since.
 */
export async function unseal(
  key: Uint8Array,
  sealed: Uint8Array,
  context: string,
): Promise<Uint8Array> {
  const start = MAGIC.length + NONCE_BYTES;
  if (!Buffer.from(sealed.subarray(0, MAGIC.length)).equals(MAGIC)) {
    throw new ContentError("it is not sealed, or was sealed by a newer program");
  }
  const nonce = copy(sealed.subarray(MAGIC.length, start));
  try {
    const bytes = await crypto.subtle.decrypt(
      algorithm(nonce, context),
      await use(key, "decrypt"),
      copy(sealed.subarray(start)),
    );
    return new Uint8Array(bytes);
  } catch (error) {
    throw new ContentError(
      "it was sealed with another key than the one given (WAIVER_ARCHIVE_KEY, persistence.cloud.key_file), or is damaged",
      { cause: error },
    );
  }
}

function algorithm(iv: Uint8Array<ArrayBuffer>, context: string) {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(context) };
}

function use(key: Uint8Array, what: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", copy(key), "AES-GCM", false, [what]);
}

/** A copy in memory of its own: the type that WebCrypto wants. */
function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
