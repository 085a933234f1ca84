import { expect, test } from "bun:test";
import { StorageFailedError } from "../../src/persistence/backend.ts";
import { storageAdvice } from "../../src/persistence/storage-advice.ts";

const withCode = (code: string): Error => Object.assign(new Error("it failed"), { code });

test.each([
  ["ENOSPC", /^Free space/],
  ["EDQUOT", /^Free space/],
  ["SQLITE_FULL", /^Free space/],
  ["SQLITE_CANTOPEN", /-wal.*df -i/],
  ["EROFS", /writable/],
  ["SQLITE_READONLY_DIRECTORY", /writable/],
  ["EACCES", /right to write/],
  ["EPERM", /right to write/],
  ["ENOTDIR", /no directory/],
  ["EEXIST", /no directory/],
  ["EISDIR", /^A directory stands/],
  ["EIO", /kernel's log/],
  ["SQLITE_IOERR_FSYNC", /kernel's log/],
  ["SQLITE_NOTADB", /^Put back a copy/],
  ["SQLITE_CORRUPT_INDEX", /^Put back a copy/],
])("an error %p has its advice, also as the cause of another", (code, advice) => {
  expect(storageAdvice(withCode(code))).toMatch(advice);
  const told = new StorageFailedError("the journal failed", { cause: withCode(code) });
  expect(storageAdvice(told)).toMatch(advice);
});

test("other errors have none", () => {
  const others = [withCode("EBADF"), withCode("SQLITE_BUSY"), new Error("ENOSPC"), "ENOSPC", null];
  expect(others.map(storageAdvice)).toEqual(others.map(() => null));
});
