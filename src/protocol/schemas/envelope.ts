/** The envelope of messages. */
import { type TSchema, Type } from "@sinclair/typebox";
import { amount, REQUEST_ID_CHARACTERS_MAX, text } from "./fields.ts";

/** The response repeats it. A request without an id gets a response without one. */
export const RequestId = Type.Union(
  [
    text("of the client", REQUEST_ID_CHARACTERS_MAX, 0),
    Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  ],
  {
    title: "RequestId",
    description: "string of up to 64 characters or non-negative integer; echoed",
  },
);

export const Method = Type.String({ description: "the method's name" });
export const EnvelopeParams = Type.Object({}, { description: "by method" });

export function requestMessage(method: string, params: TSchema) {
  return Type.Object(
    {
      id: Type.Optional(RequestId),
      method: Type.Literal(method),
      // When all params are optional, `params` itself may be left out.
      params: (params.required ?? []).length === 0 ? Type.Optional(params) : params,
    },
    { additionalProperties: false },
  );
}

export const ErrorMessage = Type.Object(
  {
    code: amount("one of `errors.md`"),
    message: Type.String({ description: "the code in words" }),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: "by code" })),
  },
  { title: "Error" },
);

export function responseMessage(result: TSchema) {
  const id = Type.Optional(RequestId);
  return Type.Union([Type.Object({ id, result }), Type.Object({ id, error: ErrorMessage })]);
}

export function pushMessage(stream: string, data: TSchema) {
  return Type.Object({ stream: Type.Literal(stream), data });
}
