/** The query of a request's address, as an object for the check of its schema. */
import { type TObject, type TSchema, Type } from "@sinclair/typebox";
import { clipped, type Issue, invalidParameters, UNKNOWN_PARAMETER } from "../../protocol/issue.ts";
import { MEMBERS_MAX, queryText } from "./request-target.ts";
import { HttpError, invalidField } from "./responses.ts";

/**
 * Reads the members of a query. Those that `schema` has as integers or booleans become numbers or booleans; all others stay
 * text. Text that cannot be read so stays text, too, and the check refuses it. A member without a value (`?symbol=&limit=5`)
 * is left out, as `null` is in a body, but not in a DELETE. Throws `HttpError` 40001 when a member comes twice, when its
 * percent-encoding is broken, and when there are more than `MEMBERS_MAX`.
 */
export function readQuery(request: Request, schema: TObject): Record<string, unknown> {
  const query = queryText(request);
  const members = new Map<string, unknown>();
  if (query === "") return {};
  const pairs = query.split("&", MEMBERS_MAX + 1);
  if (pairs.length > MEMBERS_MAX) {
    throw invalidField("query", `Must have at most ${MEMBERS_MAX} members`);
  }
  for (const pair of pairs) {
    if (pair === "") continue;
    const end = pair.indexOf("=");
    const name = decode(end === -1 ? pair : pair.slice(0, end), "query");
    const text = decode(end === -1 ? "" : pair.slice(end + 1), name);
    if (members.has(name)) throw invalidField(clipped(name), "Given more than once");
    const member = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    members.set(name, isLeftOut(request, text, member) ? undefined : readMember(text, member));
  }
  return Object.fromEntries([...members].filter(([, value]) => value !== undefined));
}

const NOTHING = Type.Object({});

/**
 * Refuses a query on a route that takes none, so that nothing is ignored silently. Throws `HttpError` 40001 that names each
 * member.
 */
export function assertNoQuery(request: Request): void {
  const names = Object.keys(readQuery(request, NOTHING));
  if (names.length === 0) return;
  const hasBody = request.method === "POST" || request.method === "PATCH";
  const issue = hasBody ? "Must be in the body, not in the query" : UNKNOWN_PARAMETER;
  const issues = names.map((name): Issue => ({ field: clipped(name), issue }));
  throw new HttpError(invalidParameters("", issues));
}

function decode(text: string, field: string): string {
  const decoded = decodedOrNull(text.replaceAll("+", " "));
  if (decoded !== null) return decoded;
  throw invalidField(clipped(field), `Percent-encoding is broken: ${clipped(text)}`);
}

function decodedOrNull(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Whether a member without a value is left out. In a DELETE it is not: `symbol=` must not mean all symbols. */
function isLeftOut(request: Request, text: string, schema: TSchema | undefined): boolean {
  return text === "" && schema !== undefined && request.method !== "DELETE";
}

function readMember(text: string, schema: TSchema | undefined): unknown {
  if (schema?.type === "integer" && /^-?\d+$/.test(text)) return Number(text);
  if (schema?.type === "boolean" && /^(?:true|false)$/.test(text)) return text === "true";
  return text;
}
