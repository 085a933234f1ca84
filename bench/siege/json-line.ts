import type {
  AttackBegin,
  AttackReport,
  ClosedLine,
  EchoSample,
  ListeningLine,
  VictimSample,
} from "./plan.ts";

type SiegeLine =
  | AttackBegin
  | AttackReport
  | ClosedLine
  | EchoSample
  | ListeningLine
  | VictimSample;

/** Writes one line to standard output, for the process that started this one. */
export function jsonLine(line: SiegeLine): void {
  console.log(JSON.stringify(line));
}
