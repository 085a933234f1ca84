import { describe, expect, test } from "bun:test";
import { decode } from "@msgpack/msgpack";
import fc from "fast-check";
import {
  errorBytes,
  errorText,
  pushFrame,
  readEnvelope,
  resultBytes,
  resultText,
} from "../../src/protocol/envelope.ts";
import { errorBody } from "../../src/protocol/errors.ts";

const invalid = (details: object) => ({ code: 40001, message: "Invalid parameters", details });

describe("readEnvelope", () => {
  test("reads requests", () => {
    expect(readEnvelope({ id: "a", method: "ping", params: { x: 1 } })).toEqual({
      id: "a",
      method: "ping",
      params: { x: 1 },
    });
    expect(readEnvelope({ id: 0, method: "ping" })).toEqual({ id: 0, method: "ping", params: {} });
    expect(readEnvelope({ method: "ping" })).toEqual({ method: "ping", params: {} });
    expect(readEnvelope({ id: null, method: "ping", params: null })).toEqual({
      method: "ping",
      params: {},
    });
    expect(readEnvelope({ id: "", method: "" })).toEqual({ id: "", method: "", params: {} });
  });

  test("an id's characters are counted, not its UTF-16 units", () => {
    const id = "🏈".repeat(64);
    expect(readEnvelope({ id, method: "ping" })).toEqual({ id, method: "ping", params: {} });
    expect(readEnvelope({ id: `${id}x`, method: "ping" })).toMatchObject({
      error: { code: 40001, details: { field: "id" } },
    });
  });

  test.each([[null], [5], ["text"], [[{ method: "ping" }]], [undefined], [true]])(
    "%p is no message",
    (value) => {
      expect(readEnvelope(value)).toEqual({
        error: {
          code: 40000,
          message: "Malformed message",
          details: { field: "message", issue: "A message must be an object" },
        },
      });
    },
  );

  const idIssue = "Id must be string of 0 to 64 characters or non-negative integer";
  test.each<[string, object, object]>([
    ["no method", { id: 1 }, { id: 1, error: invalid({ field: "method", issue: "Required" }) }],
    [
      "a method that is a number",
      { id: 1, method: 5 },
      { id: 1, error: invalid({ field: "method", issue: "Method must be a string", got: "5" }) },
    ],
    [
      "params that are a list",
      { id: 1, method: "ping", params: [] },
      {
        id: 1,
        error: invalid({ field: "params", issue: "Params must be an object", got: "an array" }),
      },
    ],
    [
      "a negative id",
      { id: -1, method: "ping" },
      { error: invalid({ field: "id", issue: idIssue, got: "-1" }) },
    ],
    [
      "an unknown member",
      { id: 1, method: "ping", param: {} },
      { id: 1, error: invalid({ field: "param", issue: "Unknown member" }) },
    ],
    [
      "the member __proto__",
      JSON.parse('{"id": 1, "method": "ping", "__proto__": {}}'),
      { id: 1, error: invalid({ field: "__proto__", issue: "Unknown member" }) },
    ],
  ])("refuses %s", (_name, message, expected) => {
    expect(readEnvelope(message)).toEqual(expected as ReturnType<typeof readEnvelope>);
  });

  test("an id too long or too large is not echoed", () => {
    for (const id of ["x".repeat(65), 2 ** 53, 1.5]) {
      expect(readEnvelope({ id, method: "ping" })).not.toHaveProperty("id");
    }
  });

  test("always answers", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        const envelope = readEnvelope(value);
        expect("error" in envelope || typeof envelope.method === "string").toBe(true);
      }),
    );
  });
});

test("responses and pushes are the same in both encodings", () => {
  const body = errorBody(40004, { status: "FILLED" });
  const frames: [string, Uint8Array, object][] = [
    [resultText("a", { n: 1 }), resultBytes("a", { n: 1 }), { id: "a", result: { n: 1 } }],
    [resultText(undefined, {}), resultBytes(undefined, {}), { result: {} }],
    [errorText(7, body), errorBytes(7, body), { id: 7, error: body }],
    [errorText(undefined, body), errorBytes(undefined, body), { error: body }],
    [
      String(pushFrame("json", "status", { n: 1 })),
      pushFrame("msgpack", "status", { n: 1 }) as Uint8Array,
      { stream: "status", data: { n: 1 } },
    ],
  ];
  for (const [text, bytes, message] of frames) {
    expect([JSON.parse(text), decode(bytes)]).toEqual([message, message]);
  }
});
