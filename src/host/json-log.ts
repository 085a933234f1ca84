/** The log: an object of JSON a line, `{"level":30,"time":…, members, "msg":…}`. Levels are numbered as pino's are. */
import type { LogOutput } from "./log-output.ts";

const LEVELS = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: 100,
} as const;

export type LogLevel = keyof typeof LEVELS;

export class JsonLog {
  /** What is below it is not written. */
  level: LogLevel;
  readonly #output: Pick<LogOutput, "write">;
  /** Milliseconds since 1970. */
  readonly #now: () => number;

  constructor(level: LogLevel, output: Pick<LogOutput, "write">, now = Date.now) {
    this.level = level;
    this.#output = output;
    this.#now = now;
  }

  // Functions of the object, because they are handed on alone.
  readonly info = (fields: object, message: string): void => this.write("info", fields, message);
  readonly warn = (fields: object, message: string): void => this.write("warn", fields, message);
  readonly error = (fields: object, message: string): void => this.write("error", fields, message);
  readonly fatal = (fields: object, message: string): void => this.write("fatal", fields, message);

  write(level: LogLevel, fields: object, message: string): void {
    if (LEVELS[level] < LEVELS[this.level]) return;
    const entry = { level: LEVELS[level], time: this.#now(), ...fields, msg: message };
    this.#output.write(`${JSON.stringify(entry, plain)}\n`);
  }
}

/** JSON has no numbers of that type. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
