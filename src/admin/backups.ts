/** `POST /admin/v1/backup`: a copy of the running exchange, checked by a process of its own. */
import { basename, isAbsolute, resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { type HttpError, httpError, invalidField } from "../gateway/http/responses.ts";
import { BackupRefused, type BackupReply } from "../housekeeping/backup.ts";
import type { Housekeeping } from "../housekeeping/housekeeping.ts";
import { startBackgroundProcess } from "../persistence/background-process.ts";
import type { Verification } from "../persistence/wal/verify.ts";
import { ErrorCode } from "../protocol/errors.ts";

export interface BackupsParts {
  config: Config;
  housekeeping: Pick<Housekeeping, "backUp">;
  /** How this program is started: what goes before `wal verify`. */
  command: readonly string[];
}

export class Backups {
  readonly #parts: BackupsParts;
  readonly #end = new AbortController();

  constructor(parts: BackupsParts) {
    this.#parts = parts;
  }

  /** `directory`: absolute, on the exchange's machine. Rejects with `HttpError`. */
  async make(directory: string): Promise<BackupReply> {
    const { config, housekeeping } = this.#parts;
    if (!isAbsolute(directory))
      throw invalidField("to", `Must be an absolute path, got ${directory}`);
    const options = {
      dataDir: resolve(config.dataDir),
      configuration: withoutSecrets(config),
      verify: (walDir: string) => this.#verify(walDir),
    };
    return housekeeping
      .backUp(resolve(directory), options)
      .catch((error: unknown) => Promise.reject(refusalOf(error)));
  }

  /** Ends the check of a copy that is under way. */
  close(): void {
    this.#end.abort();
  }

  /** Verifies the copy's journal and the snapshots beside it; returns the number of its last command. */
  async #verify(walDir: string): Promise<number> {
    const args = ["wal", "verify", "--json", "--wal-dir", walDir];
    const child = startBackgroundProcess([...this.#parts.command, ...args], {
      env: {},
      signal: this.#end.signal,
    });
    const [code, out, err] = await Promise.all([
      child.exited,
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    if (this.#end.signal.aborted) throw new Error("the exchange is shutting down");
    if (code !== 0) {
      const fault = faultOf(out);
      if (fault !== null) throw new Error(`the copy is not sound: ${fault}`);
      const ending = err.trim() || `it ended with ${child.signalCode ?? code}`;
      throw new Error(`the copy could not be checked: ${ending}`);
    }
    const { last } = JSON.parse(out) as { last: { sequence: number } | null };
    return last?.sequence ?? 0;
  }
}

/**
 * The sections of the configuration that have no secret. The other sections have keys, or name files with keys.
 */
function withoutSecrets({ market, rateLimits, players, maintenance, persistence }: Config): object {
  const { archive: _, ...local } = persistence;
  return { market, rateLimits, players, maintenance, persistence: local };
}

/** The fault that `wal verify` found; null when it could not verify. */
function faultOf(out: string): string | null {
  if (out === "") return null;
  const { damage, snapshots } = JSON.parse(out) as Verification;
  if (damage !== null) {
    const { file, offset, reason } = damage;
    return `${basename(file)}: damaged at byte ${offset}: ${reason}. Look at the exchange's own with \`waiver wal verify\``;
  }
  const bad = snapshots.find(({ unusable, matches }) => unusable !== null || matches === false);
  if (bad === undefined) return null;
  return `${basename(bad.file)}: ${bad.unusable ?? "it does not fit the journal"}`;
}

function refusalOf(error: unknown): HttpError {
  if (error instanceof BackupRefused) return invalidField("to", error.message);
  const reason = error instanceof Error ? error.message : String(error);
  return httpError(ErrorCode.INTERNAL, `No backup: ${reason}`, { status: 503 });
}
