/** Collects the schemas of a document. A schema with a title is in the document once, and other schemas refer to it. */
import type { TSchema } from "@sinclair/typebox";
import { type JsonSchema, plainSchema } from "../json-schema.ts";

export class ComponentSchemas {
  /** By title. */
  readonly schemas: Record<string, JsonSchema> = {};

  /** `schema` as it is written in the document, with references in place of schemas with a title. */
  of(schema: TSchema): JsonSchema {
    return this.#withReferences(plainSchema(schema));
  }

  #withReferences(schema: JsonSchema): JsonSchema {
    return JSON.parse(JSON.stringify(schema), (key, value) => {
      // Under `properties`, `title` may be a member with this name; it is not a text then.
      if (key === "properties" || typeof value?.title !== "string") return value;
      const { title } = value;
      this.schemas[title] = value;
      return { $ref: `#/components/schemas/${title}` };
    });
  }
}
