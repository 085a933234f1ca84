import { afterEach, beforeEach } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IDENTITY_FILE, IdentityStore } from "../../src/identity/identity-store.ts";

/** An identity store in a directory of its own, for each test of a file a new one. */
export class StoreOnDisk {
  /** The store makes `inner` in it. */
  outer = "";
  #store: IdentityStore | undefined;

  constructor() {
    beforeEach(async () => {
      this.outer = mkdtempSync(join(tmpdir(), "waiver-identity-"));
      await this.open();
    });
    afterEach(async () => {
      await this.store.close();
      rmSync(this.outer, { recursive: true });
    });
  }

  get directory(): string {
    return join(this.outer, "inner");
  }

  get path(): string {
    return join(this.directory, IDENTITY_FILE);
  }

  get store(): IdentityStore {
    if (this.#store === undefined) throw new Error("no test has begun");
    return this.#store;
  }

  /** Opens what is there, after it was closed. */
  async open(highestUser?: number): Promise<void> {
    this.#store = await IdentityStore.open(this.path, highestUser);
  }

  async restart(): Promise<void> {
    await this.store.close();
    await this.open();
  }
}
