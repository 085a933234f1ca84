/** The query of a request's address, as an object for the check of its schema. */
import type { TObject, TSchema } from "@sinclair/typebox";
import { invalidParameters } from "../../protocol/issue.ts";
import { queryOf } from "./request-target.ts";
import { HttpError } from "./responses.ts";

/**
 * Reads the members of a query, each as what `schema` says of it: whole numbers and true or false as such, all
 * else as text. What cannot be read so stays text, for the check to refuse. Throws `HttpError` 40001 when a
 * member comes twice.
 */
export function readQuery(request: Request, schema: TObject): object {
  const members = new Map<string, unknown>();
  for (const [name, text] of queryOf(request)) {
    if (members.has(name)) {
      throw new HttpError(invalidParameters("", [{ field: name, issue: "Given more than once" }]));
    }
    const member = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    members.set(name, readMember(text, member));
  }
  return Object.fromEntries(members);
}

function readMember(text: string, schema: TSchema | undefined): unknown {
  if (schema?.type === "integer" && /^-?\d+$/.test(text)) return Number(text);
  if (schema?.type === "boolean" && /^(?:true|false)$/.test(text)) return text === "true";
  return text;
}
