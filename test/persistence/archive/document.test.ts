import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArchiveIndex } from "../../../src/persistence/archive/archive-index.ts";
import { ENTRIES_PER_PAGE, MANIFEST_VERSION } from "../../../src/persistence/archive/manifest.ts";
import { archiveOnce } from "./archive-rig.ts";
import { JournalFiles } from "./journal-files.ts";
import { MemoryObjectStore } from "./memory-object-store.ts";

const DOCUMENT = readFileSync(join(import.meta.dir, "../../../proto/archive.md"), "utf8");

const root = mkdtempSync(join(tmpdir(), "waiver-archive-document-"));
afterAll(() => rmSync(root, { recursive: true }));

/** The members that the table of entries gives to a kind: its column 1 or 2 has a dot. */
function documented(column: number): string[] {
  const rows = DOCUMENT.split("\n").filter((line) => /^\| `\w+`.*\| *●? *\| *●? *\|/.test(line));
  return rows
    .map((row) => row.split("|").slice(1))
    .filter((cells) => cells[column]?.includes("●"))
    .flatMap((cells) => (cells[0] ?? "").match(/\w+/g) ?? []);
}

test("proto/archive.md has every member of an entry, and the format's numbers", async () => {
  const files = new JournalFiles(root);
  files.addSegment([1]);
  files.addSnapshot();
  const store = new MemoryObjectStore();
  await archiveOnce(store, files);
  const entries = (await (await ArchiveIndex.open(store))?.entries()) ?? [];
  const [segment = {}, snapshot = {}] = entries;
  expect(documented(1).sort()).toEqual(Object.keys(segment).sort());
  expect(documented(2).sort()).toEqual(Object.keys(snapshot).sort());
  expect(DOCUMENT).toContain(`Format version **${MANIFEST_VERSION}**`);
  expect(DOCUMENT).toContain(`the first ${ENTRIES_PER_PAGE} entries`);
});

test("proto/archive.md says how the checksum is made", async () => {
  const store = new MemoryObjectStore();
  const files = new JournalFiles(mkdtempSync(join(root, "data-")));
  files.addSegment([1]);
  await archiveOnce(store, files);
  const text = new TextDecoder().decode(store.objects.get("manifest.json"));
  const from = text.indexOf('"content":') + '"content":'.length;
  const content = text.slice(from, text.lastIndexOf("}"));
  expect(JSON.parse(text)).toMatchObject({
    version: MANIFEST_VERSION,
    checksum: new Bun.CryptoHasher("sha256").update(content).digest("hex"),
  });
});
