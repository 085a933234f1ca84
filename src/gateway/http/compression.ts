/**
 * Compresses long answers for clients that ask for it. Only answers to GET: answers to POST may have secrets, and the
 * length of a compressed answer would tell an eavesdropper something about them.
 */
import { Serial } from "../../lib/serial.ts";
import { listItems } from "./header-list.ts";

const CODINGS = ["zstd", "gzip"] as const;
export type Coding = (typeof CODINGS)[number];

/** Shorter answers are sent as they are, because they fit into a packet anyway. */
const COMPRESSED_BYTES_MIN = 1024;
/** The most answers that wait to be compressed. Beyond that, answers are sent as they are. */
const WAITING_MAX = 16;
/** The cheapest level but one: most of what can be saved, in a third of the time that the usual level takes. */
const LEVEL = 3;

const compressors: Record<Coding, (body: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>> = {
  zstd: (body) => Bun.zstdCompress(body, { level: LEVEL }),
  gzip: gzipped,
};

/** Nearly all clients take zstd, so the library is loaded for the first that does not. */
async function gzipped(body: Uint8Array): Promise<Uint8Array> {
  const { gzip } = await import("node:zlib");
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  gzip(body, { level: LEVEL }, (error, bytes) => (error ? reject(error) : resolve(bytes)));
  return promise;
}

/** One at a time: the journal's flushes go through the same few threads. */
const turns = new Serial();
let waiting = 0;

interface Packed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Null: the body is too short and was not compressed. */
  readonly coding: Coding | null;
}

/** Names of answers that stay the same as long as the process runs; and their compressed bodies, by coding and name. */
const names = new WeakMap<Response, string>();
const kept = new Map<string, Promise<Packed>>();

/** Marks `response`, so that it is compressed once for all requests. Responses with the same `name` must have the same body. */
export function compressedOnce(name: string, response: Response): Response {
  names.set(response, name);
  return response;
}

/**
 * Returns the answer, compressed if the request allows it and it is long enough. A 304 has the same `Vary` as the answer in
 * whose place it is sent (RFC 9110, 15.4.5).
 */
export function compressed(request: Request, response: Response): Response | Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return response;
  const isKnown = response.status === 304;
  if (!isKnown && (response.status !== 200 || !isCompressible(response.headers))) return response;
  response.headers.append("Vary", "Accept-Encoding");
  if (isKnown) return response;
  const coding = bestCoding(request.headers.get("accept-encoding"));
  if (coding === null) return response;
  const name = names.get(response);
  if (name !== undefined) return keptOf(`${coding} ${name}`, response, coding);
  if (waiting >= WAITING_MAX) return response;
  // Counted before the body is read, so that at most `WAITING_MAX` bodies are in memory.
  waiting++;
  return packed(response, coding)
    .then((body) => answer(response, body))
    .finally(() => waiting--);
}

async function keptOf(key: string, response: Response, coding: Coding): Promise<Response> {
  let body = kept.get(key);
  if (body === undefined) {
    body = packed(response, coding);
    kept.set(key, body);
    body.catch(() => kept.delete(key));
  }
  return answer(response, await body);
}

async function packed(response: Response, coding: Coding): Promise<Packed> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length < COMPRESSED_BYTES_MIN) return { bytes, coding: null };
  const shorter = await turns.run(() => compressors[coding](bytes));
  return { bytes: shorter as Uint8Array<ArrayBuffer>, coding };
}

function answer({ status, headers }: Response, { bytes, coding }: Packed): Response {
  if (coding !== null) headers.set("Content-Encoding", coding);
  return new Response(bytes, { status, headers });
}

function isCompressible(headers: Response["headers"]): boolean {
  const type = headers.get("content-type") ?? "";
  const isText = /^(?:text\/|application\/(?:json|javascript|yaml)|image\/svg)/.test(type);
  return isText && !headers.has("content-encoding") && !headers.has("set-cookie");
}

/** The coding that `Accept-Encoding` prefers among `CODINGS` (RFC 9110, 12.5.3); null when it accepts none of them. */
export function bestCoding(header: string | null): Coding | null {
  if (header === null) return null;
  const qualities = new Map<string, number>();
  for (const element of listItems(header)) {
    const [name = "", ...parameters] = listItems(element.toLowerCase(), ";");
    qualities.set(name === "x-gzip" ? "gzip" : name, qualityOf(parameters));
  }
  let best: Coding | null = null;
  let bestQuality = 0;
  for (const coding of CODINGS) {
    const quality = qualities.get(coding) ?? qualities.get("*") ?? 0;
    if (quality > bestQuality) {
      best = coding;
      bestQuality = quality;
    }
  }
  // A client may prefer the answer as it is.
  return bestQuality < (qualities.get("identity") ?? 0) ? null : best;
}

/** The `q` of a coding: 1 when there is none, 0 (not acceptable) when it cannot be read. */
function qualityOf(parameters: readonly string[]): number {
  const [quality] = parameters.filter((parameter) => parameter.startsWith("q="));
  if (quality === undefined) return 1;
  const text = quality.slice("q=".length);
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
