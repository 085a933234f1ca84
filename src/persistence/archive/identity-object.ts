/**
 * Users and keys in the archive, sealed: a whole copy in an object of its own, named after the last tick of the
 * journal that was archived with it. All accounts that the copy knows were opened by then.
 */

import { ContentError } from "./content-error.ts";
import { IDENTITY_FOLDER, identityObject, tickOfIdentityObject } from "./object-names.ts";
import { type ObjectStore, readWhole } from "./object-store.ts";
import { seal, unseal } from "./sealed-bytes.ts";

export interface IdentityRestore {
  /** 32 bytes; null = there is none. */
  key: Uint8Array | null;
  /** Puts a copy where the exchange, of that id, will look for it. */
  write(copy: Uint8Array, exchangeId: string): Promise<void>;
}

/** `absent`: the archive has none as old as what was restored. `no-key`: it has, and nobody gave the key. */
export type RestoredIdentity = "restored" | "absent" | "no-key" | "not-asked";

export interface SealedIdentity {
  key: string;
  bytes: Uint8Array;
}

/** A copy as it goes to the archive of `exchangeId` with everything up to `tick`. */
export async function sealIdentity(
  archiveKey: Uint8Array,
  exchangeId: string,
  tick: number,
  copy: Uint8Array,
): Promise<SealedIdentity> {
  return {
    key: identityObject(tick),
    bytes: await seal(archiveKey, Bun.zstdCompressSync(copy), contextOf(exchangeId, tick)),
  };
}

/** The newest copy that is not after `tick`; null when there is none. Rejects with `ContentError`. */
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
