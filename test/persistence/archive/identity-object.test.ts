import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { restoreArchive } from "../../../src/persistence/archive/restore-archive.ts";
import { archiveOnce } from "./archive-rig.ts";
import { JournalFiles } from "./journal-files.ts";
import { MemoryObjectStore } from "./memory-object-store.ts";

const root = mkdtempSync(join(tmpdir(), "waiver-identity-"));
afterAll(() => rmSync(root, { recursive: true }));

const KEY = new Uint8Array(32).fill(9);
const copyOf = (text: string) => ({
  archiveKey: KEY,
  copyIdentity: async () => new TextEncoder().encode(text),
});

const identitiesOf = (store: MemoryObjectStore): string[] =>
  [...store.objects.keys()].filter((key) => key.startsWith("identity/")).sort();

/** An archive with one user as of tick 2, and two as of tick 4. */
async function archive(): Promise<MemoryObjectStore> {
  const store = new MemoryObjectStore();
  const files = new JournalFiles(mkdtempSync(join(root, "data-")));
  files.addSegment([1, 1]);
  await archiveOnce(store, files, copyOf("ann"));
  files.addSegment([1]);
  await archiveOnce(store, files, copyOf("ann"));
  files.addSegment([1]);
  await archiveOnce(store, files, copyOf("ann, bob"));
  return store;
}

async function restore(store: MemoryObjectStore, tick: number, key: Uint8Array | null) {
  const directory = mkdtempSync(join(root, "restored-"));
  const written: string[] = [];
  const { identity } = await restoreArchive({
    store,
    walDir: join(directory, "wal"),
    snapshotDir: join(directory, "snapshots"),
    target: { tick },
    identity: {
      key,
      write: async (copy) => void written.push(new TextDecoder().decode(copy)),
    },
  });
  return [identity, written];
}

test("a copy is archived when it changed, and restored as it was at the tick that is restored", async () => {
  const store = await archive();
  expect(identitiesOf(store)).toEqual([
    "identity/identity_000000000002.sealed",
    "identity/identity_000000000004.sealed",
  ]);
  expect(await restore(store, 4, KEY)).toEqual(["restored", ["ann, bob"]]);
  expect(await restore(store, 3, KEY)).toEqual(["restored", ["ann"]]);
  expect(await restore(store, 1, KEY)).toEqual(["absent", []]);
  expect(await restore(store, 4, null)).toEqual(["no-key", []]);
});

test("an exchange that was restored to an earlier moment leaves the users of the archive's last moment alone", async () => {
  const store = await archive();
  const before = new Map(store.objects);
  const copy = new JournalFiles(mkdtempSync(join(root, "data-")));
  copy.addSegment([1, 1]);
  const first = Bun.zstdDecompressSync(store.objects.get("wal/wal_000001.log.zst") as Uint8Array);
  writeFileSync(copy.segmentPath(1), first);
  const { state } = await archiveOnce(store, copy, copyOf("ann, carl"));
  expect(state).toMatchObject({ state: "ok", confirmedSegment: 1 });
  expect(store.objects).toEqual(before);
  expect(await restore(store, 4, KEY)).toEqual(["restored", ["ann, bob"]]);
});

test("one that was put in another's place, or sealed with another key, is named", async () => {
  const store = await archive();
  const [older = "", newer = ""] = identitiesOf(store);
  const refused = `memory://archive/${newer}: it was sealed with another key than the one given (WAIVER_ARCHIVE_KEY, persistence.cloud.key_file), or is damaged`;
  await expect(restore(store, 4, new Uint8Array(32))).rejects.toThrow(refused);
  store.objects.set(newer, store.objects.get(older) as Uint8Array);
  await expect(restore(store, 4, KEY)).rejects.toThrow(refused);
});

test("without a key none is archived, and the log says so once", async () => {
  const store = new MemoryObjectStore();
  const files = new JournalFiles(mkdtempSync(join(root, "data-")));
  files.addSegment([1]);
  const { records } = await archiveOnce(store, files, { ...copyOf("ann"), archiveKey: null });
  expect(identitiesOf(store)).toEqual([]);
  expect(records.log.filter(({ level }) => level === "warn")).toEqual([
    {
      level: "warn",
      fields: {},
      message: "users and keys are not archived: there is no WAIVER_ARCHIVE_KEY",
    },
  ]);
});
