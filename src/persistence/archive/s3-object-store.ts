/**
 * Objects on an S3 server, over Bun's client.
 *
 * That client presigns every request and lists; `fetch` sends them, because the client's own `write`
 * and `stream` know no timeout, cannot be ended, and tell a refusal only by its text. The body goes
 * out in pieces: handing 60 MiB over at once held the event loop for up to 68 ms, pieces for 6 to 15.
 *
 * A request may take any time while bytes move: it is aborted when none moved for `requestTimeoutMs`.
 */

import { createHash } from "node:crypto";
import type { ArchiveConfig } from "../../config/config.ts";
import { findHost } from "../../lib/find-host.ts";
import { breathe } from "../../lib/steps.ts";
import type { ObjectStore, PutOptions, StoredObject } from "./object-store.ts";
import { ObjectStoreError } from "./object-store.ts";
import { signRequest } from "./request-signature.ts";
import { refusal, transportFailure } from "./s3-errors.ts";
import { Stopwatch } from "./stopwatch.ts";

export type S3Location = Pick<
  ArchiveConfig,
  "bucket" | "region" | "endpoint" | "prefix" | "requestTimeoutMs" | "credentials"
>;

/** A presigned URL is used at once; this allows for a clock that is a little off. */
const PRESIGNED_SECONDS = 900;
/** How much is read of an answer that is no object, such as a refusal. */
const ANSWER_BYTES_MAX = 64 * 1024;

interface S3Request {
  method: "GET" | "PUT" | "HEAD";
  key: string;
  pieces?: readonly Uint8Array[];
  headers?: Record<string, string>;
  /** Headers that the signature has to cover. */
  signedHeaders?: Record<string, string>;
}

export class S3ObjectStore implements ObjectStore {
  readonly url: string;
  readonly #location: S3Location;
  readonly #client: Bun.S3Client;
  readonly #prefix: string;
  readonly #closing = new AbortController();

  constructor(location: S3Location) {
    const { bucket, region, endpoint, prefix, credentials } = location;
    this.#location = location;
    this.#prefix = prefix === "" ? "" : `${prefix}/`;
    this.url = `s3://${bucket}/${this.#prefix}`;
    this.#client = new Bun.S3Client({
      bucket,
      region,
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
      ...(credentials.sessionToken !== "" && { sessionToken: credentials.sessionToken }),
      ...(endpoint !== null && { endpoint }),
    });
  }

  async put(
    key: string,
    pieces: readonly Uint8Array[],
    { retainUntil }: PutOptions = {},
  ): Promise<void> {
    const md5 = createHash("md5");
    for (const piece of pieces) {
      md5.update(piece);
      await breathe();
    }
    const request: S3Request = {
      method: "PUT",
      key,
      pieces,
      // With it the server refuses a body that was altered on the way.
      headers: { "content-md5": md5.digest("base64") },
    };
    if (retainUntil !== undefined) {
      request.signedHeaders = {
        "x-amz-object-lock-mode": "GOVERNANCE",
        "x-amz-object-lock-retain-until-date": retainUntil.toISOString(),
      };
    }
    await this.#perform(request, async (response) => void (await beginningOf(response)));
  }

  async *read(key: string): AsyncGenerator<Uint8Array> {
    const watch = this.#watch();
    try {
      const response = await this.#send({ method: "GET", key }, watch);
      for await (const chunk of response.body ?? []) {
        watch.stop();
        yield chunk;
        watch.restart();
      }
    } catch (error) {
      throw this.#failure(key, error);
    } finally {
      watch.end();
    }
  }

  async size(key: string): Promise<number | null> {
    try {
      return await this.#perform({ method: "HEAD", key }, async (response) =>
        Number(response.headers.get("content-length")),
      );
    } catch (error) {
      if (error instanceof ObjectStoreError && error.trouble === "missing-object") return null;
      throw error;
    }
  }

  async *list(start: string): AsyncGenerator<StoredObject> {
    const prefix = this.#prefix + start;
    let continuationToken: string | undefined;
    do {
      const page = await this.#listPage({
        prefix,
        ...(continuationToken && { continuationToken }),
      });
      for (const { key, size } of page.contents ?? []) {
        yield { key: key.slice(this.#prefix.length), bytes: size ?? 0 };
      }
      continuationToken = page.isTruncated ? page.nextContinuationToken : undefined;
    } while (continuationToken !== undefined);
  }

  close(): void {
    this.#closing.abort();
  }

  /** The client's listing cannot be aborted: when it takes too long, its answer is ignored. */
  async #listPage(options: Bun.S3ListObjectsOptions): Promise<Bun.S3ListObjectsResponse> {
    const watch = this.#watch();
    const ended = Promise.withResolvers<never>();
    const onAbort = (): void => ended.reject(watch.signal.reason);
    if (watch.signal.aborted) onAbort();
    watch.signal.addEventListener("abort", onAbort);
    try {
      const found = findHost(this.#client.presign("any"), watch.signal);
      const listed = found.then(() => this.#client.list(options));
      return await Promise.race([listed, ended.promise]);
    } catch (error) {
      throw this.#failure(options.prefix?.slice(this.#prefix.length) ?? "", error);
    } finally {
      watch.signal.removeEventListener("abort", onAbort);
      watch.end();
    }
  }

  async #perform<Answer>(
    request: S3Request,
    receive: (response: Response) => Promise<Answer>,
  ): Promise<Answer> {
    const watch = this.#watch();
    try {
      return await receive(await this.#send(request, watch));
    } catch (error) {
      throw this.#failure(request.key, error);
    } finally {
      watch.end();
    }
  }

  async #send(request: S3Request, watch: Stopwatch): Promise<Response> {
    const { method, key, pieces, headers, signedHeaders } = request;
    const name = this.#prefix + key;
    const presigned = this.#client.presign(name, { method, expiresIn: PRESIGNED_SECONDS });
    const { region, credentials } = this.#location;
    const url = signedHeaders === undefined ? presigned : presigned.replace(/\?.*$/, "");
    await findHost(url, watch.signal);
    const response = await fetch(url, {
      method,
      headers: {
        ...headers,
        ...(pieces && { "content-length": String(lengthOf(pieces)) }),
        ...(signedHeaders &&
          signRequest({ method, url, region, headers: signedHeaders }, credentials, new Date())),
      },
      ...(pieces && { body: paced(pieces, watch) }),
      signal: watch.signal,
    });
    if (response.ok) return response;
    throw refusal(
      this.url + key,
      response.status,
      await beginningOf(response),
      signedHeaders !== undefined,
    );
  }

  #watch(): Stopwatch {
    return new Stopwatch(this.#location.requestTimeoutMs, this.#closing.signal);
  }

  #failure(key: string, error: unknown): ObjectStoreError {
    if (error instanceof ObjectStoreError) return error;
    return transportFailure(this.url + key, error, this.#location.requestTimeoutMs);
  }
}

/**
 * Gives each piece when the connection takes more. Every piece taken shows progress, so it restarts the watch.
 */
async function* paced(pieces: readonly Uint8Array[], watch: Stopwatch): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    watch.restart();
    yield piece;
    await breathe();
  }
  watch.restart();
}

/** The text of an answer. Of a longer one than `ANSWER_BYTES_MAX` the rest is not read. */
async function beginningOf(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    pieces.push(piece);
    bytes += piece.byteLength;
    if (bytes >= ANSWER_BYTES_MAX) break;
  }
  return Buffer.concat(pieces).toString();
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}
