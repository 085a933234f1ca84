/**
 * Keeps the archive up to date with a running exchange.
 *
 * ```
 *   every uploadIntervalMs, or when pushed: rotate ─► catch up
 *   failed: again after 1 s, 2 s, 4 s … 60 s, half of it left to chance, for ever
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
  /** Seals the segment in use, so that the archive is never behind for longer than an interval. */
  rotate?(): Promise<void>;
  /** A copy of users and keys, whose accounts are all in the journal; null while there are none. */
  copyIdentity?(): Uint8Array | null;
  /** Milliseconds of a clock that nobody can set. */
  elapsed?: () => number;
  after?: After;
  /** From 0 to 1. */
  random?: () => number;
}

/** Why a push that the end cuts off, or that comes after it, did not go well. */
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
  /** Of `elapsed`. */
  #attemptSince: number | null = null;
  /** The copy of users and keys that goes with the sealed segments. */
  #identity: Uint8Array | null = null;
  #closed = false;
  #wake: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #pushed: ((state: ArchiveState) => void)[] = [];

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

  /** Makes an attempt now; resolves with how the archive stands after it. Never rejects. */
  push(): Promise<ArchiveState> {
    const { promise, resolve } = Promise.withResolvers<ArchiveState>();
    this.#pushed.push(resolve);
    if (this.#closed) this.#answerUntried();
    else this.#wake();
    return promise;
  }

  /** Ends what is under way; the next start takes it up again. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#store.close();
    this.#wake();
    await this.#running;
    this.#answerUntried();
  }

  /** Whether the archive has this segment for certain, so that it need not stay here. */
  isSegmentArchived(number: number): boolean {
    return number <= this.#writer.confirmedSegment;
  }

  /**
   * The same for the snapshot of `tick`. One older than the archive's last is never uploaded, and need not
   * stay either.
   */
  isSnapshotArchived(tick: number): boolean {
    return tick <= this.#writer.confirmedSnapshot;
  }

  /** What went wrong, or takes too long; null while all is well. */
  reason(): string | null {
    return this.#reason ?? this.#slowness();
  }

  /** Looks at the files that the archive does not have. */
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
        // During an outage, every attempt would leave one more small segment.
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
      this.#answer(pushed);
      await this.#pause();
    }
  }

  /** A failure here stops nothing: segments that are sealed already go to the archive. */
  async #rotate(): Promise<void> {
    try {
      // Copied first: whatever it knows is then in the segment that is sealed.
      const copy = this.#options.copyIdentity?.() ?? null;
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

  /** There is no attempt any more for those who want one. */
  #answerUntried(): void {
    if (this.#pushed.length === 0) return;
    this.#reason ??= ENDED;
    this.#answer(this.#pushed.splice(0));
  }

  #answer(pushed: readonly ((state: ArchiveState) => void)[]): void {
    for (const resolve of pushed) resolve(this.state());
  }

  /** Until the next attempt is due or wanted. */
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

/** Milliseconds since 1970; null when there is no such file any more. */
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
