import type { AttackBegin, AttackReport, ClosedLine, VictimSample } from "./plan.ts";

/** Writes one line to standard output for the process that started this one. */
export function jsonLine(line: AttackBegin | AttackReport | ClosedLine | VictimSample): void {
  console.log(JSON.stringify(line));
}
