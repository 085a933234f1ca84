/** What to do about each kind of damage. */

import type { DamageKind } from "../backend.ts";
import { JournalDamagedError } from "../backend.ts";

export interface Fault {
  kind: DamageKind;
  offset: number;
  reason: string;
  /** What to do, where the kind alone does not say it. */
  advice?: string;
}

const RESTORE =
  "Nothing was changed. Restore this file from a copy or an archive, or start from a backup";

const ADVICE: Record<DamageKind, string> = {
  "flipped-bit": `${RESTORE}; check the disk.`,
  "cut-short": `${RESTORE}.`,
  "trailing-bytes": `${RESTORE}; find out what wrote to it.`,
  "missing-segment": "Nothing was changed. Put the missing file back from a copy or an archive.",
  "swapped-segment": "Nothing was changed. Give the file its own name back.",
  "broken-chain": `${RESTORE}; do not mix files of different copies of the journal.`,
  "foreign-file": "Nothing was changed. Move the file out of the journal's directory.",
  "foreign-journal": "Nothing was changed. Each exchange needs a directory of its own.",
  "newer-version":
    "Nothing was changed. Start the version of the program that wrote it, or a newer one.",
};

/** The error for a fault in the file at `path`; it stops the start. */
export function damaged(
  path: string,
  { kind, offset, reason, advice }: Fault,
): JournalDamagedError {
  return new JournalDamagedError(path, offset, reason, advice ?? ADVICE[kind], kind);
}
