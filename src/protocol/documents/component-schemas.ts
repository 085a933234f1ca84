/** The schemas of a document: those with a title stand in it once, and are referred to. */
import type { TSchema } from "@sinclair/typebox";
import { type JsonSchema, plainSchema } from "../json-schema.ts";

export class ComponentSchemas {
  /** By title. */
  readonly schemas: Record<string, JsonSchema> = {};

  /** `schema` to stand in the document. */
  of(schema: TSchema): JsonSchema {
    return this.#withReferences(plainSchema(schema));
  }

  #withReferences(schema: JsonSchema): JsonSchema {
    return JSON.parse(JSON.stringify(schema), (key, value) => {
      // `title` under `properties` is a member of that name, and then no text.
      if (key === "properties" || typeof value?.title !== "string") return value;
      const { title } = value;
      this.schemas[title] = value;
      return { $ref: `#/components/schemas/${title}` };
    });
  }
}
