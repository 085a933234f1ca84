/**
 * Verifies the sealed segments after a start, beside the exchange and at the lowest priority. The start itself reads
 * only what came after its snapshot; damage before that would be found when somebody needs those segments.
 */
import type { Log } from "../lib/log.ts";
import { outputOf } from "./background-process.ts";
import type { JournalCheckRequest, JournalCheckResult } from "./journal-check-request.ts";

/** The pause after each segment, for the disk's sake. Reading a segment takes about a tenth of it. */
const PAUSE_MS = 1000;

export interface JournalCheckParts extends Pick<JournalCheckRequest, "walDir" | "through"> {
  /** The command that verifies, without its request (`journal-check-worker.ts`). */
  program: readonly string[];
  log: Log;
  pauseMs?: number;
}

export class JournalCheck {
  readonly #parts: JournalCheckParts;
  readonly #end = new AbortController();
  #reason: string | null = null;

  constructor(parts: JournalCheckParts) {
    this.#parts = parts;
  }

  /** The damage that was found, with file and byte; null when there is none, or none was found yet. */
  reason(): string | null {
    return this.#reason;
  }

  /** Begins the check; resolves when it has ended, also when it failed. Never rejects. */
  async start(): Promise<void> {
    const { log, through } = this.#parts;
    if (through === 0) return;
    try {
      const { damage, segments, milliseconds } = await this.#run();
      if (damage === null) {
        log.info({ segments, milliseconds }, "the sealed segments are sound");
        return;
      }
      this.#reason = `${damage.file}: damaged at byte ${damage.offset}: ${damage.reason}`;
      log.error(damage, "a sealed segment is damaged; trading goes on");
    } catch (error) {
      if (this.#end.signal.aborted) return;
      log.warn({ error: String(error) }, "the sealed segments were not verified");
    }
  }

  /** Ends the check where it is. */
  stop(): void {
    this.#end.abort();
  }

  async #run(): Promise<JournalCheckResult> {
    const { walDir, through, program, pauseMs = PAUSE_MS } = this.#parts;
    const request: JournalCheckRequest = { walDir, through, pauseMs };
    const { signal } = this.#end;
    const output = await outputOf([...program, JSON.stringify(request)], { env: {}, signal });
    return (await output.json()) as JournalCheckResult;
  }
}
