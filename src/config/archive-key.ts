/** The key that seals users and keys in the archive: from the environment, or from a file. */

import { readFileSync } from "node:fs";

const EXPECTED =
  "expected 64 hexadecimal digits or 44 characters of base64, 32 bytes (openssl rand -hex 32)";

export interface ArchiveKey {
  /** Null = none is configured, or it cannot be used. */
  key: Uint8Array | null;
  /** Why the key cannot be used, without the key itself; null = it can, or there is none. */
  problem: string | null;
}

/** Reads the key from `text`, the value of WAIVER_ARCHIVE_KEY, or where that is empty from `file`. */
export function readArchiveKey(text: string | undefined, file: string | undefined): ArchiveKey {
  if (text !== undefined && text !== "") return parse(text, "WAIVER_ARCHIVE_KEY");
  if (file === undefined) return { key: null, problem: null };
  const name = `persistence.cloud.key_file = ${JSON.stringify(file)}`;
  try {
    return parse(readFileSync(file, "utf8").trim(), name);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { key: null, problem: `${name}: cannot be read: ${reason}` };
  }
}

function parse(text: string, source: string): ArchiveKey {
  const isHex = /^[0-9a-f]{64}$/i.test(text);
  const isBase64 = /^[A-Za-z0-9+/]{43}=$/.test(text);
  if (!isHex && !isBase64) return { key: null, problem: `${source}: ${EXPECTED}` };
  return { key: new Uint8Array(Buffer.from(text, isHex ? "hex" : "base64")), problem: null };
}
