/** The files of the trading page. The compiled program contains them; in a checkout they are made from the sources. */
import { deserialize } from "bun:jsc";
import { basename, resolve } from "node:path";
import type { PageFile } from "../gateway/page/page-file.ts";
import { ownProgram } from "../host/own-program.ts";
import { outputOf } from "../persistence/background-process.ts";
import bundle from "../web/index.html";

/** `signal` ends the process that makes them. Rejects with what that process printed when it fails. */
export async function pageFiles(signal: AbortSignal): Promise<PageFile[]> {
  if (bundle.files !== undefined) {
    return Promise.all(
      bundle.files.map(async ({ path, headers }) => ({
        name: basename(path),
        type: headers["content-type"],
        bytes: await Bun.file(resolve(import.meta.dir, path)).bytes(),
      })),
    );
  }
  // It is urgent, because somebody looks at an empty page meanwhile.
  const options = { env: {}, signal, isUrgent: true };
  const output = await outputOf(ownProgram("page-builder"), options);
  return deserialize(await output.arrayBuffer()) as PageFile[];
}
