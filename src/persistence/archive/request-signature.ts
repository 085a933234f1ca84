/**
 * Signs a request to an S3 server in its headers: AWS Signature Version 4.
 *
 * Bun's client presigns URLs, which covers the host and the query only. Amazon refuses a request with an
 * `x-amz-` header that its signature does not cover ("HeadersNotSigned"), and an object is protected from
 * removal by such headers. So those requests are signed here. Source: Amazon S3 API Reference, "Authenticating
 * Requests: Using the Authorization Header".
 */

import { createHash, createHmac } from "node:crypto";
import type { Credentials } from "../../config/config.ts";

const ALGORITHM = "AWS4-HMAC-SHA256";
/** In place of the body's hash: TLS or Content-MD5 covers the body, which is not read twice for this. */
const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

export interface UnsignedRequest {
  method: string;
  /** Without a query; its path encoded as it is sent. */
  url: string;
  region: string;
  /** All of them are signed. Names are in lower case. */
  headers: Readonly<Record<string, string>>;
}

/** Returns the headers to send, with the signature among them. */
export function signRequest(
  { method, url, region, headers }: UnsignedRequest,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  now: Date,
): Record<string, string> {
  const { host, pathname } = new URL(url);
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const signed: Record<string, string> = {
    "x-amz-content-sha256": UNSIGNED_PAYLOAD,
    ...headers,
    host,
    "x-amz-date": time,
    ...(sessionToken !== "" && { "x-amz-security-token": sessionToken }),
  };
  const names = Object.keys(signed).sort();
  const canonical = [
    method,
    pathname,
    "",
    ...names.map((name) => `${name}:${signed[name]?.trim()}`),
    "",
    names.join(";"),
    signed["x-amz-content-sha256"],
  ].join("\n");

  const scope = `${day}/${region}/s3/aws4_request`;
  const text = [ALGORITHM, time, scope, sha256(canonical)].join("\n");
  const key = [day, region, "s3", "aws4_request"].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${secretAccessKey}`,
  );
  const signature = hmac(key, text).toString("hex");
  return {
    ...signed,
    authorization: `${ALGORITHM} Credential=${accessKeyId}/${scope},SignedHeaders=${names.join(";")},Signature=${signature}`,
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
