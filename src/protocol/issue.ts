/** Faults of a request's fields, in words for the people who write clients. */
import type { TSchema } from "@sinclair/typebox";
import { type ErrorBody, ErrorCode, errorBody } from "./errors.ts";

export interface Issue {
  /** The field's path, such as `price` or `orders.3.price`. */
  field: string;
  issue: string;
  /** The field's value as text; left out for a secret, and where `issue` has it already. */
  got?: string;
}

export const UNKNOWN_PARAMETER = "Unknown parameter";
export const REQUIRED = "Required";

/** The most faults that one answer lists. */
export const ISSUES_MAX = 32;

/** A client's own text is cut to this length when an error repeats it. */
const SHOWN_CHARACTERS_MAX = 64;
/** A parser's message is cut to this length, because it repeats the client's text. */
const ISSUE_CHARACTERS_MAX = 128;

/** The error 40001 for at least one issue. It names the first one, and lists all when there are several. */
export function invalidParameters(method: string, issues: readonly Issue[]): ErrorBody {
  const details = issueDetails(issues);
  const ofOrders = method.startsWith("order");
  return errorBody(
    ErrorCode.INVALID_PARAMETER,
    details,
    ofOrders ? undefined : "Invalid parameters",
  );
}

/**
 * The error 40000 for bytes that are no message at all. `field` is `message` for a frame and `body` over HTTP. `issue` is cut,
 * because it may repeat the client's text.
 */
export function malformedMessage(field: "message" | "body", issue: string): ErrorBody {
  return errorBody(ErrorCode.MALFORMED_MESSAGE, { field, issue: cut(issue, ISSUE_CHARACTERS_MAX) });
}

/** Details of an error: the first issue, and a list of up to `ISSUES_MAX` when there are several. */
export function issueDetails(issues: readonly Issue[]): Record<string, unknown> {
  return issues.length > 1
    ? { ...issues[0], issues: issues.slice(0, ISSUES_MAX) }
    : { ...issues[0] };
}

/** The issue for a value that does not fit its schema, with the value. A secret's value (`writeOnly`) is never repeated. */
export function mismatch(field: string, schema: TSchema, value: unknown): Issue {
  const issue = `${title(field)} must be ${expectation(schema, value)}`;
  return schema.writeOnly === true ? { field, issue } : { field, issue, got: shown(value) };
}

/** Cuts a client's text to a length that may be sent back. */
export function clipped(text: string): string {
  return cut(text, SHOWN_CHARACTERS_MAX);
}

function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  // Does not keep the first half of a character of two UTF-16 units: MessagePack could not encode it.
  return `${text.slice(0, charactersMax).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(clipped(value));
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** A field's name for people: `orders.3.stop_price` is "Stop price", `symbols.2` is "Symbols item". */
function title(field: string): string {
  const parts = field.split(".");
  const last = parts.at(-1) ?? field;
  const isIndex = parts.length > 1 && /^\d+$/.test(last);
  // Names that the client chose, such as SYMBOL_1, stay as they are.
  if (/^[A-Z]/.test(last)) return last;
  const words = (isIndex ? `${parts.at(-2)} item` : last).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the schema expects, in its own words if it has any. When `value` is out of bounds, the bound is named. */
function expectation(schema: TSchema, value: unknown): string {
  if (typeof schema.expected === "string") return schema.expected;
  if (Array.isArray(schema.anyOf)) {
    return schema.anyOf.map((variant: TSchema) => expectation(variant, value)).join(" or ");
  }
  if (schema.const !== undefined) return String(schema.const);
  switch (schema.type) {
    case "integer":
      return integerExpectation(schema, value);
    case "string":
      if (schema.maxLength === undefined && schema.pattern === undefined) return "a string";
      return stringExpectation(schema);
    case "boolean":
      return "true or false";
    case "array":
      return `an array of ${schema.minItems ?? 0} to ${schema.maxItems} items`;
    case "object":
      return "an object";
    default:
      return String(schema.type);
  }
}

function integerExpectation(schema: TSchema, value: unknown): string {
  const { minimum, maximum } = schema;
  const kind =
    minimum === 1 ? "positive integer" : minimum === 0 ? "non-negative integer" : "integer";
  if (typeof value !== "number") return kind;
  if (value > maximum) return `${kind} up to ${maximum}`;
  return value < minimum && minimum < 0 ? `${kind} from ${minimum}` : kind;
}

function stringExpectation(schema: TSchema): string {
  if (schema.maxLength === undefined) return `string matching ${schema.pattern}`;
  const kind = schema.pattern === undefined ? "characters" : "ASCII characters";
  return `string of ${schema.minLength ?? 0} to ${schema.maxLength} ${kind}`;
}
