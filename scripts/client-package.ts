/**
 * Makes the package that is published from `packages/client`: `bun scripts/client-package.ts [--out DIR]` builds it,
 * packs it and prints the tarball's path and what it weighs in a browser.
 */
import { cp, mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "tsdown";
import { pack } from "./pack.ts";

const CHECKOUT = join(import.meta.dir, "..");
const PACKAGE = join(CHECKOUT, "packages/client");

/** Builds and packs into `out`, which is emptied; gives the path of the tarball. */
export async function packClient(out: string): Promise<string> {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await build({
    cwd: PACKAGE,
    config: false,
    entry: "src/index.ts",
    outDir: join(out, "dist"),
    format: "esm",
    platform: "neutral",
    target: "es2022",
    dts: true,
    fixedExtension: false,
    logLevel: "error",
  });
  // In the checkout the package is its sources; what others get is what was built.
  const {
    publishConfig,
    scripts: _,
    ...rest
  } = await Bun.file(join(PACKAGE, "package.json")).json();
  const json = JSON.stringify({ ...rest, ...publishConfig }, null, 2);
  await Bun.write(join(out, "package.json"), `${json}\n`);
  await cp(join(PACKAGE, "README.md"), join(out, "README.md"));
  await cp(join(CHECKOUT, "LICENSE"), join(out, "LICENSE"));
  return await pack(out);
}

/** How many bytes of it a page loads, minified and compressed: at first, and later for MessagePack. */
export async function browserBytes(): Promise<{ first: number; messagePack: number }> {
  const { outputs } = await Bun.build({
    entrypoints: [join(PACKAGE, "src/index.ts")],
    target: "browser",
    minify: true,
    splitting: true,
  });
  const sizes = outputs.map(async (output) => ({
    isFirst: output.kind === "entry-point",
    bytes: Bun.gzipSync(await output.arrayBuffer()).length,
  }));
  const total = { first: 0, messagePack: 0 };
  for (const { isFirst, bytes } of await Promise.all(sizes)) {
    total[isFirst ? "first" : "messagePack"] += bytes;
  }
  return total;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { out: { type: "string", default: join(PACKAGE, "dist") } },
  });
  const out = resolve(values.out);
  console.log(await packClient(out));
  const { first, messagePack } = await browserBytes();
  console.log(
    `gzipped for a browser: ${first} bytes, MessagePack ${messagePack} more when it is used`,
  );
}
