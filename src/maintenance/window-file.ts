/**
 * The windows on disk: JSON that is replaced as a whole, so that a crash leaves the old file or the new one.
 */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { replaceFile } from "../host/replace-file.ts";
import { parseVersioned } from "../lib/newer-version.ts";
import { type Window, windowSchema } from "./window.ts";

export const MAINTENANCE_FILE = "maintenance.json";

const VERSION = 1;

const fileSchema = v.strictObject({
  version: v.literal(VERSION),
  /** Number of the next window. */
  next: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  windows: v.array(windowSchema),
});
export type WindowFile = Readonly<v.InferOutput<typeof fileSchema>>;

/** The windows; none when there is no file. Throws when the file cannot be used. */
export function readWindowFile(path: string): WindowFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return { version: VERSION, next: 1, windows: [] };
    }
    throw new Error(`${path}: cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const without =
    "no maintenance is scheduled, and symbols that were closed for one have to be resumed by hand";
  return parseVersioned(path, text, VERSION, v.parser(fileSchema), without);
}

/** Resolves when the file is on disk under its name. */
export async function writeWindowFile(
  path: string,
  next: number,
  windows: readonly Window[],
): Promise<void> {
  await replaceFile(path, `${JSON.stringify({ version: VERSION, next, windows }, null, 2)}\n`);
}
