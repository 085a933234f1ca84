/** Operations that were begun and have not called back yet. They end in any order, or never. */
import type { Random } from "../core/fuzz/random.ts";

interface Begun {
  /** Performs the operation; returns the reason if it failed. */
  attempt(): Error | null;
  done(error: Error | null): void;
}

export class BegunOperations {
  readonly #random: Random;
  readonly #begun: Begun[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  begin(effect: () => void, done: (error: Error | null) => void): void {
    const attempt = (): Error | null => {
      try {
        effect();
        return null;
      } catch (error) {
        return error as Error;
      }
    };
    this.#begun.push({ attempt, done });
  }

  /** Ends one of them; false if there is none. */
  step(): boolean {
    const [begun] = this.#begun.splice(this.#random.between(0, this.#begun.length - 1), 1);
    if (begun === undefined) return false;
    begun.done(begun.attempt());
    return true;
  }

  /** The process that waited for them is gone. Each operation has happened or not. */
  abandon(): void {
    for (const begun of this.#begun.splice(0)) {
      if (this.#random.once(2)) begun.attempt();
    }
  }
}
