import * as v from "valibot";
import { ErrorCode } from "../protocol/errors.ts";
import { REQUIRED, UNKNOWN_PARAMETER } from "../protocol/issue.ts";
import { AdminError, invalidParameters } from "./admin-error.ts";

export const BODY_BYTES_MAX = 1 << 20;

/**
 * Reads a request's JSON body and checks it; no body counts as `{}`. Throws `AdminError`: 40000 when
 * it is not a JSON object, 40001 with every fault, 40001 with status 413 beyond `BODY_BYTES_MAX`.
 */
export async function readBody<const Schema extends v.GenericSchema>(
  request: Request,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const result = v.safeParse(schema, parseObject(await readText(request)));
  if (result.success) return result.output;
  throw invalidParameters(
    result.issues.map((issue) => ({
      field: v.getDotPath(issue) ?? "body",
      issue: wordsOf(issue),
    })),
  );
}

function parseObject(text: string): object {
  if (text === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw notAnObject(error.message);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw notAnObject("Must be a JSON object");
  }
  return value;
}

function notAnObject(issue: string): AdminError {
  return new AdminError(ErrorCode.MALFORMED_MESSAGE, { field: "body", issue });
}

/** Stops reading at the limit, whatever the content length said. */
async function readText(request: Request): Promise<string> {
  if (request.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) {
      const issue = `Must have at most ${BODY_BYTES_MAX} bytes`;
      throw invalidParameters([{ field: "body", issue }], 413);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The schema's own words; valibot's for a strict object are put in ours. */
function wordsOf(issue: v.BaseIssue<unknown>): string {
  if (issue.type !== "strict_object") return issue.message;
  if (issue.expected === "never") return UNKNOWN_PARAMETER;
  return issue.received === "undefined" ? REQUIRED : "Must be an object";
}
