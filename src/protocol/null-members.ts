/** Null for an optional member means the same as leaving the member out. */
import type { TSchema } from "@sinclair/typebox";

/** Removes members from `value` that are null and optional in `schema`. Returns whether there were any. */
export function dropNulls(schema: TSchema, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (schema.type === "array") return dropItemNulls(schema.items as TSchema, value);
  if (schema.type !== "object") return false;
  const required: readonly string[] = schema.required ?? [];
  const members = value as Record<string, unknown>;
  let dropped = false;
  for (const [name, member] of Object.entries<TSchema>(schema.properties ?? {})) {
    if (!Object.hasOwn(members, name)) continue;
    if (members[name] !== null) {
      dropped = dropNulls(member, members[name]) || dropped;
    } else if (!required.includes(name)) {
      dropped = Reflect.deleteProperty(members, name) || dropped;
    }
  }
  return dropped;
}

function dropItemNulls(items: TSchema, list: object): boolean {
  if (!Array.isArray(list)) return false;
  let dropped = false;
  for (const item of list) dropped = dropNulls(items, item) || dropped;
  return dropped;
}
