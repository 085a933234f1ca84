/**
 * The log for people at a terminal: a line of JSON becomes time, level, message, and the members worth reading.
 *
 * ```
 *   {"level":30,"time":1795689556899,"port":8080,"segments":0,"msg":"listening"}
 *   10:39:16 INFO  listening  port=8080
 * ```
 *
 * Characters that control a terminal are written as escapes, so that texts from outside cannot control it.
 */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];
type Members = Record<string, unknown>;

const LEVELS: Readonly<Record<number, { name: string; style: Style }>> = {
  10: { name: "TRACE", style: "dim" },
  20: { name: "DEBUG", style: "dim" },
  30: { name: "INFO ", style: "green" },
  40: { name: "WARN ", style: "yellow" },
  50: { name: "ERROR", style: "red" },
  60: { name: "FATAL", style: ["red", "bold"] },
};

/** An object or a list is cut to this length; texts are shown whole. */
const NESTED_CHARACTERS_MAX = 80;

/** Members whose value is a time, in milliseconds since 1970. */
const TIME_NAME = /^(?:at|since|time|timestamp)$|_at$|At$|Since$/;

/** Members that are left out, because only programs use them: hashes, numbers of commands, durations of parts. */
const FOR_PROGRAMS = /hash$|^sequence$|^(?:snapshot|journal|open)Ms$/i;

/** Control characters (C0 and C1), and Unicode's marks for a text's direction and for line ends. */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

export class HumanLog {
  readonly #isColoured: boolean;
  readonly #directory: string;
  /** Day of the last line; null before the first. */
  #day: string | null = null;

  /** Paths inside `directory` are shown relative to it. */
  constructor(isColoured: boolean, directory = process.cwd()) {
    this.#isColoured = isColoured;
    this.#directory = directory.endsWith("/") ? directory : `${directory}/`;
  }

  /** The text for one line of pino's log: one or more lines, each with its end. */
  text(line: string): string {
    const { level, time, msg, stack, ...members } = JSON.parse(line) as Members;
    const at = new Date(Number(time));
    const { name, style } = LEVELS[Number(level)] ?? { name: String(level), style: "reset" };
    const shown = Object.entries(members)
      .filter(([key, value]) => saysSomething(key, value))
      .map(([key, value]) => `${this.#style("dim", `${safe(key)}=`)}${this.#value(key, value)}`);
    const text = [
      this.#style("dim", clock(at)),
      this.#style(style, name),
      [safe(String(msg ?? "")), ...(shown.length > 0 ? [` ${shown.join(" ")}`] : [])].join(" "),
    ].join(" ");
    return `${this.#newDay(at)}${text}\n${typeof stack === "string" ? this.#stack(stack) : ""}`;
  }

  /** A line with the day when that has changed since the last line, otherwise empty. */
  #newDay(at: Date): string {
    const [before, day] = [this.#day, at.toDateString()];
    this.#day = day;
    return before === null || before === day ? "" : `${this.#style("dim", day)}\n`;
  }

  #value(name: string, value: unknown): string {
    if (typeof value === "number" && TIME_NAME.test(name)) {
      const at = new Date(value);
      return Number.isNaN(at.getTime()) ? String(value) : `${dayOf(at)}T${clock(at)}`;
    }
    if (typeof value === "string") return this.#word(value);
    const text = safe(JSON.stringify(value));
    return text.length > NESTED_CHARACTERS_MAX ? `${text.slice(0, NESTED_CHARACTERS_MAX)}…` : text;
  }

  #word(text: string): string {
    const short = text.startsWith(this.#directory) ? text.slice(this.#directory.length) : text;
    return /^[^\s"=]+$/.test(short) ? safe(short) : safe(JSON.stringify(short));
  }

  /** The frames alone: what stands before them is the error's message, which the members have. */
  #stack(stack: string): string {
    const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
    return frames.map((line) => `${this.#style("dim", safe(line))}\n`).join("");
  }

  #style(style: Style, text: string): string {
    return this.#isColoured ? styleText(style, text, { validateStream: false }) : text;
  }
}

function saysSomething(name: string, value: unknown): boolean {
  if (FOR_PROGRAMS.test(name)) return false;
  const isEmptyList = Array.isArray(value) && value.length === 0;
  return value !== null && value !== 0 && value !== "" && !isEmptyList;
}

function safe(text: string): string {
  return text.replace(CONTROLS, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Time of day in the machine's time zone. */
function clock(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(":");
}

function dayOf(at: Date): string {
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(twoDigits).join("-");
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}
