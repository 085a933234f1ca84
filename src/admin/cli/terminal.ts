/** The terminal where a command prints and asks: the process's own streams, or a stand-in for tests. */
import { writeSync } from "node:fs";
import { CliError } from "./cli-error.ts";

export interface Terminal {
  /** Puts text on standard output; false when nobody reads any more. */
  out(text: string): boolean;
  /** Puts text on standard error. */
  err(text: string): void;
  /** Returns when everything that was put on standard output is written. To be called at the end. */
  flush(): void;
  /** Characters that fit on a line of standard output; Infinity where it is no terminal. */
  readonly width: number;
  /** Whether a person is there to be asked. */
  readonly isInteractive: boolean;
  /** Whether a person sees standard error, who is shown how long things take. */
  readonly showsProgress: boolean;
  /** Asks on standard error, for one line of standard input; empty after Ctrl-C and Ctrl-D. */
  ask(question: string): Promise<string>;
  /** A monotonic clock, in milliseconds. */
  now(): number;
}

const STANDARD_OUTPUT = 1;
const BUFFER_CHARACTERS = 65_536;
const FULL_PIPE_PAUSE_MS = 5;

/**
 * The terminal of the process. It waits for a slow reader, and notices when the reader is gone, as with `|
 * head`.
 */
export class ProcessTerminal implements Terminal {
  readonly width = process.stdout.isTTY ? process.stdout.columns : Number.POSITIVE_INFINITY;
  readonly isInteractive = process.stdin.isTTY && process.stderr.isTTY;
  readonly showsProgress = process.stderr.isTTY;
  #text = "";
  #isOpen = true;

  constructor() {
    for (const stream of [process.stdout, process.stderr]) stream.on("error", unlessReaderIsGone);
  }

  out(text: string): boolean {
    this.#text += text;
    if (this.#text.length >= BUFFER_CHARACTERS) this.flush();
    return this.#isOpen;
  }

  err(text: string): void {
    try {
      this.flush();
    } finally {
      process.stderr.write(text);
    }
  }

  flush(): void {
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    for (let at = 0; at < bytes.length && this.#isOpen; ) at += this.#writeSome(bytes, at);
  }

  async ask(question: string): Promise<string> {
    this.flush();
    const { createInterface } = await import("node:readline/promises");
    // Not in raw mode: there Bun reads nothing more after the process was stopped (Ctrl-Z) and continued.
    const lines = createInterface({
      input: process.stdin,
      output: process.stderr,
      terminal: false,
    });
    const end = () => lines.close();
    const ended = new Promise<null>((resolve) => lines.once("close", () => resolve(null)));
    process.once("SIGINT", end);
    try {
      const answer = await Promise.race([lines.question(question), ended]);
      if (answer === null) process.stderr.write("\n");
      return answer ?? "";
    } finally {
      process.off("SIGINT", end);
      end();
    }
  }

  now(): number {
    return performance.now();
  }

  /**
   * Notes that standard output cannot be written. What the command has done stays done; only its output is
   * lost.
   */
  #fail(error: unknown): never {
    this.#isOpen = false;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(
      `Standard output cannot be written (${reason}). What was asked for may be done.`,
      { cause: error },
    );
  }

  /** Writes as much as standard output takes; returns how many bytes. */
  #writeSome(bytes: Uint8Array, at: number): number {
    try {
      return writeSync(STANDARD_OUTPUT, bytes, at);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (code === "EPIPE") this.#isOpen = false;
      // The pipe or terminal was set to non-blocking.
      else if (code === "EAGAIN") Bun.sleepSync(FULL_PIPE_PAUSE_MS);
      else this.#fail(error);
      return 0;
    }
  }
}

/** Ignores that a reader is gone, as with `waiver … | head`: the command still does its work to the end. */
function unlessReaderIsGone(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
