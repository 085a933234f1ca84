/** The envelope of messages: reads requests, writes responses and pushes. */
import type { Encoding } from "./encoding.ts";
import type { ErrorBody } from "./errors.ts";
import {
  clipped,
  ISSUES_MAX,
  type Issue,
  invalidParameters,
  malformedMessage,
  mismatch,
  REQUIRED,
} from "./issue.ts";
import { encodeMessagePack } from "./message-pack.ts";
import { EnvelopeParams, Method, RequestId } from "./schemas/envelope.ts";
import { hasCharacters, REQUEST_ID_CHARACTERS_MAX } from "./schemas/fields.ts";

export type RequestIdValue = string | number;

export interface Request {
  id?: RequestIdValue;
  method: string;
  /** An object; its members are not checked yet. */
  params: object;
}

/** The error for a message that is no request, with its id if that is valid. */
export interface BadRequest {
  id?: RequestIdValue;
  error: ErrorBody;
}

const NO_PARAMS = Object.freeze({});

/**
 * Reads a decoded message as a request. The errors: 40000 when it is not an object, 40001 when a member is missing, has the
 * wrong type or is unknown. Params that are left out are `{}`. Null means the same as leaving a member out. Never throws.
 */
export function readEnvelope(value: unknown): Request | BadRequest {
  if (!isObject(value)) {
    return { error: malformedMessage("message", "A message must be an object") };
  }
  const { id, method } = value;
  const params = value.params ?? NO_PARAMS;
  const hasId = isRequestId(id);
  const isGood =
    (hasId || isAbsent(id)) &&
    typeof method === "string" &&
    isObject(params) &&
    hasOnlyKnownMembers(value);
  if (isGood) return hasId ? { id, method, params } : { method, params };
  const error = invalidParameters("", issuesOf(value));
  return hasId ? { id, error } : { error };
}

const isAbsent = (value: unknown): boolean => value === undefined || value === null;

/** Whether a value is an object and not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRequestId(id: unknown): id is RequestIdValue {
  if (typeof id === "string") return hasCharacters(id, 0, REQUEST_ID_CHARACTERS_MAX);
  return typeof id === "number" && Number.isSafeInteger(id) && id >= 0;
}

function isKnownMember(name: string): boolean {
  return name === "id" || name === "method" || name === "params";
}

function hasOnlyKnownMembers(message: object): boolean {
  for (const name in message) {
    if (!isKnownMember(name)) return false;
  }
  return true;
}

function issuesOf(message: Record<string, unknown>): Issue[] {
  const { id, method, params } = message;
  const issues: Issue[] = [];
  if (!isAbsent(id) && !isRequestId(id)) issues.push(mismatch("id", RequestId, id));
  if (method === undefined) issues.push({ field: "method", issue: REQUIRED });
  else if (typeof method !== "string") issues.push(mismatch("method", Method, method));
  if (!isAbsent(params) && !isObject(params)) {
    issues.push(mismatch("params", EnvelopeParams, params));
  }
  for (const name in message) {
    if (issues.length === ISSUES_MAX) break;
    if (!isKnownMember(name)) issues.push({ field: clipped(name), issue: "Unknown member" });
  }
  return issues;
}

/** A response in JSON; `result` as in the method's schema. */
export function resultText(id: RequestIdValue | undefined, result: unknown): string {
  return JSON.stringify({ id, result });
}

/** A refusal in JSON. */
export function errorText(id: RequestIdValue | undefined, error: ErrorBody): string {
  return JSON.stringify({ id, error });
}

/** A response in MessagePack. */
export function resultBytes(id: RequestIdValue | undefined, result: unknown): Uint8Array {
  return encodeMessagePack({ id, result });
}

/** A refusal in MessagePack. */
export function errorBytes(id: RequestIdValue | undefined, error: ErrorBody): Uint8Array {
  return encodeMessagePack({ id, error });
}

/** A push, of market data or of an account's. */
export function pushFrame(encoding: Encoding, stream: string, data: unknown): string | Uint8Array {
  const push = { stream, data };
  return encoding === "json" ? JSON.stringify(push) : encodeMessagePack(push);
}
