import { linesOf } from "../../src/lib/lines.ts";

/** The lines that a process writes, in turn, each once. */
export class LineReader {
  readonly #lines: AsyncIterator<string>;
  readonly #read: string[] = [];

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#lines = linesOf(stream);
  }

  /** The next line that is wanted; those before it are gone. Rejects with all of them at the end. */
  async next(isWanted: (line: string) => boolean): Promise<string> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`the last line was read:\n${this.#read.join("\n")}`);
      this.#read.push(value);
      if (isWanted(value)) return value;
    }
  }
}
