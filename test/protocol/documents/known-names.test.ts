/** What the server reads of a request, and every code that it knows, is in the published documents. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { asyncApiDocument } from "../../../src/protocol/documents/async-api.ts";
import { openApiDocument } from "../../../src/protocol/documents/open-api.ts";
import { ERROR_CODES, ErrorCode } from "../../../src/protocol/errors.ts";

const SRC = join(import.meta.dir, "../../../src");

/** Headers of HTTP itself and of proxies, which mean here what they mean everywhere. */
const GENERAL = [
  ...["accept", "accept-encoding", "allow", "authorization", "connection", "content-encoding"],
  ...["content-length", "content-type", "cookie", "forwarded", "host", "origin"],
  ...["sec-fetch-site", "set-cookie", "transfer-encoding", "upgrade", "x-forwarded-for"],
];

interface Routes {
  paths: Record<string, Record<string, { parameters: { name: string; in: string }[] }>>;
  components: { securitySchemes: Record<string, { in?: string; name?: string }> };
}

type Upgrade = Record<"query" | "headers", { properties: object }>;

interface Streams {
  channels: Record<string, { bindings: { ws: Upgrade }; "x-upgrade-codes": number[] }>;
  operations: Record<string, { "x-codes"?: number[] }>;
}

const routes = openApiDocument() as unknown as Routes;
const streams = asyncApiDocument() as unknown as Streams;

/** Names that the sources ask for by one of these patterns, in lower case. */
async function asked(pattern: RegExp): Promise<string[]> {
  const names = new Set<string>();
  for await (const file of new Bun.Glob("{gateway,people,webhooks}/**/*.ts").scan(SRC)) {
    const text = await Bun.file(join(SRC, file)).text();
    for (const [, name = ""] of text.matchAll(pattern)) names.add(name.toLowerCase());
  }
  return [...names];
}

function upgradeNames(place: "query" | "headers"): string[] {
  const of = Object.values(streams.channels).map(({ bindings }) =>
    Object.keys(bindings.ws[place].properties),
  );
  for (const names of of) expect(names).toEqual(of[0] as string[]);
  return of[0]?.map((name) => name.toLowerCase()) ?? [];
}

test("every header that the server asks for is in a document, or one of HTTP itself", async () => {
  const operations = Object.values(routes.paths).flatMap((verbs) => Object.values(verbs));
  const inParameters = operations.flatMap(({ parameters }) => parameters);
  const schemes = Object.values(routes.components.securitySchemes);
  const published = [...inParameters, ...schemes].filter(({ in: place }) => place === "header");
  const known = [
    ...published.map(({ name = "" }) => name.toLowerCase()),
    ...upgradeNames("headers"),
    ...GENERAL,
  ];
  const names = await asked(/headers\.(?:get|has)\("([^"]+)"\)/g);
  expect(names).toContain("x-account-id");
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
});

test("every member of an upgrade's query that the server asks for is in the document", async () => {
  const names = await asked(/queryOf\(request\)\.get\("([^"]+)"\)/g);
  expect(names.toSorted()).toEqual(upgradeNames("query").toSorted());
});

test("every code is one of a request or of an upgrade", () => {
  const told = new Set([
    ...Object.values(streams.operations).flatMap((operation) => operation["x-codes"] ?? []),
    ...Object.values(streams.channels).flatMap((channel) => channel["x-upgrade-codes"]),
  ]);
  // The answer to a method that there is not, which is no operation.
  const elsewhere = [ErrorCode.UNKNOWN_METHOD];
  expect(ERROR_CODES.filter((code) => !told.has(code))).toEqual(elsewhere);
});
