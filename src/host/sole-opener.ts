/** Whether others have a file open too. */
import { openCLibrary } from "./c-library.ts";

const SYMBOLS = { fcntl: { args: ["i32", "i32", "i32"], returns: "i32" } } as const;

const F_SETLEASE = 1024;
const F_WRLCK = 1;
const F_UNLCK = 2;

/**
 * Whether nobody but the owner of this descriptor, open for writing, has its file open, in any process. The system
 * gives a lease for writing to such a one only. False where it gives none: not Linux, another's file, a network's.
 */
export function isOpenNowhereElse(file: number): boolean {
  if (process.platform !== "linux") return false;
  const fcntl = openCLibrary(SYMBOLS)?.fcntl;
  if (fcntl === undefined || fcntl(file, F_SETLEASE, F_WRLCK) !== 0) return false;
  fcntl(file, F_SETLEASE, F_UNLCK);
  return true;
}
