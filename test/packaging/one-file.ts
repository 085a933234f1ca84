import { copyFile } from "node:fs/promises";
import { compileBinary } from "../../scripts/binary.ts";
import { COMPILED } from "../integration/server-process.ts";

/** Copies the compiled file there, so that nothing of its own folder is beside it. */
export async function putOneFile(path: string): Promise<void> {
  if (COMPILED === undefined) await compileBinary(path);
  else await copyFile(COMPILED, path);
}
