import { copyFile } from "node:fs/promises";
import { compileBinary } from "../../scripts/binary.ts";
import { COMPILED } from "../integration/server-process.ts";

/** Puts the one compiled file there: a copy of what the check compiled, so that nothing of its folder is at hand. */
export async function putOneFile(path: string): Promise<void> {
  if (COMPILED === undefined) await compileBinary(path);
  else await copyFile(COMPILED, path);
}
