/** In which form the log's lines go out: one JSON object each for programs, or as people read them. */
import { isatty } from "node:tty";
import { HumanLog } from "./human-log.ts";
import type { LogOutput } from "./log-output.ts";

export interface LogForm {
  /** "auto": "human" where standard output is a terminal, otherwise "json". */
  format: "auto" | "human" | "json";
  /** Of a terminal; elsewhere there are none. */
  hasColours: boolean;
}

export function isForPeople({ format }: Pick<LogForm, "format">): boolean {
  return format === "human" || (format === "auto" && isatty(1));
}

/** What pino writes its lines to. */
export function inForm(form: LogForm, output: LogOutput): Pick<LogOutput, "write"> {
  if (!isForPeople(form)) return output;
  const human = new HumanLog(form.hasColours && isatty(1));
  return { write: (line) => output.write(human.text(line)) };
}
