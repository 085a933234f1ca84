/** The store of the archive's objects: a folder of a bucket. */
import { gathered } from "../../lib/gathered.ts";

/** What can go wrong with an object store, told apart by what to do about it. */
export type StoreTrouble =
  /** The server refuses the keys, or what they may do. */
  | "credentials"
  | "missing-bucket"
  | "missing-object"
  /** A quota or the server's disk is full. */
  | "full"
  /** Nothing moved for as long as a request may wait. */
  | "slow"
  /** Nobody answers, or the server says that it is in trouble. */
  | "unreachable"
  /** The bytes that arrived are not the ones that were sent. */
  | "damaged"
  /** The bucket cannot hold an object for a time. */
  | "no-retention"
  /** The store was closed while the request was under way. */
  | "closed"
  | "refused";

const ADVICE: Record<StoreTrouble, string> = {
  credentials:
    "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, the clock, and that the key may list, read and write here.",
  "missing-bucket":
    "Create the bucket, or correct its name (persistence.cloud.s3_bucket, or --from of a restore), region and endpoint.",
  "missing-object":
    "It was removed, or the bucket or prefix (persistence.cloud, or --from of a restore) is not the archive's.",
  full: "Raise the quota or make room on the server.",
  slow: "Check the server and the network, or raise persistence.cloud.request_timeout_ms.",
  unreachable: "Check that the server runs and that persistence.cloud.endpoint is its address.",
  damaged: "Check the network and the server's disks.",
  "no-retention":
    "Create the bucket with object lock, or set persistence.cloud.retention_days = 0.",
  closed: "It was ended on purpose.",
  refused: "See the server's own log.",
};

/** A request to an object store failed. Says which object, what happened and what to do. */
export class ObjectStoreError extends Error {
  override readonly name = "ObjectStoreError";
  constructor(
    readonly trouble: StoreTrouble,
    /** `s3://bucket/key` */
    readonly object: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${object}: ${reason}. ${ADVICE[trouble]}`, options);
  }
}

export interface PutOptions {
  /** Until then nobody may remove or overwrite the object, where the bucket supports that. */
  retainUntil?: Date | undefined;
}

export interface StoredObject {
  key: string;
  bytes: number;
}

/** Keys are relative to the folder. Every method rejects with `ObjectStoreError`. */
export interface ObjectStore {
  /** The folder, for people: `s3://bucket/prefix/`. */
  readonly url: string;
  /**
   * Writes an object whole, or not at all; one that is there is replaced. The body comes in pieces and
   * is sent piece by piece, so that other work gets its turn in between.
   */
  put(key: string, pieces: readonly Uint8Array[], options?: PutOptions): Promise<void>;
  /** The object's bytes as they come. Trouble `missing-object` when there is none. */
  read(key: string): AsyncIterable<Uint8Array>;
  /** Length of an object; null when there is none. */
  size(key: string): Promise<number | null>;
  /** Every object whose key begins with `start`, in the order of their keys. */
  list(start: string): AsyncIterable<StoredObject>;
  /** Aborts the requests under way, and refuses all later ones. */
  close(): void;
}

/** Reads a small object into memory. */
export function readWhole(store: ObjectStore, key: string): Promise<Uint8Array> {
  return gathered(store.read(key));
}
