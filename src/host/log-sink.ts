/**
 * What the log is written with. Bun's writer never blocks on a pipe or a file. On a terminal that is stopped (Ctrl-S, a
 * window that hangs) it blocks the whole process until the terminal goes on. So a terminal is opened once more, without
 * blocking.
 */
import { closeSync, constants, openSync, write, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { promisify } from "node:util";

/** Each method answers with a promise when it has to wait. Bun's `FileSink` is such a sink. */
export interface LogSink {
  write(bytes: string): number | Promise<number>;
  flush(): number | Promise<number>;
  end(): number | Promise<number>;
}

/** How long it waits before it writes again to a terminal that takes nothing. */
const ASK_AGAIN_MS = 20;

/** No file has this number. */
const CLOSED = -1;

/** A sink on an open file of this process: 1 is standard output, 2 standard error. Throws when it cannot be opened. */
export function openLogSink(fd: number): LogSink {
  if (!isatty(fd)) return Bun.file(fd).writer({ highWaterMark: 1 });
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    return new TerminalSink(openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY));
  } catch {
    // The terminal belongs to another user, or this is not Linux: a thread of the runtime waits for it instead.
    return new ThreadSink(fd);
  }
}

/** A terminal, opened so that a write never waits. */
class TerminalSink implements LogSink {
  #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(text: string): number | Promise<number> {
    const bytes = Buffer.from(text);
    const written = this.#writeNow(bytes);
    return written === bytes.length ? written : this.#writeLater(bytes, written);
  }

  flush(): number {
    return 0;
  }

  end(): number {
    closeSync(this.#fd);
    // `#writeLater` must not write into the file that gets this number next.
    this.#fd = CLOSED;
    return 0;
  }

  async #writeLater(bytes: Buffer, begun: number): Promise<number> {
    let written = begun;
    while (written < bytes.length) {
      await Bun.sleep(ASK_AGAIN_MS);
      written += this.#writeNow(bytes.subarray(written));
    }
    return written;
  }

  #writeNow(bytes: Uint8Array): number {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      throw error;
    }
  }
}

const writeInThread = promisify(write);

/** A terminal that can only be written to with waiting: a thread of the runtime waits. */
class ThreadSink implements LogSink {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  async write(text: string): Promise<number> {
    const bytes = Buffer.from(text);
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await writeInThread(this.#fd, bytes, written);
      written += bytesWritten;
    }
    return written;
  }

  flush(): number {
    return 0;
  }

  end(): number {
    return 0;
  }
}
