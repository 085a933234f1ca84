/**
 * `GET /admin/v1/audit`: pages of the audit. Each is made by a process of its own, this program's `audit`
 * command, so that no tick waits for it (`docs/adr/0016-audit.md`).
 */

import { httpError } from "../../gateway/http/responses.ts";
import { linesOf } from "../../lib/lines.ts";
import { startBackgroundProcess } from "../../persistence/background-process.ts";
import { ErrorCode } from "../../protocol/errors.ts";
import { UnavailableError } from "../../router/control.ts";
import type { JournalSource } from "./journal-replay.ts";

/** A page that takes longer is given up. */
const PAGE_TIMEOUT_MS = 60_000;
/** A page ends with the entry that reaches it: one command may have a million fills. */
const PAGE_BYTES_MAX = 4 * 1024 * 1024;

const NOBODY_WAITS = "Nobody waits for it";

export interface AuditPagesOptions {
  /** How this program is started: what goes before `audit`. */
  command: readonly string[];
  source: JournalSource;
  /** The directory of the player registry, whose names are shown beside symbols. */
  dataDir: string;
  /** The last tick that is on disk: nobody is told of a later one. */
  durableTick(): Promise<number>;
}

/** Exit code of `waiver audit` when the journal does not reach back to what was asked for. */
export const EXIT_START_MISSING = 3;

/** What a page is about. Members that are not given do not narrow it. */
export interface AuditPageAbout {
  /** Where the page begins, in the form of `--from`; instead of a sequence number. */
  from?: string | undefined;
  /** The last `limit` entries, instead of those from a place on. */
  newest?: boolean | undefined;
  account?: string | undefined;
  user?: string | undefined;
  by?: string | undefined;
  /** `SYMBOL_<n>` */
  symbol?: string | undefined;
}

type Child = ReturnType<typeof startBackgroundProcess>;

export class AuditPages {
  readonly #options: AuditPagesOptions;
  /** Aborts the page that is being made, with the error that its reader gets. */
  #making: AbortController | null = null;

  constructor(options: AuditPagesOptions) {
    this.#options = options;
  }

  /**
   * `{entries, next_seq}` as JSON text: up to `limit` entries of what it is `about`, from command number `fromSequence`
   * on; `next_seq` is null when there is no more yet. One page at a time. Rejects with `UnavailableError` when
   * another is being made, this one takes too long or the exchange closes, when `signal` says so, and with
   * REPLAY_UNAVAILABLE when the journal does not reach back to it.
   */
  async page(
    fromSequence: number,
    limit: number,
    signal: AbortSignal,
    { newest = false, ...about }: AuditPageAbout = {},
  ): Promise<string> {
    // The listener below would not hear of it any more.
    if (signal.aborted) throw unavailable(NOBODY_WAITS);
    if (this.#making !== null) throw unavailable("Another page of the audit is being made");
    const making = new AbortController();
    this.#making = making;
    const late = `Not made in ${PAGE_TIMEOUT_MS / 1000} s: use \`waiver audit\` for a journal of this length`;
    const timer = setTimeout(() => making.abort(unavailable(late)), PAGE_TIMEOUT_MS);
    signal.addEventListener("abort", () => making.abort(unavailable(NOBODY_WAITS)));
    try {
      const tick = await this.#options.durableTick();
      making.signal.throwIfAborted();
      // One more than asked for shows whether there is more; behind the newest there is none.
      const [wanted, most] = newest
        ? [about, limit]
        : [{ from: String(fromSequence), ...about }, limit + 1];
      const child = this.#start(wanted, most, tick, making.signal);
      const { lines, isCut } = await readChild(child, making.signal);
      const entries = lines.slice(0, limit);
      const hasMore = isCut || lines.length > limit;
      const next = hasMore ? JSON.parse(entries.at(-1) as string).sequence + 1 : null;
      return `{"entries":[${entries.join(",")}],"next_seq":${next}}`;
    } finally {
      clearTimeout(timer);
      this.#making = null;
    }
  }

  /** Aborts the page that is being made. */
  close(): void {
    this.#making?.abort(new UnavailableError(ErrorCode.SHUTTING_DOWN, "shutting down"));
  }

  #start(about: AuditPageAbout, limit: number, toTick: number, signal: AbortSignal): Child {
    const { command, source, dataDir } = this.#options;
    const options = Object.entries({ ...about, to: `tick:${toTick}`, limit });
    const given = options.filter(([, value]) => value !== undefined);
    const args = ["audit", "--json", ...given.map(([name, value]) => `--${name}=${value}`)];
    return startBackgroundProcess([...command, ...args], {
      // All that the process needs to know.
      env: {
        WAIVER_DATA_DIR: dataDir,
        WAIVER_PERSISTENCE__LOCAL__WAL_DIR: source.walDir,
        WAIVER_PERSISTENCE__LOCAL__SNAPSHOT_DIR: source.snapshotDir,
        WAIVER_PLAYERS__SYMBOLS_MAX: String(source.symbolsMax),
      },
      signal,
    });
  }
}

/**
 * The lines that the process printed. `isCut`: there were more than fit on a page. Throws the signal's reason
 * when `signal` was aborted, and the text of the process when it failed.
 */
async function readChild(
  child: Child,
  signal: AbortSignal,
): Promise<{ lines: string[]; isCut: boolean }> {
  const said = new Response(child.stderr).text();
  const lines: string[] = [];
  let bytes = 0;
  for await (const line of linesOf(child.stdout)) {
    lines.push(line);
    bytes += Buffer.byteLength(line) + 1;
    if (bytes >= PAGE_BYTES_MAX) {
      child.kill();
      return { lines, isCut: true };
    }
  }
  const code = await child.exited;
  signal.throwIfAborted();
  if (code === 0) return { lines, isCut: false };
  const reason = (await said).trim().replace(/^waiver: /, "");
  if (code === EXIT_START_MISSING) {
    throw new UnavailableError(ErrorCode.REPLAY_UNAVAILABLE, reason);
  }
  const ending = `its process ended with ${child.signalCode ?? code}`;
  throw httpError(ErrorCode.INTERNAL, `No audit: ${reason || ending}`, { status: 503 });
}

function unavailable(message: string): UnavailableError {
  return new UnavailableError(ErrorCode.OVERLOADED, message);
}
