/**
 * The state that simulated exchanges rebuild: the fingerprints of all their ticks. It shows every tick that a
 * snapshot or the journal lost, changed or gave twice.
 */
import type { RecoveryTarget } from "../../src/persistence/backend.ts";
import { rebuild, snapshotInfo } from "../../src/persistence/rebuild.ts";
import { writeSnapshot } from "../../src/persistence/snapshot/write-snapshot.ts";
import type { FileSystem } from "../../src/persistence/wal/file-system.ts";
import { Violation } from "./promises.ts";
import { fingerprintOf } from "./tick-source.ts";

export const WAL_DIRECTORY = "wal";
export const SNAPSHOT_DIRECTORY = "snapshots";

const SECTION = "ticks";
const SYMBOLS_MAX = 16;

export class TicksState {
  /** Tick 1 first. */
  ticks: string[] = [];
  /** A loaded snapshot whose header does not fit its content. */
  #isFalse = false;

  readonly target: RecoveryTarget = {
    apply: (batch) => void this.ticks.push(fingerprintOf(batch)),
    snapshots: {
      load: (snapshot) => {
        const bytes = snapshot.read(SECTION);
        const { tick, stateHash, symbolsMax } = snapshot.info;
        this.ticks = JSON.parse(new TextDecoder().decode(bytes));
        const isTrue = tick === this.ticks.length && stateHash === hashOf(bytes);
        if (!isTrue || symbolsMax !== SYMBOLS_MAX) this.#isFalse = true;
      },
      reset: () => {
        this.ticks = [];
      },
    },
  };

  /** Throws `Violation` if a snapshot was loaded that was never written like this. */
  check(): void {
    if (this.#isFalse) throw new Violation("a snapshot was accepted that is not what was written");
  }
}

/** Does the work of the snapshot worker: rebuilds the state at the end of a sealed segment, and writes it. */
export function takeSnapshot(fileSystem: FileSystem, through: number): string[] {
  const state = new TicksState();
  const sources = { walDirectory: WAL_DIRECTORY, snapshotDirectory: SNAPSHOT_DIRECTORY, through };
  const { reading } = rebuild(sources, state.target, fileSystem);
  state.check();
  const bytes = new TextEncoder().encode(JSON.stringify(state.ticks));
  const info = snapshotInfo(reading, { stateHash: hashOf(bytes), symbolsMax: SYMBOLS_MAX });
  writeSnapshot(SNAPSHOT_DIRECTORY, info, [{ name: SECTION, bytes: [bytes] }], fileSystem);
  return state.ticks;
}

function hashOf(bytes: Uint8Array): bigint {
  return BigInt(Bun.hash(bytes));
}
