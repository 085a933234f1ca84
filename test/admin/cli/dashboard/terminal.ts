/** A real terminal, tmux, with a shell in it: keys go in, the screen can be looked at. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The path of tmux; null where there is none, which is said in one line. In CI that is a fault. */
export function findTmux(): string | null {
  const { stdout, stderr, success } = Bun.spawnSync(["scripts/tmux.sh", "path"]);
  if (success) return stdout.toString().trim();
  if (process.env.CI !== undefined) throw new Error(stderr.toString());
  process.stderr.write(`Tests of the dashboard are skipped: ${stderr}`);
  return null;
}

export class Terminal implements AsyncDisposable {
  readonly #dir = mkdtempSync(join(tmpdir(), "waiver-terminal-"));
  readonly #tmux: string;

  private constructor(tmux: string) {
    this.#tmux = tmux;
  }

  static async open(tmux: string, width: number, height: number): Promise<Terminal> {
    const terminal = new Terminal(tmux);
    const size = ["-x", String(width), "-y", String(height)];
    await terminal.#run("new-session", "-d", ...size, "env PS1='$ ' bash --norc");
    await terminal.shows("$");
    return terminal;
  }

  /** Presses keys by tmux's names; text comes as it is. */
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

  /** The screen, as soon as it has each of these. */
  async shows(...wanted: (string | RegExp)[]): Promise<string[]> {
    for (;;) {
      const lines = await this.screen();
      const text = lines.join("\n");
      if (
        wanted.every((each) => (typeof each === "string" ? text.includes(each) : each.test(text)))
      ) {
        return lines;
      }
    }
  }

  /** Whether a program has the whole screen, and whether there is a cursor. */
  async mode(): Promise<{ hasAlternate: boolean; hasCursor: boolean }> {
    const text = await this.#run("display-message", "-p", "#{alternate_on}#{cursor_flag}");
    return { hasAlternate: text[0] === "1", hasCursor: text[1] === "1" };
  }

  /** The program that the shell runs now. */
  async program(): Promise<number> {
    const shell = (await this.#run("display-message", "-p", "#{pane_pid}")).trim();
    const children = await Bun.file(`/proc/${shell}/task/${shell}/children`).text();
    return Number(children.trim().split(" ")[0]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run("kill-server");
    rmSync(this.#dir, { recursive: true });
  }

  async #run(...args: string[]): Promise<string> {
    const socket = join(this.#dir, "socket");
    const child = Bun.spawn([this.#tmux, "-S", socket, "-f", "/dev/null", ...args], {
      env: { ...process.env, LC_ALL: "C.UTF-8", TERM: "xterm-256color" },
      stdout: "pipe",
      stderr: "pipe",
    });
    const [text, fault, code] = await Promise.all([
      child.stdout.text(),
      child.stderr.text(),
      child.exited,
    ]);
    if (code !== 0) throw new Error(`tmux ${args[0]}: ${fault}`);
    return text;
  }
}
