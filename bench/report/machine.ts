/** Describes the machine of a measurement, so that a reader can judge the figures. */
import { readFileSync } from "node:fs";
import { cpus, release, type } from "node:os";
import { resolve } from "node:path";

export interface Machine {
  cpu: string;
  cores: number;
  kernel: string;
  bun: string;
  /** File system and device of the data directory. */
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

/** File system and device of the mount that contains `path`, such as "ext4 on /dev/sda1"; "unknown" without /proc. */
function diskOf(path: string): string {
  if (process.platform !== "linux") return "unknown";
  let point = "";
  let disk = "unknown";
  for (const line of readFileSync("/proc/mounts", "utf8").split("\n")) {
    const [device, mountPoint = "", fileSystem] = line.split(" ");
    const isInside = mountPoint === "/" || path === mountPoint || path.startsWith(`${mountPoint}/`);
    // If two mounts have the same mount point, the later one is visible.
    if (!isInside || mountPoint.length < point.length) continue;
    point = mountPoint;
    disk = `${fileSystem} on ${device}`;
  }
  return disk;
}
