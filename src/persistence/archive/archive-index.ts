/** Reads the archive's manifest and adds entries to it. There must be only one writer at a time. */

import {
  type ArchiveEntry,
  decodeHead,
  decodePage,
  ENTRIES_PER_PAGE,
  encodeManifest,
  ManifestDamagedError,
  type ManifestHead,
  placeOf,
  type SegmentEntry,
  type SnapshotEntry,
} from "./manifest.ts";
import { MANIFEST_OBJECT, manifestPageObject } from "./object-names.ts";
import { type ObjectStore, ObjectStoreError, readWhole } from "./object-store.ts";

export class ArchiveIndex {
  readonly #store: ObjectStore;
  #head: ManifestHead;
  /** The manifest's text in the store; null = it has none. */
  #text: string | null;
  /** Entries of the pages that were read so far, by the page's number. */
  readonly #pages = new Map<number, ArchiveEntry[]>();

  private constructor(store: ObjectStore, head: ManifestHead, text: string | null) {
    this.#store = store;
    this.#head = head;
    this.#text = text;
  }

  /**
   * Reads the manifest; null when there is none. Rejects with `ObjectStoreError`, and with
   * `ManifestDamagedError` and `ManifestVersionError`.
   */
  static async open(store: ObjectStore): Promise<ArchiveIndex | null> {
    const text = await readText(store, MANIFEST_OBJECT);
    return text === null ? null : new ArchiveIndex(store, decodeHead(text), text);
  }

  /** The manifest of a new archive. Nothing is written before the first entry. */
  static begin(store: ObjectStore, exchangeId: string): ArchiveIndex {
    return new ArchiveIndex(store, { exchange_id: exchangeId, pages: [], entries: [] }, null);
  }

  /** Whether the store's manifest is still the one that was read or written here last. */
  async isCurrent(): Promise<boolean> {
    return (await readText(this.#store, MANIFEST_OBJECT)) === this.#text;
  }

  /** Id of the exchange whose archive this is, in hexadecimal. */
  get exchangeId(): string {
    return this.#head.exchange_id;
  }

  /** All entries: segments in the order of their numbers, and snapshots in the order of their ticks. */
  async entries(): Promise<ArchiveEntry[]> {
    const all: ArchiveEntry[] = [];
    for (const page of this.#head.pages) {
      for (const entry of await this.#entriesOf(page)) all.push(entry);
    }
    return all.concat(this.#head.entries);
  }

  /** The segment with the highest number. */
  lastSegment(): Promise<SegmentEntry | null> {
    return this.#findLast((entry) => entry.kind === "segment");
  }

  segment(number: number): Promise<SegmentEntry | null> {
    return this.#findLast((entry) => entry.kind === "segment" && entry.number === number);
  }

  /** The snapshot with the highest tick. */
  lastSnapshot(): Promise<SnapshotEntry | null> {
    return this.#findLast((entry) => entry.kind === "snapshot");
  }

  /**
   * Adds entries for objects that the store holds already, and writes the manifest. When that fails,
   * nothing is added.
   */
  async add(entries: readonly ArchiveEntry[]): Promise<void> {
    const last = (await this.lastSegment())?.number ?? 0;
    const isBehind = entries.every((entry) => entry.kind === "snapshot" || entry.number > last);
    await (isBehind ? this.#append(this.#head, entries) : this.#insert(entries));
  }

  /**
   * Inserts segments between the entries that are there: they were damaged, and so left out, when the manifest
   * was rebuilt. All pages are written again. If that fails half-way, the manifest does not match its pages and
   * is rebuilt once more.
   */
  async #insert(entries: readonly ArchiveEntry[]): Promise<void> {
    const all = [...(await this.entries()), ...entries].sort((a, b) => placeOf(a) - placeOf(b));
    this.#pages.clear();
    await this.#append({ exchange_id: this.exchangeId, pages: [], entries: [] }, all);
  }

  async #append(before: ManifestHead, entries: readonly ArchiveEntry[]): Promise<void> {
    let head = before;
    for (const entry of entries) {
      if (head.entries.length >= ENTRIES_PER_PAGE) head = await this.#turnPage(head);
      head = { ...head, entries: [...head.entries, entry] };
    }
    const { text } = encodeManifest(head);
    await this.#write(MANIFEST_OBJECT, text);
    this.#head = head;
    this.#text = text;
  }

  /**
   * Moves a full list of entries to a page. A page that an earlier attempt wrote, and that no manifest names
   * yet, is overwritten.
   */
  async #turnPage({ exchange_id, pages, entries }: ManifestHead): Promise<ManifestHead> {
    const number = pages.length + 1;
    const { text, checksum } = encodeManifest({ exchange_id, entries });
    await this.#write(manifestPageObject(number), text);
    return {
      exchange_id,
      pages: [...pages, { number, entries: entries.length, checksum }],
      entries: [],
    };
  }

  #write(key: string, text: string): Promise<void> {
    return this.#store.put(key, [new TextEncoder().encode(text)]);
  }

  /** Searches from the newest entry on, because lookups nearly always want a new one. */
  async #findLast<Kind extends ArchiveEntry>(
    is: (entry: ArchiveEntry) => boolean,
  ): Promise<Kind | null> {
    let found = this.#head.entries.findLast(is);
    for (const page of this.#head.pages.toReversed()) {
      if (found !== undefined) break;
      found = (await this.#entriesOf(page)).findLast(is);
    }
    return (found as Kind | undefined) ?? null;
  }

  async #entriesOf(page: ManifestHead["pages"][number]): Promise<ArchiveEntry[]> {
    const known = this.#pages.get(page.number);
    if (known !== undefined) return known;
    const key = manifestPageObject(page.number);
    const text = await readText(this.#store, key);
    if (text === null) throw new ManifestDamagedError(`its page ${key} is missing`);
    const { content, checksum } = decodePage(text);
    if (checksum !== page.checksum || content.entries.length !== page.entries) {
      throw new ManifestDamagedError(`its page ${key} is not the one that it names`);
    }
    this.#pages.set(page.number, content.entries);
    return content.entries;
  }
}

/** The text of an object; null when there is none. */
async function readText(store: ObjectStore, key: string): Promise<string | null> {
  try {
    return new TextDecoder().decode(await readWhole(store, key));
  } catch (error) {
    if (error instanceof ObjectStoreError && error.trouble === "missing-object") return null;
    throw error;
  }
}
