/** The file names on a simulated disk: those that processes see, and those that a crash leaves. */
import { dirname } from "node:path";
import type { Random } from "../core/fuzz/random.ts";
import type { Remains, SimulatedFile } from "./simulated-file.ts";

type Assignment = readonly [path: string, file: SimulatedFile | null];

/** One creation, renaming or removal. All its assignments reach the platter together, or none does. */
interface NameChange {
  readonly directory: string;
  readonly assignments: readonly Assignment[];
}

export class SimulatedNames {
  #seen = new Map<string, SimulatedFile>();
  #platter = new Map<string, SimulatedFile>();
  /** Changes that no sync of their directory has covered yet. */
  #pending: NameChange[] = [];

  get(path: string): SimulatedFile | undefined {
    return this.#seen.get(path);
  }

  paths(): string[] {
    return [...this.#seen.keys()];
  }

  files(): Set<SimulatedFile> {
    return new Set(this.#seen.values());
  }

  change(...assignments: Assignment[]): void {
    const [first] = assignments;
    if (first === undefined) throw new RangeError("a change changes something");
    this.#pending.push({ directory: dirname(first[0]), assignments });
    assign(this.#seen, assignments);
  }

  /** The changes that a sync of `directory` begun now would cover. */
  pendingIn(directory: string): ReadonlySet<NameChange> {
    return new Set(this.#pending.filter((change) => change.directory === directory));
  }

  /** A sync of these changes has succeeded. */
  settle(changes: ReadonlySet<NameChange>): void {
    for (const change of this.#pending) {
      if (changes.has(change)) assign(this.#platter, change.assignments);
    }
    this.#pending = this.#pending.filter((change) => !changes.has(change));
  }

  /** The power fails. Any of the unsynced changes may be on the platter. */
  crash(random: Random, remains: Remains): void {
    for (const change of this.#pending) {
      const isKept = remains === "everything" || (remains === "anything" && random.once(2));
      if (isKept) assign(this.#platter, change.assignments);
    }
    this.#pending = [];
    this.#seen = new Map(this.#platter);
  }

  /** Adds a file as if it had always been there. */
  place(path: string, file: SimulatedFile): void {
    this.#seen.set(path, file);
    this.#platter.set(path, file);
  }
}

function assign(names: Map<string, SimulatedFile>, assignments: readonly Assignment[]): void {
  for (const [path, file] of assignments) {
    if (file === null) names.delete(path);
    else names.set(path, file);
  }
}
