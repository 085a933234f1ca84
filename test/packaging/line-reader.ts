import { linesOf } from "../../src/lib/lines.ts";

/** Reads the lines that a process writes, each one once. */
export class LineReader {
  readonly #lines: AsyncIterator<string>;
  readonly #read: string[] = [];

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#lines = linesOf(stream);
  }

  /** The next line that matches; earlier lines are skipped. Rejects with all lines if the process ends first. */
  async next(isWanted: (line: string) => boolean): Promise<string> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`the last line was read:\n${this.#read.join("\n")}`);
      this.#read.push(value);
      if (isWanted(value)) return value;
    }
  }
}
