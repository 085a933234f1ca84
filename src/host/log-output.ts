/**
 * Writes the log's lines to standard output, which may be a full disk, a pipe that nobody reads, or closed. None of this
 * stops or slows the exchange. Lines that cannot be written now wait in a bounded buffer. When it is full, further lines
 * are dropped and counted.
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
  /** How many characters of lines may wait. */
  bufferBytesMax?: number;
  /** How long after a failed write the next one is tried. */
  retryMs?: number;
  /** Called when lines are written again after `dropped` lines were dropped. */
  onResumed?(dropped: number): void;
}

/** The most that one write has, unless a line is longer. */
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
  /** Lines dropped since the buffer was empty last. */
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

  /** Why lines wait or were dropped; null when all are written. */
  reason(): string | null {
    const dropped = `${this.#droppedNow} lines were dropped`;
    if (this.#fault !== null)
      return `the log cannot be written: ${this.#fault.message}; ${dropped}`;
    return this.#droppedNow === 0 ? null : `nobody reads standard output; ${dropped}`;
  }

  /** After a failed write: tries again now, not after `retryMs`. */
  retry(): void {
    if (this.#retry === null) return;
    clearTimeout(this.#retry);
    this.#retry = null;
    this.#write();
  }

  /** Resolves when no line waits any more, after `timeoutMs` at the latest. */
  async drained(timeoutMs: number): Promise<void> {
    this.retry();
    if (this.#waiting.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const timer = setTimeout(resolve, timeoutMs);
    await promise;
    clearTimeout(timer);
  }

  /** Writes the lines that wait, until none is left or the destination takes no more. */
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

  /** Waits until the destination has taken `lines` lines, then writes on. */
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

  /** The lines to write next. They stay in the buffer until they are written. */
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

  /** Opens the destination. After a failure it may end in a torn line, so a line end comes first. */
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
    // The sink may still hold the rest of a short write, which must not follow the next lines.
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
    // It has failed already, and is not used again.
  }
}

/** Returns `answer`. When that rejects and nobody awaits it, because the next call threw, it must not end the process. */
function heard(answer: number | Promise<number>): number | Promise<number> {
  if (typeof answer !== "number") answer.catch(() => undefined);
  return answer;
}
