/** Translates the refusals of an S3 server and the errors of a connection into `ObjectStoreError`. */

import type { StoreTrouble } from "./object-store.ts";
import { ObjectStoreError } from "./object-store.ts";

/** By the code in the answer. The codes are Amazon's, except where another server is named. */
const TROUBLE_OF_CODE: Readonly<Record<string, StoreTrouble>> = {
  AccessDenied: "credentials",
  ExpiredToken: "credentials",
  InvalidAccessKeyId: "credentials",
  InvalidToken: "credentials",
  RequestTimeTooSkewed: "credentials",
  SignatureDoesNotMatch: "credentials",
  NoSuchBucket: "missing-bucket",
  NoSuchKey: "missing-object",
  // Ceph and MinIO; Amazon's buckets are never full.
  QuotaExceeded: "full",
  XMinioStorageFull: "full",
  BadDigest: "damaged",
  RequestTimeout: "slow",
  InternalError: "unreachable",
  ServiceUnavailable: "unreachable",
  SlowDown: "unreachable",
};

/** By the status, for an answer without a known code. */
const TROUBLE_OF_STATUS: Readonly<Record<number, StoreTrouble>> = {
  401: "credentials",
  403: "credentials",
  404: "missing-object",
  507: "full",
};

/** How servers answer a request for retention that they or the bucket do not support. */
const RETENTION_REFUSALS = new Set(["InvalidRequest", "NotImplemented", "InvalidArgument"]);

/** The error for an answer that is no success. `wantsRetention`: the request asked for retention. */
export function refusal(
  object: string,
  status: number,
  body: string,
  wantsRetention: boolean,
): ObjectStoreError {
  const code = /<Code>([^<]*)<\/Code>/.exec(body)?.[1] ?? "";
  const words = /<Message>([^<]+)<\/Message>/.exec(body)?.[1];
  const named = code === "" ? `status ${status}` : `${code}, status ${status}`;
  const reason = `the server refused (${named})${words === undefined ? "" : `: ${words}`}`;
  if (wantsRetention && RETENTION_REFUSALS.has(code)) {
    return new ObjectStoreError("no-retention", object, reason);
  }
  return new ObjectStoreError(troubleOf(code, status), object, reason);
}

/** The error for what `fetch` or Bun's client threw. */
export function transportFailure(
  object: string,
  error: unknown,
  timeoutMs: number,
): ObjectStoreError {
  if (!(error instanceof Error)) {
    return new ObjectStoreError("refused", object, String(error), { cause: error });
  }
  const options = { cause: error };
  if (error.name === "TimeoutError") {
    const reason = `nothing moved for ${timeoutMs} ms`;
    return new ObjectStoreError("slow", object, reason, options);
  }
  if (error.name === "AbortError") {
    return new ObjectStoreError("closed", object, "the store was closed", options);
  }
  const code = "code" in error ? String(error.code) : "";
  if (error.name === "S3Error" && code in TROUBLE_OF_CODE) {
    return new ObjectStoreError(
      troubleOf(code, 0),
      object,
      `the server refused (${code})`,
      options,
    );
  }
  const reason = code === "" ? error.message : code;
  return new ObjectStoreError("unreachable", object, `no answer (${reason})`, options);
}

function troubleOf(code: string, status: number): StoreTrouble {
  const known = TROUBLE_OF_CODE[code] ?? TROUBLE_OF_STATUS[status];
  return known ?? (status >= 500 ? "unreachable" : "refused");
}
