/**
 * What the exchange asks the process that verifies the journal, and what that process answers: one line of JSON
 * each.
 */

export interface JournalCheckRequest {
  walDir: string;
  /** Number of the last segment to read; it is sealed, as are all before it. */
  through: number;
  /** Pause after each segment, for the disk's sake. */
  pauseMs: number;
}

export interface JournalCheckResult {
  /** What is wrong; null when nothing is. */
  damage: { file: string; offset: number; reason: string; advice: string } | null;
  segments: number;
  milliseconds: number;
}
