/** Standard output for commands that print as long as there is something to print, line by line. */

import { writeSync } from "node:fs";

const STANDARD_OUTPUT = 1;
const BUFFER_CHARACTERS = 65_536;
const FULL_PIPE_PAUSE_MS = 5;

/** Waits for a slow reader; takes note when there is none any more, as behind `| head`. */
export class LineOutput {
  #text = "";
  #isOpen = true;

  /** False when nobody reads any more. */
  write(line: string): boolean {
    this.#text += `${line}\n`;
    if (this.#text.length >= BUFFER_CHARACTERS) this.flush();
    return this.#isOpen;
  }

  /** To be called at the end. */
  flush(): void {
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    for (let at = 0; at < bytes.length && this.#isOpen; ) at += this.#writeSome(bytes, at);
  }

  /** How many bytes were taken. */
  #writeSome(bytes: Uint8Array, at: number): number {
    try {
      return writeSync(STANDARD_OUTPUT, bytes, at);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (code === "EPIPE") this.#isOpen = false;
      // The pipe or terminal was set to non-blocking.
      else if (code === "EAGAIN") Bun.sleepSync(FULL_PIPE_PAUSE_MS);
      else throw error;
      return 0;
    }
  }
}
