/** Whether SQLite says that the file is no database, or a damaged one. */
export function isDamagedDatabase(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^SQLITE_(NOTADB|CORRUPT)/.test(code);
}
