/**
 * What the archive holds, as text: `manifest.json` and the pages that full parts of its list move to.
 * `proto/archive.md` describes it for people.
 *
 * ```
 *   manifest/000001.json   manifest/000002.json   manifest.json
 *   ┌──────────────────┐   ┌──────────────────┐   ┌───────────────────────────────────┐
 *   │ entries 1 – 256  │   │ entries 257 – 512│   │ pages 1, 2, and entries from 513  │
 *   └──────────────────┘   └──────────────────┘   └───────────────────────────────────┘
 *     never written again                           rewritten after every upload
 * ```
 */

import * as v from "valibot";

/** The format written here; a reader refuses any other. */
export const MANIFEST_VERSION = 1;

/** About 150 KiB of text. */
export const ENTRIES_PER_PAGE = 256;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const exchangeId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));

const content = {
  bytes: count,
  sha256,
  compressed_bytes: count,
  compressed_sha256: sha256,
};

const SegmentEntry = v.strictObject({
  kind: v.literal("segment"),
  number: count,
  first_tick: count,
  last_tick: count,
  first_sequence: count,
  last_sequence: count,
  first_timestamp: count,
  last_timestamp: count,
  previous_hash: sha256,
  chain_hash: sha256,
  ...content,
});

const SnapshotEntry = v.strictObject({
  kind: v.literal("snapshot"),
  tick: count,
  sequence: count,
  timestamp: count,
  next_segment: count,
  chain_hash: sha256,
  ...content,
});

const Entries = v.array(v.variant("kind", [SegmentEntry, SnapshotEntry]));

const Page = v.strictObject({ exchange_id: exchangeId, entries: Entries });

const Head = v.strictObject({
  exchange_id: exchangeId,
  pages: v.array(v.strictObject({ number: count, entries: count, checksum: sha256 })),
  entries: Entries,
});

export type SegmentEntry = v.InferOutput<typeof SegmentEntry>;
export type SnapshotEntry = v.InferOutput<typeof SnapshotEntry>;
export type ArchiveEntry = SegmentEntry | SnapshotEntry;
export type ManifestPage = v.InferOutput<typeof Page>;
export type ManifestHead = v.InferOutput<typeof Head>;

/** Where an entry stands in the list: segments by their number, snapshots after the last segment that is in them. */
export function placeOf(entry: ArchiveEntry): number {
  return entry.kind === "segment" ? entry.number : entry.next_segment - 0.5;
}

/** The text is not what was written. */
export class ManifestDamagedError extends Error {
  override readonly name = "ManifestDamagedError";
}

/** The manifest was written by a newer version of the program. */
class ManifestVersionError extends Error {
  override readonly name = "ManifestVersionError";
}

export function encodeManifest(content: ManifestHead | ManifestPage): {
  text: string;
  checksum: string;
} {
  const body = JSON.stringify(content);
  const checksum = checksumOf(body);
  const text = `{"version":${MANIFEST_VERSION},"checksum":"${checksum}","content":${body}}`;
  return { text, checksum };
}

/** Throws `ManifestDamagedError` or `ManifestVersionError`. */
export function decodeHead(text: string): ManifestHead {
  return decode(text, Head).content;
}

/** Throws `ManifestDamagedError` or `ManifestVersionError`. */
export function decodePage(text: string): { content: ManifestPage; checksum: string } {
  return decode(text, Page);
}

function decode<const Schema extends v.GenericSchema>(
  text: string,
  schema: Schema,
): { content: v.InferOutput<Schema>; checksum: string } {
  const [, version, checksum, body] =
    /^\{"version":(\d+),"checksum":"([0-9a-f]{64})","content":(.*)\}$/s.exec(text) ?? [];
  if (version === undefined || checksum === undefined || body === undefined) {
    throw new ManifestDamagedError("it is not a manifest");
  }
  if (checksumOf(body) !== checksum) {
    throw new ManifestDamagedError("it does not match its checksum");
  }
  if (Number(version) !== MANIFEST_VERSION) {
    throw new ManifestVersionError(
      `it has format version ${version}; this program knows ${MANIFEST_VERSION}`,
    );
  }
  const parsed = v.safeParse(schema, JSON.parse(body));
  if (parsed.success) return { content: parsed.output, checksum };
  const [issue] = parsed.issues;
  throw new ManifestDamagedError(`${v.getDotPath(issue) ?? "content"}: ${issue.message}`);
}

function checksumOf(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}
