import { expect, test } from "bun:test";
import { Parser } from "@asyncapi/parser";
import { asyncApiDocument } from "../../../src/protocol/documents/async-api.ts";
import { METHOD_NAMES, methods, PUSH_NAMES } from "../../../src/protocol/schemas.ts";

interface Operation {
  action: string;
  channel: { $ref: string };
  reply?: { messages: { $ref: string }[] };
  "x-weight"?: object;
}

const document = asyncApiDocument() as {
  channels: Record<string, { address: string; messages: Record<string, object> }>;
  operations: Record<string, Operation>;
  components: { messages: Record<string, object> };
};

/** The parser knows a newer version, and says so. */
const OF_VERSIONS = "asyncapi-latest-version";

test("is a valid document of AsyncAPI 3.0", async () => {
  const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document));
  expect(diagnostics.filter(({ code }) => code !== OF_VERSIONS)).toEqual([]);
  expect(parsed?.version()).toBe("3.0.0");
});

test("has every method on each of its endpoints, with its weight and its answer", () => {
  const asked = Object.entries(document.operations).filter(
    ([, { action }]) => action === "receive",
  );
  const expected = METHOD_NAMES.flatMap((method) =>
    methods[method].endpoints.map((endpoint) => `${endpoint}.${method}`),
  );
  expect(asked.map(([name]) => name).sort()).toEqual(expected.sort());
  for (const [name, operation] of asked) {
    const method = name.slice(name.indexOf(".") + 1);
    expect(operation["x-weight"]).toBeDefined();
    const answers = operation.reply?.messages.map(({ $ref }) => $ref.split("/").at(-1));
    expect(answers).toEqual([`${method}.response`, "error.response"]);
  }
});

test("has every push", () => {
  const sent = Object.entries(document.operations)
    .filter(([, { action }]) => action === "send")
    .map(([name]) => name.slice(name.indexOf(".") + 1));
  expect([...new Set(sent)].sort()).toEqual([...PUSH_NAMES].sort());
});

test("every message stands in a channel", () => {
  const used = Object.values(document.channels).flatMap(({ messages }) => Object.keys(messages));
  expect([...new Set(used)].sort()).toEqual(Object.keys(document.components.messages).sort());
});
