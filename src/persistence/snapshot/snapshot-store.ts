/** The directory of snapshots: lists and opens them, and moves unusable ones out of the way. */

import { join } from "node:path";
import type { FileSystem } from "../wal/file-system.ts";
import { diskFileSystem } from "../wal/file-system.ts";
import { snapshotName, snapshotTick } from "./layout.ts";
import { SnapshotFile } from "./snapshot-file.ts";
import { UNFINISHED } from "./write-snapshot.ts";

/** The suffix of a snapshot that could not be used: only people read or remove it. */
const UNUSABLE = ".unusable";

export class SnapshotStore {
  readonly #fileSystem: FileSystem;

  constructor(
    readonly directory: string,
    fileSystem: FileSystem = diskFileSystem,
  ) {
    this.#fileSystem = fileSystem;
  }

  /** The ticks of the snapshots that are there, newest first; whether they are sound is not looked at. */
  ticks(): number[] {
    const ticks = this.#names().map(snapshotTick);
    return ticks.filter((tick) => tick !== null).sort((a, b) => b - a);
  }

  path(tick: number): string {
    return join(this.directory, snapshotName(tick));
  }

  /** The snapshot of `tick`, its header checked; the caller closes it. Throws `SnapshotUnusableError`. */
  open(tick: number): SnapshotFile {
    return new SnapshotFile(this.path(tick), this.#fileSystem);
  }

  /** Moves a snapshot that cannot be used out of the way, durably. Returns its new path. */
  setAside(tick: number): string {
    const path = this.path(tick);
    let aside = path + UNUSABLE;
    // An earlier unusable snapshot of the same tick is evidence too, and kept.
    for (let i = 2; this.#fileSystem.exists(aside); i++) aside = `${path}${UNUSABLE}-${i}`;
    this.#fileSystem.rename(path, aside);
    this.#fileSystem.syncDirectoryAndWait(this.directory);
    return aside;
  }

  /** Removes the unfinished files of writers that were killed. No writer may be running. */
  removeUnfinished(): void {
    const unfinished = this.#names().filter(
      (name) =>
        name.endsWith(UNFINISHED) && snapshotTick(name.slice(0, -UNFINISHED.length)) !== null,
    );
    for (const name of unfinished) this.#fileSystem.remove(join(this.directory, name));
    if (unfinished.length > 0) this.#fileSystem.syncDirectoryAndWait(this.directory);
  }

  /** Removes a snapshot durably, outside the tick path. */
  async remove(tick: number): Promise<void> {
    await this.#fileSystem.removeBeside(this.path(tick));
    await this.#fileSystem.syncDirectory(this.directory);
  }

  /** The names in the directory; none while it does not exist. */
  #names(): string[] {
    return this.#fileSystem.exists(this.directory) ? this.#fileSystem.list(this.directory) : [];
  }
}
