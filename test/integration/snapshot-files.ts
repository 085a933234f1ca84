import { readdir, readFile, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { eventually } from "../lib/eventually.ts";
import type { AdminReply } from "./server-process.ts";
import type { Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

/** The offset in a snapshot's header of the segment that comes after it (proto/snapshot.md). */
const NEXT_SEGMENT_BYTE = 88;

/** The files of an exchange that takes snapshots. */
export class SnapshotFiles {
  constructor(private readonly venue: Venue) {}

  get directory(): string {
    return join(this.venue.dataDir, "snapshots");
  }

  get journal(): string {
    return join(this.venue.dataDir, "wal");
  }

  /** Names in the directory of snapshots, in order. `ending` selects some of them. */
  async names(ending = ".snap"): Promise<string[]> {
    const names = await readdir(this.directory).catch(() => []);
    return names.filter((name) => name.endsWith(ending)).sort();
  }

  async newest(): Promise<string> {
    const name = (await this.names()).at(-1);
    if (name === undefined) throw new Error("there is no snapshot");
    return join(this.directory, name);
  }

  /** Numbers of the journal's segments, in order. */
  async segments(): Promise<number[]> {
    const names = await readdir(this.journal);
    const numbers = names.flatMap((name) => /^wal_(\d+)\.log$/.exec(name)?.[1] ?? []);
    return numbers.map(Number).sort((a, b) => a - b);
  }

  /** The first segment that a snapshot needs. */
  async nextSegment(file: string): Promise<number> {
    return (await readFile(file)).readInt32LE(NEXT_SEGMENT_BYTE);
  }

  /** Checks that everything that each snapshot needs exists, and that no segment is missing in between. */
  async expectNothingMissing(): Promise<string | null> {
    for (const name of await this.names()) {
      const next = await this.nextSegment(join(this.directory, name)).catch(() => null);
      if (next === null) continue; // removed in the meantime
      const segments = await this.segments();
      const [first = 0] = segments;
      const last = segments.at(-1) ?? 0;
      const isGone = !(await this.names()).includes(name);
      if (!isGone && (first > next || last < next - 1)) return `${name} needs ${next}: ${segments}`;
      if (last - first + 1 !== segments.length) return `a gap: ${segments}`;
    }
    return null;
  }

  /** Changes a byte in the middle of a file. */
  async damage(file: string): Promise<void> {
    const bytes = await readFile(file);
    const middle = Math.floor(bytes.length / 2);
    bytes.writeUInt8((bytes[middle] ?? 0) ^ 0x10, middle);
    await Bun.write(file, bytes);
  }

  /** Requests a snapshot, and stops the process that takes it half-way. */
  async stopWorker(): Promise<{ pid: number; taking: Promise<AdminReply> }> {
    for (;;) {
      const taking = this.venue.server.admin("POST", "/snapshot");
      let isTaken = false;
      taking.then(
        () => {
          isTaken = true;
        },
        () => undefined,
      );
      let pid: number | undefined;
      await eventually(async () => {
        [pid] = await this.workers();
        return pid !== undefined || isTaken;
      });
      if (pid === undefined) continue;
      process.kill(pid, "SIGSTOP");
      return { pid, taking };
    }
  }

  /** All processes that are taking a snapshot of this exchange's journal. */
  async workers(): Promise<number[]> {
    const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
    const found: number[] = [];
    for (const pid of pids) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (!command.includes("snapshot-worker") || !command.includes(this.venue.dataDir)) continue;
      const isBorn = await readlink(`/proc/${pid}/exe`).catch(() => null);
      if (isBorn !== null) found.push(pid);
    }
    return found;
  }
}

/** The log line of what the last start recovered, with the snapshot by its file name. */
export function recovered({ server }: Venue): Members {
  const line = server.log.findLast(({ msg }) => msg === "recovered");
  if (line === undefined) throw new Error("nothing was recovered");
  const { snapshot } = line;
  return { ...line, snapshot: snapshot === null ? null : basename(String(snapshot)) };
}
