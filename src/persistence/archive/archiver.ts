/**
 * Keeps the archive up with a running exchange.
 *
 * ```
 *   every uploadIntervalMs, or when pushed: rotate ─► catch up
 *   failed: again after 1 s, 2 s, 4 s … 60 s, half of it left to chance, for ever
 * ```
 *
 * Nothing here waits for the exchange or makes it wait.
 */

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
  /** Calls back after so many milliseconds; gives what calls it off. */
  after?: (milliseconds: number, callback: () => void) => () => void;
  /** From 0 to 1. */
  random?: () => number;
}

export class Archiver {
  readonly #options: ArchiverOptions;
  readonly #store: ObjectStore;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #writer: ArchiveWriter;
  #failures = 0;
  #failuresInARow = 0;
  #reason: string | null = null;
  #attemptSince: number | null = null;
  #closed = false;
  #wake: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #pushed: ((state: ArchiveState) => void)[] = [];

  constructor(options: ArchiverOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#log = options.log;
    this.#now = options.now ?? Date.now;
    this.#writer = new ArchiveWriter(options);
  }

  /** Begins the first attempt at once. */
  start(): void {
    this.#running = this.#run();
  }

  /** Makes an attempt now; resolves with how the archive stands after it. Never rejects. */
  push(): Promise<ArchiveState> {
    if (this.#closed) return Promise.resolve(this.state());
    const { promise, resolve } = Promise.withResolvers<ArchiveState>();
    this.#pushed.push(resolve);
    this.#wake();
    return promise;
  }

  /** Ends what is under way; the next start takes it up again. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#store.close();
    this.#wake();
    await this.#running;
    this.#answer(this.#pushed.splice(0));
  }

  /** Whether the archive has this segment for certain, so that it need not stay here. */
  isSegmentArchived(number: number): boolean {
    return number <= this.#writer.confirmedSegment;
  }

  /** The same of the snapshot of `tick`; one older than the archive's last it never asks for. */
  isSnapshotArchived(tick: number): boolean {
    return tick <= this.#writer.confirmedSnapshot;
  }

  state(): ArchiveState {
    const writer = this.#writer;
    const { uploads, bytes, lastUploadAt, retention } = writer.uploads;
    const behind = writer.lackingSegments();
    const reason = this.#reason ?? this.#slowness();
    return {
      state: reason === null ? "ok" : "degraded",
      reason,
      url: this.#store.url,
      lastUploadAt,
      behindSegments: behind.length,
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
      this.#attemptSince = this.#now();
      try {
        // Every attempt of an outage would leave one more small segment.
        if (this.#failuresInARow === 0) await this.#rotate();
        await this.#writer.catchUp();
        if (this.#failuresInARow > 0) this.#log.info({ url: this.#store.url }, "archiving again");
        this.#failuresInARow = 0;
        this.#reason = null;
      } catch (error) {
        if (!this.#closed) this.#failed(error);
      }
      this.#attemptSince = null;
      this.#answer(pushed);
      await this.#pause();
    }
  }

  /** What is sealed already goes to the archive in any case. */
  async #rotate(): Promise<void> {
    try {
      await this.#options.rotate?.();
    } catch (error) {
      this.#log.warn(
        { error: String(error) },
        "the journal's segment was not sealed for the archive",
      );
    }
  }

  /** An attempt that lasts longer than an interval makes no attempt fail, and yet falls behind. */
  #slowness(): string | null {
    const { uploadIntervalMs } = this.#options;
    if (this.#attemptSince === null || this.#now() - this.#attemptSince <= uploadIntervalMs) {
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

/** Before attempt `failures` + 1; doubles, half of it left to chance, so that not all come back at once. */
function retryDelayMs(failures: number, random: number): number {
  const ceiling = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (failures - 1));
  return ceiling / 2 + (ceiling / 2) * random;
}

function afterTimeout(milliseconds: number, callback: () => void): () => void {
  // A process with nothing else to do is not kept alive.
  const timer = setTimeout(callback, milliseconds).unref();
  return () => clearTimeout(timer);
}
