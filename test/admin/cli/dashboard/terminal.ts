/** A real terminal: tmux with a shell in it. A test presses keys and reads the screen. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The path of tmux; null if it is missing, which is logged in one line. In CI that is an error. */
export function findTmux(): string | null {
  const { stdout, stderr, success } = Bun.spawnSync(["scripts/tmux.sh", "path"]);
  if (success) return stdout.toString().trim();
  if (process.env.CI !== undefined) throw new Error(stderr.toString());
  process.stderr.write(`Tests of the dashboard are skipped: ${stderr}`);
  return null;
}

/** A tmux client that receives what programs write, as they write it. It has no size and presses no keys. */
const LISTEN = ["-C", "attach-session", "-f", "ignore-size,read-only"];

export class Terminal implements AsyncDisposable {
  readonly #dir = mkdtempSync(join(tmpdir(), "waiver-terminal-"));
  readonly #tmux: string;
  #listening: Promise<void> = Promise.resolve();
  /** Settled by the next output; then a new promise follows. */
  #written = Promise.withResolvers<void>();

  private constructor(tmux: string) {
    this.#tmux = tmux;
  }

  static async open(tmux: string, width: number, height: number): Promise<Terminal> {
    const terminal = new Terminal(tmux);
    const size = ["-x", String(width), "-y", String(height)];
    await terminal.#run("new-session", "-d", ...size, "env PS1='$ ' bash --norc");
    terminal.#listening = terminal.#listen();
    await terminal.shows("$");
    return terminal;
  }

  /** Presses keys by tmux's names. Text is typed as it is. */
  async press(...keys: string[]): Promise<void> {
    await this.#run("send-keys", ...keys);
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#run("resize-window", "-x", String(width), "-y", String(height));
  }

  /** The lines of the screen, without space at their ends. */
  async screen(): Promise<string[]> {
    const text = await this.#run("capture-pane", "-p");
    return text.split("\n").map((line) => line.trimEnd());
  }

  /** Resolves with the screen as soon as it contains each of these. */
  async shows(...wanted: (string | RegExp)[]): Promise<string[]> {
    for (;;) {
      const written = this.#written.promise;
      const lines = await this.screen();
      const text = lines.join("\n");
      if (
        wanted.every((each) => (typeof each === "string" ? text.includes(each) : each.test(text)))
      ) {
        return lines;
      }
      await written;
    }
  }

  /** Whether a program uses the whole screen, and whether the cursor is visible. */
  async mode(): Promise<{ hasAlternate: boolean; hasCursor: boolean }> {
    const text = await this.#run("display-message", "-p", "#{alternate_on}#{cursor_flag}");
    return { hasAlternate: text[0] === "1", hasCursor: text[1] === "1" };
  }

  /** The name of the program that the shell runs now. */
  async program(): Promise<number> {
    const shell = (await this.#run("display-message", "-p", "#{pane_pid}")).trim();
    const children = await Bun.file(`/proc/${shell}/task/${shell}/children`).text();
    return Number(children.trim().split(" ")[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run("kill-server");
    await this.#listening;
    rmSync(this.#dir, { recursive: true });
  }

  /**
   * Reads until the session ends. The first output, about the session itself, counts too: it may have come
   * earlier.
   */
  async #listen(): Promise<void> {
    const child = this.#spawn(LISTEN, "pipe");
    for await (const _ of child.stdout) {
      this.#written.resolve();
      this.#written = Promise.withResolvers();
    }
    // Wakes the last reader: nothing will be written any more.
    this.#written.resolve();
  }

  #spawn<Stdin extends "ignore" | "pipe">(args: readonly string[], stdin: Stdin) {
    const socket = join(this.#dir, "socket");
    return Bun.spawn([this.#tmux, "-S", socket, "-f", "/dev/null", ...args], {
      env: { PATH: Bun.env.PATH, HOME: Bun.env.HOME, LC_ALL: "C.UTF-8", TERM: "xterm-256color" },
      stdin,
      stdout: "pipe",
      stderr: "pipe",
    });
  }

  async #run(...args: string[]): Promise<string> {
    const child = this.#spawn(args, "ignore");
    const [text, fault, code] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    if (code !== 0) throw new Error(`tmux ${args[0]}: ${fault}`);
    return text;
  }
}
