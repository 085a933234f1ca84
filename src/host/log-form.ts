/** In which form the log's lines are written: as JSON objects for programs, or as text for people. */
import { isatty } from "node:tty";
import { HumanLog } from "./human-log.ts";
import type { LogOutput } from "./log-output.ts";

export interface LogForm {
  /** "auto": "human" where standard output is a terminal, otherwise "json". */
  format: "auto" | "human" | "json";
  /** Whether lines for people have colours. Only a terminal shows them. */
  hasColours: boolean;
}

export function isForPeople({ format }: Pick<LogForm, "format">): boolean {
  return format === "human" || (format === "auto" && isatty(1));
}

/** The stream that pino writes its lines to. */
export function inForm(form: LogForm, output: LogOutput): Pick<LogOutput, "write"> {
  if (!isForPeople(form)) return output;
  const human = new HumanLog(form.hasColours && isatty(1));
  return { write: (line) => output.write(human.text(line)) };
}
