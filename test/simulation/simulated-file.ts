/**
 * One file of a simulated disk: what processes see of it (the page cache), what the platter has, and
 * every state that a sector was in between.
 *
 * ```
 *   cache     what read gives: the newest state of every sector
 *   versions  sector 3: ▒ (write 7)  ▓ (write 9)      a crash leaves any one of them, or the platter's,
 *   platter   sector 3: ░                             for each sector by itself; the same for the size
 * ```
 */
import type { Random } from "../core/fuzz/random.ts";

/** The size that a disk writes completely or not at all. */
export const SECTOR_BYTES = 512;

/** What a crash keeps of the changes that were not synced. */
export type Remains = "nothing" | "everything" | "anything";

interface Version<Value> {
  /** The number of the change that wrote it, counted from 1. */
  change: number;
  value: Value;
}

export class SimulatedFile {
  /** How many changes there were. A sync covers the changes up to the moment at which it was requested. */
  changes = 0;
  #size = 0;
  #cache = new Uint8Array(0);
  #platter = new Uint8Array(0);
  #platterSize = 0;
  readonly #sectors = new Map<number, Version<Uint8Array>[]>();
  #sizes: Version<number>[] = [];

  get size(): number {
    return this.#size;
  }

  /** What processes see, as a view. */
  get contents(): Uint8Array {
    return this.#cache.subarray(0, this.#size);
  }

  write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    this.#reserve(end);
    this.#cache.set(bytes, position);
    this.changes++;
    this.#resize(Math.max(this.#size, end));
    this.#remember(position, end);
  }

  truncate(size: number): void {
    const before = this.#size;
    this.#reserve(size);
    this.#cache.fill(0, size, Math.max(size, before));
    this.changes++;
    this.#resize(size);
    this.#remember(size, before);
  }

  /** A sync of every change up to `change` has succeeded. */
  settle(change: number): void {
    for (const [sector, versions] of this.#sectors) {
      const settled = versions.findLast((version) => version.change <= change);
      if (settled === undefined) continue;
      this.#put(sector, settled.value);
      this.#forget(sector, versions, change);
    }
    const size = this.#sizes.findLast((version) => version.change <= change);
    if (size !== undefined) this.#platterSize = size.value;
    this.#sizes = this.#sizes.filter((version) => version.change > change);
  }

  /**
   * A sync of every change up to `change` has failed. Each sector was written or not. All of them count as
   * clean, so no later sync writes them. Then the cache either keeps the new bytes, which the platter lacks,
   * or shows the platter's bytes again (`isDropped`).
   */
  lose(change: number, random: Random, isDropped: boolean): void {
    for (const [sector, versions] of this.#sectors) {
      const last = versions.findLast((version) => version.change <= change);
      if (last === undefined) continue;
      const isWritten = random.once(2);
      if (isWritten) this.#put(sector, last.value);
      this.#forget(sector, versions, change);
      if (isWritten || !isDropped || this.#sectors.has(sector)) continue;
      const start = sector * SECTOR_BYTES;
      const end = Math.min(start + SECTOR_BYTES, this.#size);
      this.#cache.fill(0, start, end);
      this.#cache.set(this.#platter.subarray(start, end), start);
    }
  }

  /** The power fails. */
  crash(random: Random, remains: Remains): void {
    const size = chosen(this.#sizes, random, remains) ?? this.#platterSize;
    for (const [sector, versions] of this.#sectors) {
      const bytes = chosen(versions, random, remains);
      if (bytes !== undefined) this.#put(sector, bytes);
    }
    this.#sectors.clear();
    this.#sizes = [];
    const kept = new Uint8Array(size);
    kept.set(this.#platter.subarray(0, size));
    this.#platter = kept;
    this.#platterSize = size;
    this.#cache = kept.slice();
    this.#size = size;
  }

  /** A file with the same contents, all of them on the platter. */
  copy(): SimulatedFile {
    const copy = new SimulatedFile();
    copy.write(0, this.contents);
    copy.settle(copy.changes);
    return copy;
  }

  #resize(size: number): void {
    if (size === this.#size) return;
    this.#size = size;
    this.#sizes.push({ change: this.changes, value: size });
  }

  /** Keeps the state of every sector that the newest change touched. */
  #remember(from: number, to: number): void {
    const last = Math.ceil(to / SECTOR_BYTES);
    for (let sector = Math.floor(from / SECTOR_BYTES); sector < last; sector++) {
      const start = sector * SECTOR_BYTES;
      const value = this.#cache.slice(start, start + SECTOR_BYTES);
      const versions = this.#sectors.get(sector);
      if (versions === undefined) this.#sectors.set(sector, [{ change: this.changes, value }]);
      else versions.push({ change: this.changes, value });
    }
  }

  #forget(sector: number, versions: Version<Uint8Array>[], change: number): void {
    const newer = versions.filter((version) => version.change > change);
    if (newer.length === 0) this.#sectors.delete(sector);
    else this.#sectors.set(sector, newer);
  }

  #put(sector: number, bytes: Uint8Array): void {
    const start = sector * SECTOR_BYTES;
    this.#platter = withRoom(this.#platter, start + bytes.length);
    this.#platter.set(bytes, start);
  }

  /** The size in whole sectors. Bytes beyond the file's size are zero. */
  #reserve(bytes: number): void {
    this.#cache = withRoom(this.#cache, Math.ceil(bytes / SECTOR_BYTES) * SECTOR_BYTES);
  }
}

/** One of the versions, or undefined for the state before all of them. */
function chosen<Value>(
  versions: readonly Version<Value>[],
  random: Random,
  remains: Remains,
): Value | undefined {
  if (remains === "nothing") return undefined;
  if (remains === "everything") return versions.at(-1)?.value;
  return versions[random.between(-1, versions.length - 1)]?.value;
}

function withRoom(bytes: Uint8Array<ArrayBuffer>, room: number): Uint8Array<ArrayBuffer> {
  if (room <= bytes.length) return bytes;
  const larger = new Uint8Array(Math.max(room, bytes.length * 2));
  larger.set(bytes);
  return larger;
}
