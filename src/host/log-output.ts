/**
 * Where the log's lines go: standard output, which may be a full disk, a pipe that nobody reads, or closed. None of
 * it stops or slows the exchange: what cannot be written now waits in a bounded buffer, and beyond it lines are
 * dropped and counted.
 *
 * ```
 *   line ──► waiting (bounded) ──► one write at a time ──► standard output
 *                │ full: dropped, counted       │ failed: again after a while
 * ```
 */
import { type LogSink, openLogSink } from "./log-sink.ts";

export interface LogOutputOptions {
  /** Opens the destination; standard output by default. */
  open?: () => LogSink;
  /** Of the lines that wait. */
  bufferBytesMax?: number;
  /** After a write that failed. */
  retryMs?: number;
  /** Lines come through again after so many were dropped. */
  onResumed?(dropped: number): void;
}

/** The most that is written at once, unless a line is longer. */
const PIECE_BYTES = 64 * 1024;

export class LogOutput {
  /** Lines dropped since the start. */
  dropped = 0;
  readonly #open: () => LogSink;
  readonly #bufferBytesMax: number;
  readonly #retryMs: number;
  readonly #onResumed: (dropped: number) => void;
  readonly #waiting: string[] = [];
  #waitingBytes = 0;
  #sink: LogSink | null = null;
  #isWriting = false;
  #retry: Timer | null = null;
  /** Why the last write failed; null when it did not. */
  #fault: Error | null = null;
  /** Lines dropped since the last one came through. */
  #droppedNow = 0;
  #onEmpty: () => void = () => undefined;

  constructor(options: LogOutputOptions) {
    this.#open = options.open ?? (() => openLogSink(1));
    this.#bufferBytesMax = options.bufferBytesMax ?? 1024 * 1024;
    this.#retryMs = options.retryMs ?? 1000;
    this.#onResumed = options.onResumed ?? (() => undefined);
  }

  /** Takes a line with its end. Never throws and never blocks. */
  write(line: string): void {
    if (this.#waitingBytes + line.length > this.#bufferBytesMax) {
      this.dropped++;
      this.#droppedNow++;
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    if (this.#retry === null) this.#write();
  }

  /** Why lines wait or are dropped; null when they come through. */
  reason(): string | null {
    const dropped = `${this.#droppedNow} lines were dropped`;
    if (this.#fault !== null)
      return `the log cannot be written: ${this.#fault.message}; ${dropped}`;
    return this.#droppedNow === 0 ? null : `nobody reads standard output; ${dropped}`;
  }

  /** Tries at once what a write that failed has left. */
  retry(): void {
    if (this.#retry === null) return;
    clearTimeout(this.#retry);
    this.#retry = null;
    this.#write();
  }

  /** Resolves when nothing waits any more, after `timeoutMs` at the latest. */
  async drained(timeoutMs: number): Promise<void> {
    this.retry();
    if (this.#waiting.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const timer = setTimeout(resolve, timeoutMs);
    await promise;
    clearTimeout(timer);
  }

  /** Writes what waits, until there is nothing more or the destination takes no more. */
  #write(): void {
    while (!this.#isWriting && this.#waiting.length > 0) {
      const { lines, text } = this.#piece();
      try {
        this.#sink ??= this.#begin();
        const written = heard(this.#sink.write(text));
        const answers = [written, heard(this.#sink.flush())];
        if (answers.some((answer) => typeof answer !== "number")) {
          this.#isWriting = true;
          void this.#finish(answers, lines);
          return;
        }
      } catch (error) {
        this.#failed(error);
        return;
      }
      this.#written(lines);
    }
  }

  /** Waits, beside everything else, until the destination has taken what it was given. */
  async #finish(answers: readonly (number | Promise<number>)[], lines: number): Promise<void> {
    try {
      await Promise.all(answers);
      this.#isWriting = false;
      this.#written(lines);
    } catch (error) {
      this.#isWriting = false;
      this.#failed(error);
      return;
    }
    this.#write();
  }

  /** The lines to write next; they wait until they are written. */
  #piece(): { lines: number; text: string } {
    let text = "";
    let lines = 0;
    for (const line of this.#waiting) {
      if (lines > 0 && text.length + line.length > PIECE_BYTES) break;
      text += line;
      lines++;
    }
    return { lines, text };
  }

  /** After a failure a torn line may stand before. */
  #begin(): LogSink {
    const sink = this.#open();
    if (this.#fault !== null) void heard(sink.write("\n"));
    return sink;
  }

  #written(lines: number): void {
    for (const line of this.#waiting.splice(0, lines)) this.#waitingBytes -= line.length;
    this.#fault = null;
    if (this.#waiting.length > 0) return;
    this.#onEmpty();
    const dropped = this.#droppedNow;
    if (dropped === 0) return;
    this.#droppedNow = 0;
    this.#onResumed(dropped);
  }

  #failed(error: unknown): void {
    this.#fault = error instanceof Error ? error : new Error(String(error));
    // The rest of a short write must not follow what is written next.
    if (this.#sink !== null) letGo(this.#sink);
    this.#sink = null;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.#write();
    }, this.#retryMs);
    this.#retry.unref();
  }
}

function letGo(sink: LogSink): void {
  try {
    void heard(sink.end());
  } catch {
    // It failed before, and is not used again.
  }
}

/** A rejection is no bug, also where what came after it threw. */
function heard(answer: number | Promise<number>): number | Promise<number> {
  if (typeof answer !== "number") answer.catch(() => undefined);
  return answer;
}
