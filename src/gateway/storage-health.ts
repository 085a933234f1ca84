/**
 * The component "persistence" of `/readyz`: the state of the journal and its disk. Each trouble is logged once when it
 * begins, with what to do about it, and once when it is over.
 */
import type { Housekeeping } from "../housekeeping/housekeeping.ts";
import type { WallClock } from "../lib/clocks.ts";
import type { Log } from "../lib/log.ts";
import { storageAdvice } from "../persistence/storage-advice.ts";
import type { Component } from "../protocol/schemas/admin-replies.ts";
import { type Health, HealthState } from "./health.ts";

export interface StorageHealthParts extends WallClock {
  journal: {
    /** Why the journal has failed, so that nothing is accepted any more; null when it has not. */
    readonly failure: Error | null;
    /** Why the next segment is not ready; null when it is. */
    readonly trouble: Error | null;
  };
  space: {
    /** Why free disk space is too low, or unknown; null when it is enough. */
    readonly warning: Error | null;
  };
  log: Log;
}

/** Adds the components "snapshots" and, if there is one, "archive". The exchange trades on without them. */
export function addHousekeepingHealth(
  health: Health,
  { snapshots, archiver }: Pick<Housekeeping, "snapshots" | "archiver">,
  now: () => number,
): void {
  const ofSnapshots = () => snapshots.failure?.message ?? snapshots.slowness();
  health.addReason("snapshots", ofSnapshots, now);
  if (archiver !== null) health.addReason("archive", () => archiver.reason(), now);
}

/** What the log says when a trouble begins and when it is over. */
const MESSAGES = {
  trouble: {
    begins:
      "the next segment cannot be prepared; trading stops if it is still so when it is needed",
    ends: "the next segment is prepared",
  },
  space: { begins: "disk space is low, or unknown", ends: "disk space is sufficient again" },
};

export class StorageHealth {
  readonly #parts: StorageHealthParts;
  readonly #state: HealthState;
  /** Troubles that were logged and are not over. */
  readonly #logged = new Set<keyof typeof MESSAGES>();

  constructor(parts: StorageHealthParts) {
    this.#parts = parts;
    this.#state = new HealthState(parts.now);
  }

  /** The state of the storage. Read at every request, and when something has changed. */
  read = (): Component => {
    const { failure } = this.#parts.journal;
    if (failure === null) this.#readTroubles();
    else this.#readFailure(failure);
    return this.#state.read();
  };

  /** Only a restart ends a failure, so other troubles are not looked at any more. */
  #readFailure(failure: Error): void {
    if (this.#state.read().status === "failed") return;
    this.#state.set("failed", failure.message);
    this.#parts.log.error(fieldsOf(failure), "storage failed; restart to recover from disk");
  }

  #readTroubles(): void {
    const { journal, space } = this.#parts;
    this.#logChange("trouble", journal.trouble);
    this.#logChange("space", space.warning);
    const troubles = [journal.trouble, space.warning].filter((each) => each !== null);
    if (troubles.length === 0) this.#state.set("ok");
    else this.#state.set("degraded", troubles.map(({ message }) => message).join("; "));
  }

  #logChange(name: keyof typeof MESSAGES, trouble: Error | null): void {
    if ((trouble !== null) === this.#logged.has(name)) return;
    const { begins, ends } = MESSAGES[name];
    if (trouble === null) {
      this.#logged.delete(name);
      this.#parts.log.info({}, ends);
    } else {
      this.#logged.add(name);
      this.#parts.log.warn(fieldsOf(trouble), begins);
    }
  }
}

function fieldsOf(error: Error): object {
  return {
    error: error.message,
    advice: storageAdvice(error) ?? "Find out what is wrong with the disk",
  };
}
