/** Finds out whether a file is open anywhere else. */
import { openCLibrary } from "./c-library.ts";

const SYMBOLS = { fcntl: { args: ["i32", "i32", "i32"], returns: "i32" } } as const;

const F_SETLEASE = 1024;
const F_WRLCK = 1;
const F_UNLCK = 2;

/**
 * Whether `file`, a descriptor that is open for writing, is the only one in any process that has this file open: only then
 * does the system grant a lease for writing. False where it grants none at all: on other systems than Linux, for a file of
 * another user, on a network's file system.
 */
export function isOpenNowhereElse(file: number): boolean {
  if (process.platform !== "linux") return false;
  const fcntl = openCLibrary(SYMBOLS)?.fcntl;
  if (fcntl === undefined || fcntl(file, F_SETLEASE, F_WRLCK) !== 0) return false;
  fcntl(file, F_SETLEASE, F_UNLCK);
  return true;
}
