/**
 * Keeps the archive up to date with a running exchange.
 *
 * ```
 *   every uploadIntervalMs, or when pushed: rotate ─► catch up
 *   after a failure: again in 1 s, 2 s, 4 s … 60 s, half of each wait random, for ever
 * ```
 *
 * Nothing here waits for the exchange or makes it wait.
 */
import { statSync } from "node:fs";
import { type After, afterTimeout } from "../../lib/after-timeout.ts";
import { elapsed } from "../../lib/elapsed.ts";
import type { Log } from "../../lib/log.ts";
import type { ArchiveState } from "./archive-state.ts";
import { ArchiveWriter, type ArchiveWriterOptions } from "./archive-writer.ts";
import type { ObjectStore } from "./object-store.ts";

const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;

export interface ArchiverOptions extends ArchiveWriterOptions {
  uploadIntervalMs: number;
  /** Seals the segment in use, so that the archive is at most one interval behind. */
  rotate?(): Promise<void>;
  /** A copy of users and keys; null while there is none. The journal has all accounts in it. */
  copyIdentity?(): Promise<Uint8Array> | null;
  /** A monotonic clock, in milliseconds. */
  elapsed?: () => number;
  after?: After;
  /** Gives a random number from 0 to 1. */
  random?: () => number;
}

/** The reason told to a push that `close` cuts off, or that comes after it. */
const ENDED = "the exchange is shutting down; its next start goes on";

export class Archiver {
  readonly #options: ArchiverOptions;
  readonly #store: ObjectStore;
  readonly #log: Log;
  readonly #elapsed: () => number;
  readonly #writer: ArchiveWriter;
  #failures = 0;
  #failuresInARow = 0;
  #reason: string | null = null;
  /** When the attempt under way began, by `elapsed`; null between two attempts. */
  #attemptSince: number | null = null;
  /** The copy of users and keys that goes with the sealed segments. */
  #identity: Uint8Array | null = null;
  #closed = false;
  #wake: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #pushed: (() => void)[] = [];

  constructor(options: ArchiverOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#log = options.log;
    this.#elapsed = options.elapsed ?? elapsed;
    this.#writer = new ArchiveWriter(options);
  }

  /** Begins the first attempt at once. */
  start(): void {
    if (this.#options.copyIdentity && !this.#options.archiveKey) {
      this.#log.warn({}, "users and keys are not archived: there is no WAIVER_ARCHIVE_KEY");
    }
    this.#running = this.#run();
  }

  /** Makes an attempt now; resolves when it has ended, whether it failed or not. Never rejects. */
  push(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#pushed.push(resolve);
    if (this.#closed) this.#answerUntried();
    else this.#wake();
    return promise;
  }

  /** Aborts the attempt under way. The next start of the exchange goes on with it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#store.close();
    this.#wake();
    await this.#running;
    this.#answerUntried();
  }

  /** Whether the archive has this segment for certain, so that the local file may be removed. */
  isSegmentArchived(number: number): boolean {
    return number <= this.#writer.confirmedSegment;
  }

  /**
   * The same for the snapshot of `tick`. A snapshot older than the newest archived one is never uploaded, so
   * its file may be removed too.
   */
  isSnapshotArchived(tick: number): boolean {
    return tick <= this.#writer.confirmedSnapshot;
  }

  /** What went wrong, or takes too long; null while all is well. */
  reason(): string | null {
    return this.#reason ?? this.#slowness();
  }

  /** The state of the archive. Reads the sizes of the files that the archive lacks. */
  state(): ArchiveState {
    const writer = this.#writer;
    const { uploads, bytes, lastUploadAt, retention } = writer.uploads;
    const behind = writer.lackingSegments();
    const reason = this.reason();
    return {
      state: reason === null ? "ok" : "degraded",
      reason,
      url: this.#store.url,
      lastUploadAt,
      behindSegments: behind.length,
      behindSince: behind.length === 0 ? null : writtenAt(writer.segmentPath(behind[0])),
      behindBytes: behind.reduce((sum, n) => sum + Bun.file(writer.segmentPath(n)).size, 0),
      confirmedSegment: writer.confirmedSegment,
      confirmedSnapshot: writer.confirmedSnapshot,
      uploads,
      bytes,
      failures: this.#failures,
      retention,
    };
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const pushed = this.#pushed.splice(0);
      this.#attemptSince = this.#elapsed();
      try {
        // Not after a failure: during an outage, every attempt would end one more small segment.
        if (this.#failuresInARow === 0) await this.#rotate();
        await this.#writer.catchUp();
        if (this.#identity !== null) await this.#writer.archiveIdentity(this.#identity);
        if (this.#failuresInARow > 0) this.#log.info({ url: this.#store.url }, "archiving again");
        this.#failuresInARow = 0;
        this.#reason = null;
      } catch (error) {
        if (this.#closed) this.#reason = ENDED;
        else this.#failed(error);
      }
      this.#attemptSince = null;
      for (const resolve of pushed) resolve();
      await this.#pause();
    }
  }

  /**
   * Seals the segment in use, and copies users and keys. A failure is only logged: the segments that are sealed
   * already are archived all the same.
   */
  async #rotate(): Promise<void> {
    try {
      // Copied before the sealing: all accounts in the copy are then in sealed segments.
      const copy = (await this.#options.copyIdentity?.()) ?? null;
      await this.#options.rotate?.();
      this.#identity = copy;
    } catch (error) {
      this.#log.warn(
        { error: String(error) },
        "the journal's segment was not sealed for the archive",
      );
    }
  }

  /** An attempt that lasts longer than an interval is no failure, but the archive falls behind. */
  #slowness(): string | null {
    const { uploadIntervalMs } = this.#options;
    if (this.#attemptSince === null || this.#elapsed() - this.#attemptSince <= uploadIntervalMs) {
      return null;
    }
    return `uploading has taken longer than ${uploadIntervalMs} ms and goes on`;
  }

  #failed(error: unknown): void {
    this.#failures++;
    this.#failuresInARow++;
    this.#reason = error instanceof Error ? error.message : String(error);
    this.#log.warn({ error: this.#reason, attempt: this.#failuresInARow }, "archiving failed");
  }

  /** Answers the pushes for which no attempt will be made any more. */
  #answerUntried(): void {
    if (this.#pushed.length === 0) return;
    this.#reason ??= ENDED;
    for (const resolve of this.#pushed.splice(0)) resolve();
  }

  /** Resolves when the next attempt is due or somebody pushes. */
  async #pause(): Promise<void> {
    if (this.#closed || this.#pushed.length > 0) return;
    const { after = afterTimeout, random = Math.random, uploadIntervalMs } = this.#options;
    const milliseconds =
      this.#failuresInARow === 0 ? uploadIntervalMs : retryDelayMs(this.#failuresInARow, random());
    await new Promise<void>((resolve) => {
      const callOff = after(milliseconds, resolve);
      this.#wake = () => {
        callOff();
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}

/** When a file was last written, milliseconds since 1970; null when it is gone. */
function writtenAt(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/**
 * The wait before attempt `failures` + 1. It doubles; half of it is random, so that not all exchanges come
 * back at once.
 */
function retryDelayMs(failures: number, random: number): number {
  const ceiling = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (failures - 1));
  return ceiling / 2 + (ceiling / 2) * random;
}
