/**
 * What the log is written with. Bun's writer never waits for a pipe or a file, but for a terminal that is stopped
 * (Ctrl-S, a window that hangs) it waits as long as that takes, and the whole process with it. So a terminal is
 * opened once more, in a way that answers "not now".
 */
import { closeSync, constants, openSync, write, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { promisify } from "node:util";

/** Bun's `FileSink` is one: it answers with a promise when it has to wait. */
export interface LogSink {
  write(bytes: string): number | Promise<number>;
  flush(): number | Promise<number>;
  end(): number | Promise<number>;
}

/** After which a terminal that takes nothing is asked again. */
const ASK_AGAIN_MS = 20;

/** No file has this number. */
const CLOSED = -1;

/** A sink on an open file of this process: 1 is standard output, 2 standard error. Throws why there is none. */
export function openLogSink(fd: number): LogSink {
  if (!isatty(fd)) return Bun.file(fd).writer({ highWaterMark: 1 });
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    return new TerminalSink(openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY));
  } catch {
    // Another user's terminal, or no Linux: a thread waits for it.
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
    // What is still to be written must not get into the file that has the number next.
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
