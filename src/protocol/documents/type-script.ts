/** Writes schemas as TypeScript types, for the client library and for `llms.txt`. */
import type { TSchema } from "@sinclair/typebox";
import { ErrorMessage } from "../schemas/envelope.ts";
import { PUBLISHED_AS } from "../schemas/fields.ts";
import { SymbolResult, TickerResult } from "../schemas/market-data.ts";
import { OrderStateResult, PlaceParams } from "../schemas/orders.ts";

/** Names of types, by the title of the schema that each stands for. */
export type TypeNames = Readonly<Record<string, string>>;

export interface TypeStyle {
  readonly names: TypeNames;
  /** Members that may be left out may also be given as undefined. */
  readonly takesUndefined?: boolean;
}

export interface NamedType {
  readonly name: string;
  readonly schema: TSchema;
  /** Clients send it to the exchange; the others come from the exchange. */
  readonly isGiven?: true;
}

/** Schemas that are always written as a named type, by title. */
export const NAMED_TYPES: Readonly<Record<string, NamedType>> = {
  Order: { name: "OrderPlaceParams", schema: PlaceParams, isGiven: true },
  OrderState: { name: "OrderState", schema: OrderStateResult },
  Symbol: { name: "SymbolInfo", schema: SymbolResult },
  Ticker: { name: "Ticker", schema: TickerResult },
  Error: { name: "ErrorBody", schema: ErrorMessage },
};

export const TYPE_NAMES: TypeNames = Object.fromEntries(
  Object.entries(NAMED_TYPES).map(([title, { name }]) => [title, name]),
);

/** The names of all named types except the schema's own, for writing out this schema. */
export function namesWithin({ title = "" }: TSchema): TypeNames {
  return Object.fromEntries(Object.entries(TYPE_NAMES).filter(([name]) => name !== title));
}

/** The type of a schema on one line, such as `{ price: number; symbol?: string }`. */
export function typeOf(schema: TSchema, style: TypeStyle): string {
  if (PUBLISHED_AS in schema) return typeOf(schema[PUBLISHED_AS], style);
  const { title = "", anyOf } = schema;
  if (Object.hasOwn(style.names, title)) return style.names[title] ?? "";
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (Array.isArray(anyOf)) {
    return [...new Set(anyOf.map((each: TSchema) => typeOf(each, style)))].join(" | ");
  }
  switch (schema.type) {
    case "integer":
    case "number":
      return "number";
    case "string":
    case "boolean":
    case "null":
      return schema.type;
    case "array":
      return listType(schema, style);
    case "object":
      return objectType(schema, style);
    case undefined:
      return "unknown";
    default:
      throw new TypeError(`no type for a schema of the type ${schema.type}`);
  }
}

/** Lines with the members of an object, each below a comment with its description. */
export function memberLines(schema: TSchema, style: TypeStyle): string[] {
  return membersOf(schema, style).flatMap(({ text, description }) =>
    description === undefined ? [`${text};`] : [`/** ${capital(description)}. */`, `${text};`],
  );
}

function listType({ items }: TSchema, style: TypeStyle): string {
  if (Array.isArray(items)) {
    const parts = items.map((each: TSchema) => typeOf(each, style));
    return `[${parts.join(", ")}]`;
  }
  const element = typeOf(items, style);
  return element.includes(" | ") ? `(${element})[]` : `${element}[]`;
}

function objectType(schema: TSchema, style: TypeStyle): string {
  const { patternProperties } = schema;
  if (patternProperties !== undefined) {
    const [value] = Object.values<TSchema>(patternProperties);
    return `Record<string, ${value === undefined ? "unknown" : typeOf(value, style)}>`;
  }
  const members = membersOf(schema, style).map(({ text }) => text);
  return members.length === 0 ? "Record<string, never>" : `{ ${members.join("; ")} }`;
}

function membersOf(
  schema: TSchema,
  style: TypeStyle,
): { text: string; description: string | undefined }[] {
  const required: string[] = schema.required ?? [];
  return Object.entries<TSchema>(schema.properties ?? {}).map(([name, member]) => {
    const isOptional = !required.includes(name);
    const type = typeOf(member, style);
    const full = isOptional && style.takesUndefined === true ? `${type} | undefined` : type;
    return { text: `${name}${isOptional ? "?" : ""}: ${full}`, description: member.description };
  });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
