/** The body of a request: JSON, an object. */
import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { gathered } from "../../lib/gathered.ts";
import { breathe } from "../../lib/steps.ts";
import { type Check, compileCheck } from "../../protocol/check.ts";
import { isObject } from "../../protocol/envelope.ts";
import { clipped, invalidParameters, malformedMessage } from "../../protocol/issue.ts";
import { HttpError, invalidField } from "./responses.ts";

export const BODY_BYTES_MAX = 1 << 20;
/** Bun itself refuses larger bodies, with 413 and no explanation. No route accepts bodies nearly as large. */
export const HTTP_BODY_BYTES_MAX = 4 * BODY_BYTES_MAX;
/** How long a body may take to arrive. A client that sends a little now and then never runs into an idle timeout. */
const BODY_MS_MAX = 10_000;

/**
 * Bytes of a body that are paid for with the request. When the length is not known, more bytes are paid for in steps of this
 * size.
 */
export const FREE_BYTES = 4096;

const NOTHING = new Uint8Array(0);
/** A byte order mark is not part of JSON, as in a frame. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface BodyLimits {
  /** Bytes; `BODY_BYTES_MAX` by default. */
  bytesMax?: number;
  /** Milliseconds; 10 s by default. */
  timeMax?: number;
  /**
   * Called with the bytes beyond the first `FREE_BYTES`: before any of them is read if the request says its length,
   * otherwise in steps as they come. If it throws, the body is refused.
   */
  pay?(bytes: number): void;
}

/**
 * Reads a request's body; none counts as `{}`. Throws `HttpError`: 40000 when it is not a JSON object, with status
 * 408 when it does not come to its end in time; 40001 with status 413 when it is too long; what `pay` throws. Its
 * members are not checked yet.
 */
export function readBody(request: Request, limits: BodyLimits = {}): Promise<object> {
  return readBytes(request, limits).then(parseBody);
}

/**
 * Makes a reader of bodies that `schema` describes, of `bytesMax` bytes at most. It throws as `readBody` and
 * `assertJson`, and 40001 for what the schema does not take.
 */
export function bodyReader<Body extends TSchema>(schema: Body, bytesMax: number) {
  const check = compileCheck(schema);
  return async (request: Request): Promise<Static<Body>> => {
    assertJson(request);
    return checked(check, await readBody(request, { bytesMax })) as Static<Body>;
  };
}

const nothing = bodyReader(Type.Object({}, { additionalProperties: false }), FREE_BYTES);

/** Refuses a body with members on a route that takes none, so that nothing is ignored silently. Throws as a `bodyReader`. */
export async function assertNoBody(request: Request): Promise<void> {
  if (hasBody(request)) await nothing(request);
}

/** Returns `value` if it fits; otherwise throws 40001 with its faults. */
export function checked(check: Check, value: object): object {
  const issues = check(value);
  if (issues !== null) throw new HttpError(invalidParameters("", issues));
  return value;
}

/** Whether the headers of a request say that it has a body. */
export function hasBody({ headers }: Request): boolean {
  return Number(headers.get("content-length")) > 0 || headers.has("transfer-encoding");
}

/** Parses a body, which must be a JSON object. Throws `HttpError` 40000. */
function parseBody(bytes: Uint8Array): object {
  if (bytes.length === 0) return {};
  const value = parse(bytes);
  if (!isObject(value)) throw malformed("Must be a JSON object");
  return value;
}

/** Throws `HttpError` with status 415 when a body is said to be something else than JSON. */
export function assertJson({ headers }: Request): void {
  const type = headers.get("content-type");
  const isJson =
    type === null ||
    type === "application/json" ||
    /^application\/([^;]+\+)?json\s*(;|$)/i.test(type);
  const encoding = headers.get("content-encoding");
  if (isJson && (encoding === null || encoding.toLowerCase() === "identity")) return;
  const given = isJson ? `Content-Encoding ${encoding}` : `Content-Type ${type}`;
  const issue = `Must be application/json, not encoded, got ${clipped(given)}`;
  throw malformed(issue, { status: 415, headers: { Accept: "application/json" } });
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw malformed(error instanceof SyntaxError ? error.message : "Must be UTF-8");
  }
}

/** Reads a body. Stops at the limit, whatever the content length says. */
async function readBytes(
  request: Request,
  { bytesMax = BODY_BYTES_MAX, timeMax = BODY_MS_MAX, pay = () => undefined }: BodyLimits,
): Promise<Uint8Array> {
  const { headers } = request;
  const length = headers.get("content-length");
  if (length === null && !headers.has("transfer-encoding")) return NOTHING;
  if (Number(length) > bytesMax) throw tooLarge(bytesMax);
  const payOrClose = (bytes: number): void => closing(() => pay(bytes));
  if (Number(length) > FREE_BYTES) payOrClose(Number(length) - FREE_BYTES);
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const timer = setTimeout(() => reject(tooSlow(timeMax)), timeMax);
  // Bun itself reads no further than the content length says.
  const reading = length === null ? readChunks(request, bytesMax, payOrClose) : request.bytes();
  reading.then(resolve, reject);
  try {
    return await promise;
  } catch (error) {
    if (error instanceof HttpError) throw error;
    // The client has gone and will not read the answer: this is no internal error.
    throw request.signal.aborted ? malformed("Not sent to its end") : error;
  } finally {
    clearTimeout(timer);
  }
}

async function readChunks(
  { body, signal }: Request,
  bytesMax: number,
  pay: (bytes: number) => void,
): Promise<Uint8Array> {
  let paid = FREE_BYTES;
  const bytes = await gathered(body, async (length) => {
    if (length > bytesMax) throw tooLarge(bytesMax);
    const unpaid = Math.ceil((length - paid) / FREE_BYTES) * FREE_BYTES;
    if (unpaid > 0) pay(unpaid);
    paid += Math.max(0, unpaid);
    // While nobody reads, Bun joins the chunks that come. Otherwise each chunk would take a microsecond, even one of a single
    // byte.
    await breathe();
  });
  // Bun takes trailers for the next request, and refuses that one. Nobody would read the answer to this one.
  signal.throwIfAborted();
  return bytes;
}

/** When the rest of a body may still come, the connection cannot be used for another request. */
const CLOSE = { Connection: "close" };

/** Whether a long body was not read, so that most of it may still come. The answer does not need it. */
export function isUnread({ headers, bodyUsed }: Request): boolean {
  const isLong =
    Number(headers.get("content-length")) > FREE_BYTES || headers.has("transfer-encoding");
  return isLong && !bodyUsed;
}

/** Runs `act`. If it refuses with an `HttpError`, that is the last answer on the connection. */
function closing(act: () => void): void {
  try {
    act();
  } catch (error) {
    throw error instanceof HttpError ? error.with(CLOSE) : error;
  }
}

function tooLarge(bytesMax: number): HttpError {
  const issue = `Must have at most ${bytesMax} bytes`;
  return invalidField("body", issue, { status: 413, headers: CLOSE });
}

function tooSlow(timeMax: number): HttpError {
  return malformed(`Must arrive within ${timeMax / 1000} s`, { status: 408, headers: CLOSE });
}

function malformed(issue: string, parts?: HttpError["parts"]): HttpError {
  return new HttpError(malformedMessage("body", issue), parts);
}
