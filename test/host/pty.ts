/** A program in a pseudo terminal. A test reads its output, presses keys, and stops or closes the terminal. */
export class Pty implements AsyncDisposable {
  /** Everything that was shown so far. */
  text = "";
  readonly child: Bun.Subprocess;
  readonly #terminal: Bun.Terminal;
  readonly #decoder = new TextDecoder();
  #onText: () => void = () => undefined;

  /** `env`: the whole environment except PATH, HOME and TERM. */
  constructor(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = Bun.spawn([...command], {
      env: { PATH: Bun.env.PATH, HOME: Bun.env.HOME, TERM: "xterm-256color", ...env },
      // Passed as options, because only then is it the controlling terminal, whose end and Ctrl-C reach the
      // program.
      terminal: {
        cols: 80,
        rows: 24,
        data: (_terminal, bytes) => {
          this.text += this.#decoder.decode(bytes, { stream: true });
          this.#onText();
        },
      },
    });
    if (this.child.terminal === undefined) throw new Error("there are no pseudo terminals");
    this.#terminal = this.child.terminal;
  }

  /** Resolves when the output contains what `wanted` says; rejects with the output if the program ends before. */
  async shows(wanted: RegExp): Promise<void> {
    const ended = this.child.exited.then(() => true);
    while (!wanted.test(this.text)) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      this.#onText = () => resolve(false);
      if (await Promise.race([promise, ended])) {
        throw new Error(`it ended before it showed ${wanted}:\n${this.text}`);
      }
    }
  }

  /** Ctrl-C; Ctrl-S, which stops the terminal; Ctrl-Q, which continues it. */
  press(key: "C" | "S" | "Q"): void {
    this.#terminal.write(String.fromCharCode(key.charCodeAt(0) - 64));
  }

  /** Types a line. */
  type(line: string): void {
    this.#terminal.write(`${line}\r`);
  }

  /** Closes the terminal, as when its window is closed. */
  close(): void {
    this.#terminal.close();
  }

  get exited(): Promise<number> {
    return this.child.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
    this.#terminal.close();
  }
}
