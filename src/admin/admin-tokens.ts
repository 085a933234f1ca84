/**
 * The operators' tokens: each with a name and a role, of the secret only its hash. The one that the exchange starts
 * with, `root`, is not among them (`token.ts`).
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
/** Those that were revoked count too: their names stand in the journal. */
const TOKENS_MAX = 1000;

/** Who asks. */
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

  /** `rootToken`: the one that may everything. Throws when the file of the others cannot be used. */
  constructor(dataDir: string, rootToken: string) {
    this.#path = join(dataDir, ADMIN_TOKENS_FILE);
    this.#rootHash = hashOf(rootToken);
    this.#tokens = readTokens(this.#path);
  }

  /** Whose token it is; null when it is nobody's, or revoked. Hashes are compared: time tells nothing of a token. */
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
   * A new token, which works when it is on disk; `onRecord` is awaited before. A name is given once for ever, so that the
   * audit never means two. Rejects with `TokenRefused`.
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
   * Ends a token at once, and for good when the promise resolves; null when there is none of that name. Repeating it is
   * harmless. Rejects with `UntilRestart`.
   */
  revoke(name: string, now: number): Promise<ListedToken | null> {
    const revoked = (): readonly KeptToken[] =>
      this.#tokens.map((each) =>
        each.name === name ? { ...each, revoked_at: each.revoked_at ?? now } : each,
      );
    this.#tokens = revoked();
    return this.#writes.run(async () => {
      // One that was being made meanwhile is there by now.
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

/** Whether a role reaches what `needed` may. */
export function reaches(role: AdminRole, needed: AdminRole): boolean {
  return ADMIN_ROLES.indexOf(role) >= ADMIN_ROLES.indexOf(needed);
}

function listed({ hash: _, ...token }: KeptToken): ListedToken {
  return token;
}

function hashOf(token: string): string {
  return createHash("sha256").update(token, "utf8").digest("hex");
}

/** None where there is no file. */
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

/** Resolves when it is on disk under its name: a crash leaves the file before it or this one. */
async function writeTokens(path: string, tokens: readonly KeptToken[]): Promise<void> {
  await replaceFile(path, `${JSON.stringify({ version: VERSION, tokens }, null, 2)}\n`);
}
