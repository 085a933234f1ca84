/** The body of a request: JSON, an object. */
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import { invalidParameters } from "../../protocol/issue.ts";
import { HttpError } from "./responses.ts";

export const BODY_BYTES_MAX = 1 << 20;

/**
 * Reads a request's body; none counts as `{}`. Throws `HttpError`: 40000 when it is not a JSON object, 40001 with
 * status 413 beyond `BODY_BYTES_MAX`. Its members are not checked yet.
 */
export async function readBody(request: Request): Promise<object> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return {};
  const value = parse(bytes);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed("Must be a JSON object");
  }
  return value;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw malformed(error instanceof SyntaxError ? error.message : "Must be UTF-8");
  }
}

/** Stops reading at the limit, whatever the content length said. */
async function readBytes(request: Request): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body) {
      length += chunk.byteLength;
      if (length > BODY_BYTES_MAX) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    // The client has gone, and nobody reads the answer; it is no fault of ours.
    throw request.signal.aborted ? malformed("Not sent to its end") : error;
  }
  return Buffer.concat(chunks);
}

function tooLarge(): HttpError {
  const issue = { field: "body", issue: `Must have at most ${BODY_BYTES_MAX} bytes` };
  return new HttpError(invalidParameters("", [issue]), { status: 413 });
}

function malformed(issue: string): HttpError {
  return new HttpError(errorBody(ErrorCode.MALFORMED_MESSAGE, { field: "body", issue }));
}
