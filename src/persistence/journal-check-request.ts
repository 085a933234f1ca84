/** What the exchange asks of the process that verifies the journal, and what that answers: one line of JSON each. */

export interface JournalCheckRequest {
  walDir: string;
  /** Number of the last segment to read; it is sealed, as are all before it. */
  through: number;
  /** How long to leave the disk alone after each segment. */
  pauseMs: number;
}

export interface JournalCheckResult {
  /** What is wrong; null when nothing is. */
  damage: { file: string; offset: number; reason: string; advice: string } | null;
  segments: number;
  milliseconds: number;
}
