/** An object store in memory, for tests. */

import type {
  ObjectStore,
  PutOptions,
  StoredObject,
} from "../../../src/persistence/archive/object-store.ts";
import { ObjectStoreError } from "../../../src/persistence/archive/object-store.ts";

export class MemoryObjectStore implements ObjectStore {
  readonly url = "memory://archive/";
  /** The stored objects by key. A test may read and change them. */
  readonly objects = new Map<string, Uint8Array>();
  readonly retainedUntil = new Map<string, Date>();
  #closed = false;

  async put(
    key: string,
    pieces: readonly Uint8Array[],
    { retainUntil }: PutOptions = {},
  ): Promise<void> {
    this.#refuseWhenClosed(key);
    this.objects.set(key, new Uint8Array(Buffer.concat(pieces)));
    if (retainUntil !== undefined) this.retainedUntil.set(key, retainUntil);
  }

  async *read(key: string): AsyncGenerator<Uint8Array> {
    this.#refuseWhenClosed(key);
    const bytes = this.objects.get(key);
    if (bytes === undefined) throw this.#error("missing-object", key, "there is no such object");
    if (bytes.length > 0) yield bytes.slice();
  }

  async size(key: string): Promise<number | null> {
    this.#refuseWhenClosed(key);
    return this.objects.get(key)?.length ?? null;
  }

  async *list(start: string): AsyncGenerator<StoredObject> {
    this.#refuseWhenClosed(start);
    for (const key of [...this.objects.keys()].sort()) {
      const bytes = this.objects.get(key)?.length;
      if (key.startsWith(start) && bytes !== undefined) yield { key, bytes };
    }
  }

  close(): void {
    this.#closed = true;
  }

  #refuseWhenClosed(key: string): void {
    if (this.#closed) throw this.#error("closed", key, "the store is closed");
  }

  #error(trouble: "missing-object" | "closed", key: string, reason: string): ObjectStoreError {
    return new ObjectStoreError(trouble, this.url + key, reason);
  }
}
