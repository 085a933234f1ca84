/** Lists the fields of a message, for pages that people read. */
import type { TSchema } from "@sinclair/typebox";
import { PUBLISHED_AS } from "../schemas/fields.ts";

export interface Field {
  /** A field of a nested object is `outer.inner`, a field of an object in a list `list[].inner`. */
  readonly name: string;
  readonly isOptional: boolean;
  readonly type: string;
  readonly description: string;
}

/** Names for schemas that the page describes elsewhere, by the schema's title. */
export type TitleNames = Readonly<Record<string, string>>;

export function fieldsOf(schema: TSchema, titles: TitleNames, path = ""): Field[] {
  const required: string[] = schema.required ?? [];
  return Object.entries<TSchema>(schema.properties ?? {}).flatMap(([name, field]) => {
    const own: Field = {
      name: path + name,
      isOptional: !required.includes(name),
      type: typeText(field, titles),
      description: field.description ?? "",
    };
    const isList = field.type === "array";
    const nested: TSchema = isList ? field.items : field;
    if (Object.hasOwn(titles, nested.title ?? "")) return [own];
    return [own, ...fieldsOf(nested, titles, `${path}${name}${isList ? "[]" : ""}.`)];
  });
}

/** The values that a schema allows, in words. */
export function typeText(schema: TSchema, titles: TitleNames): string {
  if (PUBLISHED_AS in schema) return typeText(schema[PUBLISHED_AS], titles);
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  const title = Object.hasOwn(titles, schema.title ?? "") ? titles[schema.title ?? ""] : undefined;
  if (title !== undefined) return title;
  if (Array.isArray(schema.anyOf)) {
    return schema.anyOf.map((each: TSchema) => typeText(each, titles)).join(" or ");
  }
  switch (schema.type) {
    case "integer":
      return `integer${range(schema.minimum, schema.maximum)}`;
    case "string":
      if (schema.pattern !== undefined) return "string";
      return `string${schema.maxLength === undefined ? "" : ` of ${schema.minLength ?? 0}–${schema.maxLength} characters`}`;
    case "array":
      return Array.isArray(schema.items)
        ? `[${schema.items.map((each: TSchema) => typeText(each, titles)).join(", ")}]`
        : `list of ${typeText(schema.items, titles)}`;
    case undefined:
      return "anything";
    default:
      return String(schema.type);
  }
}

function range(minimum: number | undefined, maximum: number | undefined): string {
  const isOpen = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER;
  if (minimum === undefined || minimum === -Number.MAX_SAFE_INTEGER) return "";
  return isOpen ? ` ≥ ${minimum}` : ` ${minimum}…${maximum}`;
}
