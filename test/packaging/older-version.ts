/** The last version of this program before the current journal format, from the history of this checkout. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHECKOUT = join(import.meta.dir, "../..");
/** The last commit that writes version 2 of the journal: rules of version 0, snapshots of version 1. */
const COMMIT = "b66203b10e1db23810fb0954fc3f41ca3bb187fe";

async function run(command: readonly string[], cwd: string): Promise<string> {
  const child = Bun.spawn([...command], { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${out}${err}`);
  return out;
}

/** Why the older version cannot be had here; null if it can. A shallow clone has no history. */
export async function whyNoOlderVersion(): Promise<string | null> {
  const found = run(["git", "cat-file", "-t", COMMIT], CHECKOUT);
  return found.then(
    () => null,
    (error: Error) =>
      `${COMMIT.slice(0, 7)} is not in the history of this checkout: ${error.message}`,
  );
}

/** The older program in a directory that is removed with it. */
export class OlderVersion implements AsyncDisposable {
  private constructor(readonly cwd: string) {}

  static async checkOut(): Promise<OlderVersion> {
    const cwd = await mkdtemp(join(tmpdir(), "older-"));
    await run(["sh", "-c", `git archive ${COMMIT} | tar -x -C "${cwd}"`], CHECKOUT);
    await run([process.execPath, "install", "--frozen-lockfile", "--production"], cwd);
    return new OlderVersion(cwd);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.cwd, { recursive: true });
  }
}
