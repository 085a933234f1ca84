/**
 * Remembers the signatures that were accepted, so that none is accepted twice: not on another connection, and not after the
 * exchange was killed and started again. Each is remembered for a minute by a clock that is never set. So a wall clock that
 * is set back by less than that lets no old signature in again. A wall clock that was ahead and is corrected keeps nobody out.
 *
 * ```
 *   take ─► memory, and a line "<api_key> <timestamp>" at the end of the file
 *   open ◄─ the file's lines; too old ones are left out, and the file is written anew
 * ```
 *
 * Lines are written but not flushed, so a loss of power may take the last ones. A restart of the machine takes longer than
 * their signatures are valid.
 */
import { LineFile } from "../host/line-file.ts";
import type { Clocks } from "../lib/clocks.ts";
import type { Log } from "../lib/log.ts";

/** The file in the data directory. */
export const USED_SIGNATURES_FILE = "used-signatures";

const LINE = /^(\S+) (\d{1,15})$/;

/** How far a signature's timestamp may be from the exchange's clock, either way. */
export const SIGNATURE_WINDOW_MS = 5000;
/** How long a signature is remembered. */
const REMEMBERED_MS = 60_000;

export interface UsedSignaturesParts extends Clocks {
  path: string;
  log: Pick<Log, "warn">;
}

export class UsedSignatures {
  readonly #parts: UsedSignaturesParts;
  /** When each signature was accepted, by `<api_key> <timestamp>`, the oldest first. */
  readonly #taken = new Map<string, number>();
  readonly #file: LineFile;

  private constructor(parts: UsedSignaturesParts) {
    const { path, log } = parts;
    this.#parts = parts;
    // If the disk is full, signatures are missing from the file only for a restart within the next seconds.
    const all = (): string[] => [...this.#taken.keys()];
    this.#file = new LineFile({ path, log, warning: "signature not kept", all });
  }

  /** Reads the file and writes it anew. Throws what the file system says when one of these fails. */
  static open(parts: UsedSignaturesParts): UsedSignatures {
    const used = new UsedSignatures(parts);
    const [now, openedAt] = [parts.now(), parts.monotonic()];
    const { lines, torn } = used.#file.read(LINE);
    // A torn line may be whole but for its end, and then its signature was accepted.
    const last = LINE.exec(torn);
    for (const [line, , timestamp] of last === null ? lines : [...lines, last]) {
      // A timestamp further from the clock does not become valid before its signature would be forgotten.
      const counts = Math.abs(Number(timestamp) - now) <= REMEMBERED_MS - SIGNATURE_WINDOW_MS;
      if (counts) used.#taken.set(line, openedAt);
    }
    used.#file.rewrite();
    return used;
  }

  /**
   * Notes that a signature of this key with this timestamp is used. False when one was used before. `timestamp` has to be
   * within `SIGNATURE_WINDOW_MS` of the clock.
   */
  take(apiKey: string, timestamp: number): boolean {
    const now = this.#parts.monotonic();
    this.#forget(now);
    const line = `${apiKey} ${timestamp}`;
    if (this.#taken.has(line)) return false;
    this.#taken.set(line, now);
    this.#file.append(line);
    return true;
  }

  close(): void {
    this.#file.close();
  }

  #forget(now: number): void {
    for (const [line, takenAt] of this.#taken) {
      if (now - takenAt < REMEMBERED_MS) break;
      this.#taken.delete(line);
    }
  }
}
