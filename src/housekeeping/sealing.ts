/** Ends the journal's current segment early, for readers of sealed segments. */
import type { PersistenceBackend } from "../persistence/backend.ts";
import type { ControlPort } from "../router/control.ts";

export class Sealing {
  readonly #control: ControlPort;
  readonly #backend: PersistenceBackend;
  #waiting: { through: number; resolve(): void; reject(error: Error): void }[] = [];
  /** Why nothing more will be sealed; null while segments are sealed. */
  #failure: Error | null = null;

  constructor(control: ControlPort, backend: PersistenceBackend) {
    this.#control = control;
    this.#backend = backend;
    backend.onSealed((through) => this.#wake(through));
  }

  /**
   * Ends the segment between two ticks, and calls `look` at that moment. Resolves when all that was written by
   * then is sealed, with the number of the last segment and what `look` returned. Rejects with the error that
   * `fail` was given.
   */
  async seal<T>(look: () => T): Promise<{ through: number; seen: T }> {
    const cut = await this.#control.read(() => {
      return { through: this.#backend.rotate(), seen: look() };
    });
    await new Promise<void>((resolve, reject) => {
      // The storage may have failed since the segment was ended.
      if (this.#failure !== null) return reject(this.#failure);
      this.#waiting.push({ through: cut.through, resolve, reject });
      this.#wake(this.#backend.sealedThrough());
    });
    return cut;
  }

  /** Called when nothing more will be sealed. */
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
