/** A state that stands in for the core's: a digest of everything that it received, and counts. */

import type {
  CommandBatch,
  RecoveryProgress,
  RecoveryTarget,
} from "../../src/persistence/backend.ts";
import { rebuild, snapshotInfo } from "../../src/persistence/rebuild.ts";
import type { SnapshotSection } from "../../src/persistence/snapshot/write-snapshot.ts";
import { writeSnapshot } from "../../src/persistence/snapshot/write-snapshot.ts";
import type { Snapshot } from "../../src/persistence/snapshot.ts";
import type { FileSystem } from "../../src/persistence/wal/file-system.ts";
import { recordsOf } from "./journals.ts";

const SYMBOLS_MAX = 8;

export class Tally implements RecoveryTarget {
  /** What it received, beside the state. */
  readonly loaded: number[] = [];
  readonly applied: number[] = [];
  readonly progress: RecoveryProgress[] = [];
  readonly warnings: [fields: object, message: string][] = [];
  readonly snapshots = {
    load: (snapshot: Snapshot): void => this.#load(snapshot),
    reset: (): void => this.#reset(),
  };
  #digest = new Uint8Array(32);
  readonly #counts = new Float64Array(2);

  apply(batch: CommandBatch): void {
    const { tick, count } = batch;
    if (tick !== (this.#counts[0] as number) + 1) throw new Error(`tick ${tick} is not the next`);
    const hasher = new Bun.CryptoHasher("sha256").update(this.#digest).update(recordsOf(batch));
    this.#digest = new Uint8Array(hasher.digest());
    this.#counts[0] = tick;
    this.#counts[1] = (this.#counts[1] as number) + count;
    this.applied.push(tick);
  }

  onProgress(progress: RecoveryProgress): void {
    this.progress.push(progress);
  }

  warn(fields: object, message: string): void {
    this.warnings.push([fields, message]);
  }

  /** All of the state, to compare. */
  state(): { tick: number; commands: number; digest: string } {
    const [tick, commands] = this.#counts as unknown as [number, number];
    return { tick, commands, digest: this.#digest.toHex() };
  }

  stateHash(): bigint {
    return new DataView(this.#digest.buffer).getBigUint64(0);
  }

  sections(): SnapshotSection[] {
    const counts = new Uint8Array(this.#counts.buffer);
    // One section in two pieces, one that is empty, and one that nobody reads.
    return [
      { name: "digest", bytes: [this.#digest.subarray(0, 5), this.#digest.subarray(5)] },
      { name: "nothing", bytes: [] },
      { name: "counts", bytes: [counts] },
      { name: "spare", bytes: [Uint8Array.of(1, 2, 3, 4, 5)] },
    ];
  }

  #load(snapshot: Snapshot): void {
    if (this.state().tick !== 0) throw new Error("the state was not empty");
    this.loaded.push(snapshot.info.tick);
    // Read before the rest is checked, as a large state does.
    snapshot.readInto("counts", new Uint8Array(this.#counts.buffer));
    this.#digest = snapshot.read("digest") as Uint8Array<ArrayBuffer>;
    if (this.stateHash() !== snapshot.info.stateHash) throw new Error("the state hash is another");
  }

  #reset(): void {
    this.#digest = new Uint8Array(32);
    this.#counts.fill(0);
  }
}

/** The directories of an exchange. */
export interface Place {
  walDirectory: string;
  snapshotDirectory: string;
  fileSystem: FileSystem;
}

/** Does the worker's work: writes the snapshot at the end of the sealed segment `through`. */
export function takeSnapshot(place: Place, through: number): { file: string; tick: number } {
  const { walDirectory, snapshotDirectory, fileSystem } = place;
  const tally = new Tally();
  const { reading } = rebuild({ walDirectory, snapshotDirectory, through }, tally, fileSystem);
  const info = snapshotInfo(reading, { stateHash: tally.stateHash(), symbolsMax: SYMBOLS_MAX });
  const { file } = writeSnapshot(snapshotDirectory, info, tally.sections(), fileSystem);
  return { file, tick: info.tick };
}

/** The state that a replay of the whole journal gives. */
export function replayAll({ walDirectory, fileSystem }: Place): ReturnType<Tally["state"]> {
  const tally = new Tally();
  rebuild({ walDirectory, snapshotDirectory: null }, tally, fileSystem);
  return tally.state();
}
