/** File systems for one test that are really small or really broken. They need the right to mount. */
import { mkdtemp, rm, statfs, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** In memory, or in a file, which only root may mount. */
export type DiskKind = "tmpfs" | "ext4";

/** A mounted file system. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string;
  readonly #root: string;
  #image: string;

  private constructor(root: string) {
    this.#root = root;
    this.path = join(root, "disk");
    this.#image = join(root, "image");
  }

  /** Throws the system's message if it may not be mounted. */
  static async mount(kind: DiskKind, bytes: number): Promise<SmallDisk> {
    const disk = new SmallDisk(await mkdtemp(join(tmpdir(), "waiver-disk-")));
    try {
      disk.#mount(kind, bytes);
    } catch (error) {
      await rm(disk.#root, { recursive: true });
      throw error;
    }
    return disk;
  }

  #mount(kind: DiskKind, bytes: number): void {
    run("mkdir", this.path);
    if (kind === "tmpfs") {
      run("mount", "-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", this.path);
    } else {
      run("truncate", "-s", String(bytes), this.#image);
      run("mkfs.ext4", "-q", "-F", "-m", "0", this.#image);
      this.#mountImage();
    }
  }

  /** Creates a file that leaves this many bytes free. */
  async addBallast(freeBytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.path);
    await writeFile(join(this.path, "ballast"), new Uint8Array(bavail * bsize - freeBytes));
  }

  async removeBallast(): Promise<void> {
    await unlink(join(this.path, "ballast"));
  }

  /** Refuses writes from now on. No process may have a file open for writing. */
  setReadOnly(): void {
    run("mount", "-o", "remount,bind,ro", this.path);
  }

  /**
   * Does what the kernel does to an ext4 when the disk below it fails: it is read-only at once, for
   * everybody.
   */
  breakDown(): void {
    run("mount", "-o", "remount,abort", this.path);
  }

  /**
   * Checks an ext4 and mounts a copy of it; no process may have a file open. A copy, because a process that
   * started in the meantime in its own mount namespace still has the broken one mounted, and mounting that
   * again would give the broken one.
   */
  repair(): void {
    run("umount", this.path);
    const copy = `${this.#image}-repaired`;
    run("cp", "--sparse=always", this.#image, copy);
    this.#image = copy;
    // Exit code 1: it had errors, and they were corrected.
    const { exitCode } = spawn("e2fsck", "-p", "-f", this.#image);
    if (exitCode > 1) throw new Error(`e2fsck ended with ${exitCode}`);
    this.#mountImage();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A killed process may not have ended yet.
    run("umount", "--lazy", this.path);
    await rm(this.#root, { recursive: true });
  }

  #mountImage(): void {
    run("mount", "-o", "loop,errors=remount-ro", this.#image, this.path);
  }
}

/**
 * Whether this machine lets tests mount such a disk. If not, one line says why. In CI it must, and this
 * throws.
 */
export async function canMount(kind: DiskKind): Promise<boolean> {
  try {
    await using _disk = await SmallDisk.mount(kind, 16 * 1024 * 1024);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const why = `these tests mount ${kind} (be root, or for a tmpfs in "unshare -rm"): ${reason}`;
    if (Bun.env.CI !== undefined) throw new Error(why, { cause: error });
    process.stdout.write(`skipped: ${why}\n`);
    return false;
  }
}

function spawn(...command: string[]) {
  return Bun.spawnSync(command, { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
}

function run(...command: string[]): void {
  if (Bun.which(command[0] ?? "") === null) throw new Error(`there is no ${command[0]}`);
  const { exitCode, stderr } = spawn(...command);
  if (exitCode === 0) return;
  const [line = ""] = stderr.toString().split("\n");
  throw new Error(`${command.join(" ")} ended with ${exitCode}: ${line}`);
}
