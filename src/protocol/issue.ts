/** What is wrong with one field of a request, in words for whoever wrote the client. */
import type { TSchema } from "@sinclair/typebox";
import { type ErrorBody, ErrorCode, errorBody } from "./errors.ts";

export interface Issue {
  /** Dotted: `price`, `orders.3.price`. */
  field: string;
  issue: string;
  /** What stood there instead, as text; left out where the issue says it, and of a secret. */
  got?: string;
}

export const UNKNOWN_PARAMETER = "Unknown parameter";
export const REQUIRED = "Required";

/** How many faults one answer lists. */
export const ISSUES_MAX = 32;

/** How much of a client's own text an error repeats. */
const SHOWN_CHARACTERS_MAX = 64;
/** How much is told of what a parser says, which repeats the client's text. */
const ISSUE_CHARACTERS_MAX = 128;

/** The error for `issues`, of which there is at least one: names the first, lists several. */
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
 * The error for what is no message at all. `field`: where that came, `message` in a frame and `body` over HTTP. What `issue` has
 * of the client's own is cut.
 */
export function malformedMessage(field: "message" | "body", issue: string): ErrorBody {
  return errorBody(ErrorCode.MALFORMED_MESSAGE, { field, issue: cut(issue, ISSUE_CHARACTERS_MAX) });
}

/** The details of an error: the first fault by name, and `ISSUES_MAX` of them when there are several. */
export function issueDetails(issues: readonly Issue[]): Record<string, unknown> {
  return issues.length > 1
    ? { ...issues[0], issues: issues.slice(0, ISSUES_MAX) }
    : { ...issues[0] };
}

/** `Price must be positive integer`, with what it was. A secret's value (`writeOnly`) is never repeated. */
export function mismatch(field: string, schema: TSchema, value: unknown): Issue {
  const issue = `${title(field)} must be ${expectation(schema, value)}`;
  return schema.writeOnly === true ? { field, issue } : { field, issue, got: shown(value) };
}

/** Cut to a length that is fit to be sent back. */
export function clipped(text: string): string {
  return cut(text, SHOWN_CHARACTERS_MAX);
}

function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  // Half of a character of two units is no text that MessagePack could carry.
  return `${text.slice(0, charactersMax).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(clipped(value));
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** `orders.3.stop_price` is "Stop price", `symbols.2` "Symbols item". */
function title(field: string): string {
  const parts = field.split(".");
  const last = parts.at(-1) ?? field;
  const isIndex = parts.length > 1 && /^\d+$/.test(last);
  // Names of the client's own, as SYMBOL_1, stay as they are.
  if (/^[A-Z]/.test(last)) return last;
  const words = (isIndex ? `${parts.at(-2)} item` : last).replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the schema wants, in its own words where it has some; the bound that `value` passed is named. */
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
