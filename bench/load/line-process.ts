/** Runs a program of `bench/` that answers each line of JSON on its stdin with one on its stdout. */
import { jsonLines } from "./json-lines.ts";

export class LineProcess<Answer> implements AsyncDisposable {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "inherit">;
  readonly #answers: AsyncGenerator<Record<string, unknown>>;

  constructor(program: string) {
    this.#child = Bun.spawn([process.execPath, "--no-orphans", program], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#answers = jsonLines(this.#child.stdout);
  }

  /** Sends a line and returns the answer. Rejects if the program ends without one. */
  async ask(line: object): Promise<Answer> {
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
    await this.#child.stdin.flush();
    const { value } = await this.#answers.next();
    if (value === undefined) throw new Error(`The program ended with ${await this.#child.exited}`);
    return value as Answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    void this.#child.stdin.end();
    await this.#child.exited;
  }
}
