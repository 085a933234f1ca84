/** Copies of the persistence code with one mistake each. The simulation must find every one. */
import { join } from "node:path";
import type {
  RecoveryReport,
  RecoveryTarget,
  StorageFailedError,
} from "../../src/persistence/backend.ts";
import type { FileSystem } from "../../src/persistence/wal/file-system.ts";
import { Journal } from "../../src/persistence/wal/journal.ts";
import { segmentName } from "../../src/persistence/wal/layout.ts";
import { PERSISTENCE, type Subject } from "./subject.ts";
import { SNAPSHOT_DIRECTORY, WAL_DIRECTORY } from "./ticks-state.ts";

/** The disk as a file system in which some operations behave differently. */
function altered(disk: FileSystem, changes: Partial<FileSystem>): FileSystem {
  const changed = new Map<PropertyKey, unknown>(Object.entries(changes));
  return new Proxy(disk, {
    get(target, name) {
      const value: unknown = changed.get(name) ?? Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function withJournal(journal: Subject["journal"]): Subject {
  return { ...PERSISTENCE, journal };
}

function withDisk(changes: (disk: FileSystem) => Partial<FileSystem>): Subject {
  return withJournal((options, disk) => new Journal(options, altered(disk, changes(disk))));
}

function withWorkerDisk(changes: Partial<FileSystem>): Subject {
  return { ...PERSISTENCE, workerDisk: (disk) => altered(disk, changes) };
}

class EarlyJournal extends Journal {
  override flush(done: (error: StorageFailedError | null) => void): void {
    super.flush(() => {});
    done(this.failure);
  }
}

class ForgetfulReader extends Journal {
  override recover(target: RecoveryTarget): RecoveryReport {
    let held: (() => void) | null = null;
    return super.recover({
      ...target,
      apply(batch) {
        held?.();
        const copy = { ...batch, ints: batch.ints.slice() };
        held = () => target.apply(copy);
      },
    });
  }
}

/** Skips one operation of the disk while `during` runs. */
function without(
  operation: "fdatasyncAndWait" | "writeAtAndWait",
  during: "recover" | "append",
): Subject {
  return withJournal((options, disk) => {
    let isLeftOut = false;
    class Hasty extends Journal {
      override recover(target: RecoveryTarget): RecoveryReport {
        isLeftOut = during === "recover";
        const report = super.recover(target);
        isLeftOut = false;
        return report;
      }

      override append(...batch: Parameters<Journal["append"]>): void {
        isLeftOut = during === "append";
        try {
          super.append(...batch);
        } finally {
          isLeftOut = false;
        }
      }
    }
    const leftOut = (...values: Parameters<FileSystem["writeAtAndWait"]>): void => {
      if (!isLeftOut) disk[operation](...values);
    };
    return new Hasty(options, altered(disk, { [operation]: leftOut }));
  });
}

export const BROKEN_JOURNALS: Readonly<Record<string, Subject>> = {
  "skips the flush beside the tick": withDisk(() => ({
    fdatasync: (_, done) => queueMicrotask(() => done(null)),
  })),
  "skips the flushes that wait": withDisk(() => ({ fdatasyncAndWait: () => {} })),
  "skips the flush of what recovery found": without("fdatasyncAndWait", "recover"),
  "begins a segment before the last one is durable": without("fdatasyncAndWait", "append"),
  "acknowledges before the flush is done": withJournal(
    (options, disk) => new EarlyJournal(options, disk),
  ),
  "forgets to flush the directory": withDisk(() => ({
    syncDirectory: async () => {},
    syncDirectoryAndWait: () => {},
  })),
  "takes a failed flush for a good one": withDisk((disk) => ({
    fdatasync: (file, done) => disk.fdatasync(file, () => done(null)),
  })),
  "flushes again after a failed flush": withDisk((disk) => ({
    fdatasync: (file, done) =>
      disk.fdatasync(file, (error) => (error === null ? done(null) : disk.fdatasync(file, done))),
  })),
  "takes a short write for a whole one": withDisk((disk) => ({
    writer(file) {
      const writer = disk.writer(file);
      const claim = (taken: number | Promise<number>, count: number): number | Promise<number> =>
        typeof taken === "number" ? count : taken;
      return {
        ...writer,
        write: (bytes) => claim(writer.write(bytes), bytes.length),
        flush: () => claim(writer.flush(), 0),
      };
    },
  })),
  "leaves a torn tail where it is": withDisk(() => ({ truncateAndWait: () => {} })),
  "leaves out the last tick at recovery": withJournal(
    (options, disk) => new ForgetfulReader(options, disk),
  ),
  "names a snapshot before it is flushed": withWorkerDisk({ fdatasyncAndWait: () => {} }),
  "removes a segment that a snapshot needs": {
    ...PERSISTENCE,
    async retain({ sealedThrough }, disk) {
      const path = join(WAL_DIRECTORY, segmentName(sealedThrough));
      if (disk.exists(path)) await disk.removeBeside(path);
    },
  },
  "removes segments on the word of a snapshot that may vanish": {
    ...PERSISTENCE,
    retain: (rules, disk) => {
      const syncDirectory = async (directory: string): Promise<void> => {
        if (directory !== SNAPSHOT_DIRECTORY) await disk.syncDirectory(directory);
      };
      return PERSISTENCE.retain(rules, altered(disk, { syncDirectory }));
    },
  },
  "takes what a failed flush left in memory for durable": without("writeAtAndWait", "recover"),
};
