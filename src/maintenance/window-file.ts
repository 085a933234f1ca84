/** The windows on disk: JSON that is replaced as a whole, so that a crash leaves the one or the other. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { replaceFile } from "../host/replace-file.ts";
import { type Window, windowSchema } from "./window.ts";

export const MAINTENANCE_FILE = "maintenance.json";

const fileSchema = v.strictObject({
  version: v.literal(1),
  /** Number of the next window. */
  next: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  windows: v.array(windowSchema),
});
export type WindowFile = Readonly<v.InferOutput<typeof fileSchema>>;

/** None where there is no file. Throws when it cannot be used. */
export function readWindowFile(path: string): WindowFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return { version: 1, next: 1, windows: [] };
    }
    throw new Error(`${path}: cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    return v.parse(fileSchema, JSON.parse(text));
  } catch (error) {
    throw new Error(
      `${path}: damaged: ${(error as Error).message}. Put back a copy of it, or move it away: then no maintenance is ` +
        "scheduled, and symbols that were closed for one have to be resumed by hand",
      { cause: error },
    );
  }
}

/** Resolves when it is on disk under its name. */
export async function writeWindowFile(
  path: string,
  next: number,
  windows: readonly Window[],
): Promise<void> {
  await replaceFile(path, `${JSON.stringify({ version: 1, next, windows }, null, 2)}\n`);
}
