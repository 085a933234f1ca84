/** Runs `waiver` within the test's process, on a terminal whose output is recorded. */
import { createProgram } from "../../../src/admin/cli/program.ts";
import type { Program } from "../../../src/admin/cli/root-command.ts";
import { runCli } from "../../../src/admin/cli/run-cli.ts";
import type { Terminal } from "../../../src/admin/cli/terminal.ts";

type Serve = Parameters<typeof createProgram>[0];

/** What a command printed, and how it ended. */
export interface Ended {
  code: number;
  out: string;
  err: string;
}

export interface Person {
  /** The answers that are typed, one for each question. Without it, the terminal is not interactive. */
  answers?: string[];
  /** Milliseconds that pass each time the command reads the clock. If set, the command shows its progress. */
  msPerLook?: number;
}

export class WrittenTerminal implements Terminal {
  written = "";
  complaints = "";
  readonly width = Number.POSITIVE_INFINITY;
  readonly isInteractive: boolean;
  readonly showsProgress: boolean;
  readonly #answers: string[];
  readonly #msPerLook: number;
  #now = 0;

  constructor({ answers, msPerLook }: Person) {
    this.isInteractive = answers !== undefined;
    this.showsProgress = msPerLook !== undefined;
    this.#answers = [...(answers ?? [])];
    this.#msPerLook = msPerLook ?? 0;
  }

  out(text: string): boolean {
    this.written += text;
    return true;
  }

  err(text: string): void {
    this.complaints += text;
  }

  flush(): void {}

  async ask(question: string): Promise<string> {
    this.complaints += question;
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error(`nobody expected to be asked: ${question}`);
    return answer;
  }

  now(): number {
    this.#now += this.#msPerLook;
    return this.#now;
  }
}

/** Sets environment variables beside the test's own until a command has ended. */
export type Environment = Readonly<Record<string, string>>;

export async function runHere(
  args: readonly string[],
  person: Person = {},
  { env = {}, serve = nobodyServes }: { env?: Environment; serve?: Serve } = {},
): Promise<Ended> {
  const terminal = new WrittenTerminal(person);
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  try {
    const code = await runCli(createProgram(serve, terminal), args);
    return { code, out: terminal.written, err: terminal.complaints };
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

/** The program. Its `serve` command cannot serve. */
export function programHere(): Program {
  return createProgram(nobodyServes, new WrittenTerminal({}));
}

async function nobodyServes(): Promise<void> {
  throw new Error("nobody serves here");
}
