/** Publishes the messages as JSON Schema documents, for tools that do not use TypeScript. */
import type { TSchema } from "@sinclair/typebox";
import { isObject } from "./envelope.ts";
import { pushMessage, requestMessage, responseMessage } from "./schemas/envelope.ts";
import { PUBLISHED_AS } from "./schemas/fields.ts";
import { METHOD_NAMES, methods, PUSH_NAMES, pushes } from "./schemas.ts";

export const JSON_SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema";

/** One JSON Schema document. */
export type JsonSchema = Record<string, unknown>;

/**
 * A document for each request and response (`order.place.request`, `order.place.response`) and each push (`book.push`), of
 * the whole message with its envelope. A schema cannot express the rules between fields (`rules.ts`); the descriptions of the
 * fields tell them.
 */
export function publishedSchemas(): Record<string, JsonSchema> {
  const documents: Record<string, JsonSchema> = {};
  for (const name of METHOD_NAMES) {
    const { params, result } = methods[name];
    documents[`${name}.request`] = schemaDocument(requestMessage(name, params));
    documents[`${name}.response`] = schemaDocument(responseMessage(result));
  }
  for (const name of PUSH_NAMES) {
    const { stream, data } = pushes[name];
    documents[`${name}.push`] = schemaDocument(pushMessage(stream, data));
  }
  return documents;
}

/** A document for `schema` alone. */
export function schemaDocument(schema: TSchema): JsonSchema {
  return { $schema: JSON_SCHEMA_DIALECT, ...plainSchema(schema) };
}

/**
 * `schema` as it is published: without what only this program reads (symbols, words for errors), and with lists of fixed length
 * written as the dialect requires.
 */
export function plainSchema(schema: TSchema): JsonSchema {
  return JSON.parse(
    JSON.stringify(schema, (_, value) => (isObject(value) ? plainMembers(value) : value)),
  );
}

function plainMembers(members: Record<string, unknown>): object {
  const { [PUBLISHED_AS]: published, items, additionalItems: _, ...rest } = members;
  if (isObject(published)) return published;
  for (const name of ["expected", "memberName"]) {
    if (typeof rest[name] === "string") delete rest[name];
  }
  if (Array.isArray(items)) return { ...rest, prefixItems: items, items: false };
  return "items" in members ? { ...rest, items } : rest;
}
