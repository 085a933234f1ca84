/**
 * Shows a person the progress of a command that takes more than a second: one line on standard error, which is
 * drawn again and again.
 */
import type { Terminal } from "./terminal.ts";

const SILENT_MS = 1000;
const DRAW_EVERY_MS = 100;
const BAR_CHARACTERS = 24;
const CLEAR_LINE = "\r\x1b[K";

/** A line with what is done, a bar, and the seconds that it has taken. */
export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #what: string;
  readonly #start: number;
  #drawnAt: number;
  #isDrawn = false;

  /** `what`: what the command does, such as "verifying". */
  constructor(terminal: Terminal, what: string) {
    this.#terminal = terminal;
    this.#what = what;
    this.#start = terminal.now();
    this.#drawnAt = this.#start + SILENT_MS - DRAW_EVERY_MS;
  }

  /** Shows that `done` of `total` are done. `total` 0: how many there are is unknown, so no bar is drawn. */
  update(done: number, total: number, detail = ""): void {
    if (!this.#terminal.showsProgress) return;
    const now = this.#terminal.now();
    if (now - this.#drawnAt < DRAW_EVERY_MS) return;
    this.#drawnAt = now;
    this.#isDrawn = true;
    const seconds = Math.floor((now - this.#start) / 1000);
    const part = total > 0 ? `${bar(Math.min(1, done / total))} ` : "";
    const text = `${this.#what} ${part}${detail}${detail === "" ? "" : ", "}${seconds} s`;
    this.#terminal.err(CLEAR_LINE + text);
  }

  /** Removes the line. */
  end(): void {
    if (this.#isDrawn) this.#terminal.err(CLEAR_LINE);
    this.#isDrawn = false;
  }
}

/** Shows a bar while `work` runs, which updates it. The bar is removed at the end, also when `work` fails. */
export async function withBar<T>(
  terminal: Terminal,
  what: string,
  work: (bar: ProgressBar) => T | Promise<T>,
): Promise<T> {
  const bar = new ProgressBar(terminal, what);
  try {
    return await work(bar);
  } finally {
    bar.end();
  }
}

/** Waits for `work`, and shows that it waits. */
export async function waiting<T>(terminal: Terminal, what: string, work: Promise<T>): Promise<T> {
  if (!terminal.showsProgress) return work;
  return withBar(terminal, what, async (line) => {
    const timer = setInterval(() => line.update(0, 0), DRAW_EVERY_MS);
    try {
      return await work;
    } finally {
      clearInterval(timer);
    }
  });
}

function bar(part: number): string {
  const full = Math.round(part * BAR_CHARACTERS);
  const percent = String(Math.floor(part * 100)).padStart(3);
  return `[${"#".repeat(full)}${".".repeat(BAR_CHARACTERS - full)}] ${percent} %`;
}
