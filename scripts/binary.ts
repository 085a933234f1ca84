/**
 * Makes one file of the exchange and its command line, which needs nothing else: `bun run binary [--out FILE]
 * [--target bun-linux-arm64]`. Another target than this machine takes Bun's program for it from the network.
 */
import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { programBuild } from "./program-build.ts";

const CHECKOUT = join(import.meta.dir, "..");

/** Compiles the checkout to `outfile`. Rejects, with the reasons, when something does not compile. */
export async function compileBinary(
  outfile: string,
  target?: Bun.Build.CompileTarget,
): Promise<void> {
  await mkdir(dirname(outfile), { recursive: true });
  // Source maps are inside, and written beside it as well.
  const folder = await mkdtemp(`${outfile}-`);
  const made = join(folder, basename(outfile));
  await Bun.build({
    ...programBuild,
    // The program then starts without parsing and compiling: a third less of the thread's time; the file is 9
    // MB larger.
    bytecode: true,
    format: "esm",
    // Settings files of the folder that it is started in are not meant for it.
    compile: {
      outfile: made,
      ...(target !== undefined && { target }),
      autoloadDotenv: false,
      autoloadBunfig: false,
    },
  });
  await rename(made, outfile);
  await rm(folder, { recursive: true });
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: "string", default: join(CHECKOUT, "dist/waiver") },
      target: { type: "string" },
    },
  });
  const out = resolve(values.out);
  await compileBinary(out, values.target as Bun.Build.CompileTarget | undefined);
  const { size } = await stat(out);
  console.log(`${out}: ${Math.round(size / 1e6)} MB`);
}
