/**
 * Keeps the demo's process alive: when it ends, or is silent for too long, another one is started, after a wait
 * that doubles each time. What the process prints goes to the log.
 *
 * ```
 *   started ──► trades ──► ended ──► waits 1 s, 2 s, … 60 s ──► started
 *      ▲           └── silent for 30 s: killed ──┘
 * ```
 */
import { ENDS_WITH_ITS_PARENT, ownProgram } from "../host/own-program.ts";
import { linesOf } from "../lib/lines.ts";
import type { Log } from "../lib/log.ts";
import type { DemoOptions } from "./market-makers.ts";
import { REPORT_MS, type Report, ReportWatch } from "./report.ts";

/** After so many reports of one process with something carried out, the waits begin anew. */
const GOOD_REPORTS = 60;

const WAIT_MS_MAX = 60_000;

/** How many characters of a line that the process prints go to the log at most. */
const WORDS_CHARACTERS_MAX = 300;

/** The field `process` of the log lines. */
const PROCESS = "market makers";

type Child = Bun.Subprocess<"pipe", "pipe", "pipe">;

export interface MarketMakersProcessParts {
  options: DemoOptions;
  /** Whether `options.url` is `wss`. */
  isTls: boolean;
  log: Log;
  /** The wait before the second start in milliseconds. It doubles with each start that follows. */
  waitMs?: number;
}

export class MarketMakersProcess {
  /** Number of starts after the first. */
  restarts = 0;
  readonly #parts: MarketMakersProcessParts;
  readonly #waitMsFirst: number;
  #waitMs: number;
  #child: Child | null = null;
  /** How the last process ended; null once the next one trades. */
  #trouble: string | null = null;
  #reports = new ReportWatch();
  /** Why the process ended, if it said so. */
  #said = "";
  #goodReports = 0;
  #watch: Timer | null = null;
  #again: Timer | null = null;
  #isStopped = false;

  constructor(parts: MarketMakersProcessParts) {
    this.#parts = parts;
    this.#waitMsFirst = parts.waitMs ?? 1000;
    this.#waitMs = this.#waitMsFirst;
  }

  start(): void {
    this.#watch = setInterval(() => this.look(), REPORT_MS);
    this.#watch.unref();
    this.#begin();
  }

  /** Kills the process, and starts no other; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#watch !== null) clearInterval(this.#watch);
    if (this.#again !== null) clearTimeout(this.#again);
    this.#child?.kill("SIGKILL");
    await this.#child?.exited;
  }

  /** Null while no process runs. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Why there is no market maker; null while there is one. */
  reason(): string | null {
    return this.#trouble ?? this.#reports.reason();
  }

  /** Called once for each report that is due: kills a process that is silent. */
  look(): void {
    if (this.#child === null) return;
    this.#reports.look();
    if (!this.#reports.isSilent) return;
    this.#said = "nothing was heard of it any more";
    this.#child.kill("SIGKILL");
  }

  #begin(): void {
    this.#reports = new ReportWatch();
    this.#said = "";
    this.#goodReports = 0;
    try {
      this.#child = this.#spawn();
    } catch (error) {
      this.#onEnded(`could not be started: ${String(error)}`);
      return;
    }
    void this.#attend(this.#child);
  }

  #spawn(): Child {
    const { options, isTls } = this.#parts;
    const child = Bun.spawn(ownProgram("demo-market"), {
      // The certificate is for the public name of this machine, not for 127.0.0.1.
      env: { ...ENDS_WITH_ITS_PARENT, ...(isTls && { NODE_TLS_REJECT_UNAUTHORIZED: "0" }) },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
      // The Ctrl-C of a terminal is for the exchange, which ends this process.
      detached: true,
    });
    child.stdin.write(`${JSON.stringify(options)}\n`);
    // A process that ends before it has read its options is started again.
    Promise.resolve(child.stdin.flush()).catch(() => undefined);
    return child;
  }

  async #attend(child: Child): Promise<void> {
    await Promise.all([this.#hearReports(child), this.#hearWords(child)]);
    const code = await child.exited;
    this.#child = null;
    if (this.#isStopped) return;
    const how = child.signalCode === null ? `with exit code ${code}` : `by ${child.signalCode}`;
    this.#onEnded(`ended ${how}${this.#said === "" ? "" : `: ${this.#said}`}`);
  }

  async #hearReports({ stdout }: Child): Promise<void> {
    for await (const line of linesOf(stdout)) {
      const report = reportIn(line);
      if (report === null) this.#onWords(line);
      else this.#onReport(report);
    }
  }

  async #hearWords({ stderr }: Child): Promise<void> {
    for await (const line of linesOf(stderr)) this.#onWords(line);
  }

  /** Takes a line of text, such as why the process ends, or the last words of its runtime. */
  #onWords(line: string): void {
    const words = line.trim().slice(0, WORDS_CHARACTERS_MAX);
    if (words === "") return;
    if (this.#said === "" || /error|panic/i.test(words)) this.#said = words;
    this.#parts.log.error({ process: PROCESS }, words);
  }

  #onReport(report: Report): void {
    if (!this.#reports.hear(report)) return;
    this.#goodReports++;
    if (this.#goodReports === GOOD_REPORTS) this.#waitMs = this.#waitMsFirst;
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#parts.log.info({ process: PROCESS, restarts: this.restarts }, "trades again");
  }

  #onEnded(how: string): void {
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(2 * waitMs, WAIT_MS_MAX);
    this.#trouble = `the process ${how}`;
    this.#parts.log.warn(
      { process: PROCESS, reason: this.#trouble, againInMs: waitMs },
      "nobody makes a market until it is started again",
    );
    this.#again = setTimeout(() => {
      this.restarts++;
      this.#begin();
    }, waitMs);
  }
}

/** The report in a line; null when the line is no report. */
function reportIn(line: string): Report | null {
  try {
    const report = JSON.parse(line) as Report;
    return typeof report.carried === "number" ? report : null;
  } catch {
    return null;
  }
}
