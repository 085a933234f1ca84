/** Logs for tests. */
import type { Log } from "../../src/lib/log.ts";

/** A log that passes each line to `note`. */
export function logTo(note: (level: keyof Log, fields: object, message: string) => void): Log {
  return {
    info: (...line) => note("info", ...line),
    warn: (...line) => note("warn", ...line),
    error: (...line) => note("error", ...line),
  };
}

export const SILENT = logTo(() => undefined);
