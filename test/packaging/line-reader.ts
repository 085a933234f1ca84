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

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of stream) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
