/** What an operator does about an error of the operating system or of SQLite, by its code. */

const FULL =
  "Free space on this file system, or make it larger; where df shows room, it has none for more files (df -i)";
const READ_ONLY =
  "Make the file system writable; a disk that failed turns it read-only: look into the kernel's log";
const FORBIDDEN = "Give the user that runs the exchange the right to write there";
const NO_DIRECTORY =
  "Something that is no directory stands in its place: move it away, or configure another directory";
const DIRECTORY =
  "A directory stands where a file should be: in the data directory only wal and snapshots are directories";
const DESCRIPTORS =
  "Raise the limit of open files (ulimit -n), or lower gateway.max_connections; it passes when connections close";
const NOT_OPENED =
  "See that the user that runs the exchange may open this file and those beside it (-wal, -shm, -journal), and that the file system has room for more files (df -i)";
const BROKEN = "Check the disk: look into the kernel's log";

const DAMAGED = "Put back a copy of this file, and check the disk";

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  SQLITE_FULL: FULL,
  EROFS: READ_ONLY,
  SQLITE_READONLY: READ_ONLY,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EEXIST: NO_DIRECTORY,
  ENOTDIR: NO_DIRECTORY,
  EISDIR: DIRECTORY,
  EMFILE: DESCRIPTORS,
  ENFILE: DESCRIPTORS,
  SQLITE_CANTOPEN: NOT_OPENED,
  EIO: BROKEN,
  SQLITE_IOERR: BROKEN,
  SQLITE_NOTADB: DAMAGED,
  SQLITE_CORRUPT: DAMAGED,
};

/**
 * A sentence without its full stop for an error whose code, or that of one that caused it, is known;
 * null for any other.
 */
export function storageAdvice(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = "code" in cause ? String(cause.code) : "";
    // SQLite says more exactly which after a second underscore: SQLITE_IOERR_WRITE.
    const advice = ADVICE[code] ?? ADVICE[code.replace(/^(SQLITE_[A-Z]+)_.*$/, "$1")];
    if (advice !== undefined) return advice;
  }
  return null;
}
