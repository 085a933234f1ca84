/**
 * Users and keys in the archive. Each copy is an encrypted object of its own, named after the last tick that
 * was archived before it. All accounts in the copy were opened by that tick.
 */

import { ContentError } from "./content-error.ts";
import { IDENTITY_FOLDER, identityObject, tickOfIdentityObject } from "./object-names.ts";
import { type ObjectStore, readWhole } from "./object-store.ts";
import { seal, unseal } from "./sealed-bytes.ts";

export interface IdentityRestore {
  /** The archive's key, 32 bytes; null = none was given. */
  key: Uint8Array | null;
  /** Writes a copy to where the exchange of that id will look for it. */
  write(copy: Uint8Array, exchangeId: string): Promise<void>;
}

/**
 * What a restore did with users and keys. `absent`: the archive has no copy that is as old as the restored
 * journal. `no-key`: it has one, and no key was given.
 */
export type RestoredIdentity = "restored" | "absent" | "no-key" | "not-asked";

export interface SealedIdentity {
  key: string;
  bytes: Uint8Array;
}

/** Encrypts a copy for the archive of `exchangeId`, which has the journal up to `tick`. */
export async function sealIdentity(
  archiveKey: Uint8Array,
  exchangeId: string,
  tick: number,
  copy: Uint8Array,
): Promise<SealedIdentity> {
  return {
    key: identityObject(tick),
    bytes: await seal(archiveKey, await Bun.zstdCompress(copy), contextOf(exchangeId, tick)),
  };
}

/**
 * The newest copy that is not of a later tick than `tick`; null when there is none. Rejects with
 * `ObjectStoreError`, and with `ContentError` when it is damaged or of another key.
 */
export async function readIdentity(
  store: ObjectStore,
  archiveKey: Uint8Array,
  exchangeId: string,
  tick: number,
): Promise<Uint8Array | null> {
  const found = await newestTick(store, tick);
  if (found === null) return null;
  const object = identityObject(found);
  try {
    const sealed = await readWhole(store, object);
    return Bun.zstdDecompressSync(await unseal(archiveKey, sealed, contextOf(exchangeId, found)));
  } catch (error) {
    if (!(error instanceof ContentError)) throw error;
    throw new ContentError(`${store.url}${object}: ${error.message}`, { cause: error });
  }
}

export async function restoreIdentity(
  store: ObjectStore,
  exchangeId: string,
  tick: number,
  identity: IdentityRestore | undefined,
): Promise<RestoredIdentity> {
  if (identity === undefined) return "not-asked";
  if (identity.key === null) return (await newestTick(store, tick)) === null ? "absent" : "no-key";
  const copy = await readIdentity(store, identity.key, exchangeId, tick);
  if (copy === null) return "absent";
  await identity.write(copy, exchangeId);
  return "restored";
}

async function newestTick(store: ObjectStore, tick: number): Promise<number | null> {
  let newest: number | null = null;
  for await (const { key } of store.list(IDENTITY_FOLDER)) {
    const found = tickOfIdentityObject(key);
    if (found !== null && found <= tick && found >= (newest ?? 0)) newest = found;
  }
  return newest;
}

function contextOf(exchangeId: string, tick: number): string {
  return `waiver identity ${exchangeId} ${tick}`;
}
