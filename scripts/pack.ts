/** Packs what is in `folder` as npm would publish it; gives the path of the file. */
import { resolve } from "node:path";

export async function pack(folder: string): Promise<string> {
  const packed = Bun.spawn([process.execPath, "pm", "pack", "--quiet"], {
    cwd: folder,
    stdout: "pipe",
    stderr: "inherit",
  });
  const name = (await packed.stdout.text()).trim().split("\n").at(-1) ?? "";
  if ((await packed.exited) !== 0) throw new Error("bun pm pack failed");
  return resolve(folder, name);
}
