/**
 * The operators' tokens: each with a name, a role and the hash of its secret. The token that the exchange
 * starts with, `root`, is not among them (`token.ts`).
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { replaceFile } from "../host/replace-file.ts";
import { parseVersioned } from "../lib/newer-version.ts";
import { Serial } from "../lib/serial.ts";
import { UntilRestart } from "../lib/until-restart.ts";
import {
  ADMIN_ROLES,
  type AdminRole,
  type CreateTokenBody,
  type CreateTokenReply,
  GIVEN_ROLES,
  type ListedToken,
} from "../protocol/schemas/admin.ts";

export const ADMIN_TOKENS_FILE = "admin-tokens.json";

const ROOT_NAME = "root";
const TOKEN_RANDOM_BYTES = 32;
/** Revoked tokens count too, because the journal has their names. */
const TOKENS_MAX = 1000;

/** An operator, by his token. */
export interface Operator {
  readonly name: string;
  readonly role: AdminRole;
}

/** A token that cannot be made; the message says why. */
export class TokenRefused extends Error {
  override readonly name = "TokenRefused";
}

const keptToken = v.strictObject({
  name: v.string(),
  role: v.picklist(GIVEN_ROLES),
  /** SHA-256 of the token, hexadecimal: 256 random bits need no salt. */
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  created_at: v.number(),
  revoked_at: v.nullable(v.number()),
});
const VERSION = 1;
const fileSchema = v.strictObject({ version: v.literal(VERSION), tokens: v.array(keptToken) });
type KeptToken = Readonly<v.InferOutput<typeof keptToken>>;

export class AdminTokens {
  readonly #path: string;
  readonly #rootHash: string;
  readonly #writes = new Serial();
  #tokens: readonly KeptToken[];

  /** `rootToken`: the token with all rights. Throws when the file with the other tokens cannot be used. */
  constructor(dataDir: string, rootToken: string) {
    this.#path = join(dataDir, ADMIN_TOKENS_FILE);
    this.#rootHash = hashOf(rootToken);
    this.#tokens = readTokens(this.#path);
  }

  /**
   * The operator whose token it is; null when there is no such token, or it is revoked. Hashes are compared, so
   * the time that this takes tells nothing about a token.
   */
  operatorOf(token: string): Operator | null {
    const hash = hashOf(token);
    if (hash === this.#rootHash) return { name: ROOT_NAME, role: "root" };
    const kept = this.#tokens.find((each) => each.hash === hash && each.revoked_at === null);
    return kept === undefined ? null : { name: kept.name, role: kept.role };
  }

  list(): ListedToken[] {
    return this.#tokens.map(listed);
  }

  /**
   * Makes a new token, which works when it is on disk; `onRecord` is awaited before that. A name is never given
   * twice, so that a name in the audit means one token. Rejects with `TokenRefused`.
   */
  create(
    { name, role }: CreateTokenBody,
    now: number,
    onRecord: () => Promise<void>,
  ): Promise<CreateTokenReply> {
    return this.#writes.run(async () => {
      if (name === ROOT_NAME || this.#tokens.some((each) => each.name === name)) {
        throw new TokenRefused(`The name ${name} is or was another token's: give a new one`);
      }
      if (this.#tokens.length >= TOKENS_MAX) {
        throw new TokenRefused(`There are ${TOKENS_MAX} tokens already, with those revoked`);
      }
      await onRecord();
      const token = randomBytes(TOKEN_RANDOM_BYTES).toString("hex");
      const kept = { name, role, hash: hashOf(token), created_at: now, revoked_at: null };
      const tokens = [...this.#tokens, kept];
      await writeTokens(this.#path, tokens);
      this.#tokens = tokens;
      return { name, role, token };
    });
  }

  /**
   * Ends a token at once, and for good when the promise resolves; null when there is none of that name. Calling
   * it again is harmless. Rejects with `UntilRestart` when the token is revoked only until the next restart.
   */
  revoke(name: string, now: number): Promise<ListedToken | null> {
    const revoked = (): readonly KeptToken[] =>
      this.#tokens.map((each) =>
        each.name === name ? { ...each, revoked_at: each.revoked_at ?? now } : each,
      );
    this.#tokens = revoked();
    return this.#writes.run(async () => {
      // A token of that name may have been made meanwhile.
      this.#tokens = revoked();
      const token = this.#tokens.find((each) => each.name === name);
      if (token === undefined) return null;
      try {
        await writeTokens(this.#path, this.#tokens);
      } catch (error) {
        throw new UntilRestart(`The admin token ${name} is revoked`, { cause: error });
      }
      return listed(token);
    });
  }
}

/** Whether `role` has all rights of `needed`. */
export function reaches(role: AdminRole, needed: AdminRole): boolean {
  return ADMIN_ROLES.indexOf(role) >= ADMIN_ROLES.indexOf(needed);
}

function listed({ hash: _, ...token }: KeptToken): ListedToken {
  return token;
}

function hashOf(token: string): string {
  return createHash("sha256").update(token, "utf8").digest("hex");
}

/** The tokens in the file; none when there is no file. */
function readTokens(path: string): KeptToken[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  const parse = v.parser(fileSchema);
  return parseVersioned(path, text, VERSION, parse, "only the root token works").tokens;
}

/** Resolves when the file is on disk under its name. A crash leaves the old file or the new one. */
async function writeTokens(path: string, tokens: readonly KeptToken[]): Promise<void> {
  await replaceFile(path, `${JSON.stringify({ version: VERSION, tokens }, null, 2)}\n`);
}
