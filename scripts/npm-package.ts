/**
 * Makes the package of npm, which runs where there is Node and npm: `bun run package [--out DIR]` bundles and packs it,
 * and prints the tarball's path. Bun is its only dependency.
 */
import { chmod, cp, mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { pack } from "./pack.ts";
import { programBuild } from "./program-build.ts";

const CHECKOUT = join(import.meta.dir, "..");

/** Bundles and packs into `out`, which is emptied; gives the path of the tarball. */
export async function packProgram(out: string): Promise<string> {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await Bun.build({
    ...programBuild,
    sourcemap: "none",
    outdir: join(out, "dist"),
    // All in one folder, as in the compiled file: the page loads its files from the folder that it is in
    // itself.
    naming: { entry: "[name].[ext]" },
  });
  const launcher = join(out, "waiver.mjs");
  await cp(join(import.meta.dir, "npm-launcher.mjs"), launcher);
  await chmod(launcher, 0o755);
  for (const name of ["LICENSE", "waiver.example.toml"]) {
    await cp(join(CHECKOUT, name), join(out, name));
  }
  const { name, version, description, license, engines } = await Bun.file(
    join(CHECKOUT, "package.json"),
  ).json();
  const manifest = {
    ...{ name, version, description, license },
    type: "module",
    bin: { waiver: "waiver.mjs" },
    engines: { node: ">=20" },
    dependencies: { bun: engines.bun },
    files: ["dist", "waiver.mjs", "waiver.example.toml"],
  };
  await Bun.write(join(out, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await Bun.write(
    join(out, "README.md"),
    `# ${name}\n\n${description}.\n\n\`npx waiver serve --demo\`, then open the address that it prints; ` +
      "`npx waiver --help` shows all commands.\n",
  );
  return await pack(out);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { out: { type: "string", default: join(CHECKOUT, "dist/npm") } },
  });
  console.log(await packProgram(resolve(values.out)));
}
