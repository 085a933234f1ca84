/** Ends the journal's segment in hand early, for those who read only what is sealed. */
import type { PersistenceBackend } from "../persistence/backend.ts";
import type { ControlPort } from "../router/control.ts";

export class Sealing {
  readonly #control: ControlPort;
  readonly #backend: PersistenceBackend;
  #waiting: { through: number; resolve(): void; reject(error: Error): void }[] = [];
  /** Why nothing more is sealed; null while it is. */
  #failure: Error | null = null;

  constructor(control: ControlPort, backend: PersistenceBackend) {
    this.#control = control;
    this.#backend = backend;
    backend.onSealed((through) => this.#wake(through));
  }

  /**
   * Ends the segment between two ticks, and calls `look` at that moment. Resolves when all that was written
   * by then is sealed: the number of the last segment, and what `look` gave. Rejects with what `fail` was given.
   */
  async seal<T>(look: () => T): Promise<{ through: number; seen: T }> {
    const cut = await this.#control.read(() => {
      return { through: this.#backend.rotate(), seen: look() };
    });
    await new Promise<void>((resolve, reject) => {
      // It may have failed since the cut.
      if (this.#failure !== null) return reject(this.#failure);
      this.#waiting.push({ through: cut.through, resolve, reject });
      this.#wake(this.#backend.sealedThrough());
    });
    return cut;
  }

  /** Nothing more will be sealed. */
  fail(error: Error): void {
    this.#failure = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #wake(sealedThrough: number): void {
    const done = this.#waiting.filter(({ through }) => through <= sealedThrough);
    this.#waiting = this.#waiting.filter(({ through }) => through > sealedThrough);
    for (const { resolve } of done) resolve();
  }
}
