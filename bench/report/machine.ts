/** The machine that figures were taken on, as far as a reader needs it to judge them. */
import { readFileSync } from "node:fs";
import { cpus, release, type } from "node:os";
import { resolve } from "node:path";

export interface Machine {
  cpu: string;
  cores: number;
  kernel: string;
  bun: string;
  /** File system and device of the directory that the data went to. */
  disk: string;
}

export function describeMachine(dataDir: string): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model ?? "unknown",
    cores: all.length,
    kernel: `${type()} ${release()}`,
    bun: Bun.version,
    disk: diskOf(resolve(dataDir)),
  };
}

/** "ext4 on /dev/sda1", by the mount that `path` lies under; "unknown" where Linux's /proc is missing. */
function diskOf(path: string): string {
  if (process.platform !== "linux") return "unknown";
  let point = "";
  let disk = "unknown";
  for (const line of readFileSync("/proc/mounts", "utf8").split("\n")) {
    const [device, mountPoint = "", fileSystem] = line.split(" ");
    const lies = mountPoint === "/" || path === mountPoint || path.startsWith(`${mountPoint}/`);
    // Of two mounts on one point the later one is seen.
    if (!lies || mountPoint.length < point.length) continue;
    point = mountPoint;
    disk = `${fileSystem} on ${device}`;
  }
  return disk;
}
