/**
 * The signatures that were taken, so that none is taken twice: as long as the clock lets one in, by whatever connection
 * it comes, and also when the exchange was killed and started meanwhile. They are remembered for a minute by a clock that
 * is never set, so that a wall clock set back by less lets none in again. One that was ahead keeps nobody out when it is
 * right again.
 *
 * ```
 *   take ─► memory, and a line "<api_key> <timestamp>" at the end of the file
 *   open ◄─ the file's lines; too old ones are left out, and the file is written anew
 * ```
 *
 * The lines are written, not flushed: a power failure may take the last of them. It takes longer than they count.
 */
import { LineFile } from "../host/line-file.ts";
import type { Clocks } from "../lib/clocks.ts";
import type { Log } from "../lib/log.ts";

/** The file in the data directory. */
export const USED_SIGNATURES_FILE = "used-signatures";

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
  /** By `<api_key> <timestamp>`, which stands for the signature: when it was taken, in that order. */
  readonly #taken = new Map<string, number>();
  readonly #file: LineFile;

  private constructor(parts: UsedSignaturesParts) {
    const { path, log } = parts;
    this.#parts = parts;
    // What is lost while the disk is full is lost for a restart within seconds only.
    const all = (): string[] => [...this.#taken.keys()];
    this.#file = new LineFile({ path, log, warning: "signature not kept", all });
  }

  /** Throws what the file system says when the file can be neither read nor written. */
  static open(parts: UsedSignaturesParts): UsedSignatures {
    const used = new UsedSignatures(parts);
    const [now, openedAt] = [parts.now(), parts.monotonic()];
    const text = used.#file.read();
    for (const [line, , timestamp] of text.matchAll(/^(\S+) (\d{1,15})$/gm)) {
      // What is further from the clock is not let in before it would be forgotten.
      const counts = Math.abs(Number(timestamp) - now) <= REMEMBERED_MS - SIGNATURE_WINDOW_MS;
      if (counts) used.#taken.set(line, openedAt);
    }
    used.#file.rewrite();
    return used;
  }

  /** False when a signature of this key with this timestamp, which is within the window, was taken before. */
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
