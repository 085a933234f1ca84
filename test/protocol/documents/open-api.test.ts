import { expect, test } from "bun:test";
import { validate } from "@scalar/openapi-parser";
import { openApiDocument } from "../../../src/protocol/documents/open-api.ts";
import { ERROR_CODES, httpStatus } from "../../../src/protocol/errors.ts";
import { plainRoutes } from "../../../src/protocol/schemas/plain-routes.ts";
import { restRoutes } from "../../../src/protocol/schemas/rest.ts";

interface Operation {
  operationId: string;
  parameters: {
    name: string;
    in: string;
    required: boolean;
    description: string;
    schema: object;
  }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { "x-codes"?: number[] }>;
  security: object[];
  "x-weight": object;
}

const document = openApiDocument() as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

test("is a valid document of OpenAPI 3.1", async () => {
  const { valid, errors, version } = await validate(JSON.stringify(document));
  expect({ valid, errors, version }).toEqual({ valid: true, errors: [], version: "3.1" });
});

test("has every route, and each under a name of its own", () => {
  const routes = Object.entries(document.paths).flatMap(([path, verbs]) =>
    Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
  );
  const published = Object.keys({ ...restRoutes, ...plainRoutes });
  expect(routes.sort()).toEqual(published.sort());
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
});

test("says what an order needs, what it costs, and who may", () => {
  const place = document.paths["/orders"]?.post as Operation;
  expect(place["x-weight"]).toEqual({ bucket: "orders", base: 1 });
  expect(place.security).toEqual([{ ApiKey: [], ApiSecret: [] }, { Token: [] }, { Session: [] }]);
  expect(place.requestBody?.content["application/json"]?.schema).toEqual({
    $ref: "#/components/schemas/Order",
  });
  expect(document.components.schemas.Order).toMatchObject({
    additionalProperties: false,
    required: ["symbol", "side", "type", "quantity"],
  });
});

test("what the path says is not in the query or the body too", () => {
  const amend = document.paths["/orders/{order_id}"]?.patch as Operation;
  expect(amend.parameters.map(({ name, in: place }) => [name, place])).toEqual([
    ["order_id", "path"],
    ["X-ACCOUNT-ID", "header"],
  ]);
  expect(amend.requestBody?.content["application/json"]?.schema).toMatchObject({
    properties: { price: {}, quantity: {}, stop_price: {} },
  });
  const list = document.paths["/orders"]?.get as Operation;
  expect(list.parameters.map(({ name }) => name)).toEqual([
    "symbol",
    "limit",
    "before",
    "status",
    "X-ACCOUNT-ID",
  ]);
});

test("what any request may come to is told of the routes that are no methods, too", () => {
  for (const name of Object.keys(plainRoutes)) {
    const [verb = "", path = ""] = name.toLowerCase().split(" ");
    const verbs = document.paths[path.replace(/:(\w+)/g, "{$1}")] ?? {};
    const { responses } = verbs[verb] as Operation;
    // A query that nobody looks for.
    expect([name, responses[400]?.["x-codes"]]).toEqual([name, expect.arrayContaining([40001])]);
  }
  const demo = document.paths["/demo/session"]?.post as Operation;
  expect(demo.requestBody).toMatchObject({ required: false });
  expect(Object.keys(demo.responses)).toEqual(expect.arrayContaining(["400", "408", "413", "415"]));
});

test("a key that may not be used from an address is refused by every route", () => {
  for (const { operationId, responses } of operations) {
    const codes = responses[403]?.["x-codes"];
    expect([operationId, codes]).toEqual([operationId, expect.arrayContaining([40300])]);
  }
});

test("every method is refused at shutdown, the time too", () => {
  for (const { operationId, responses } of operations) {
    // These two are answered as long as there is a connection.
    if (["exchangeGet", "maintenanceList"].includes(operationId)) continue;
    const codes = responses[503]?.["x-codes"];
    expect([operationId, codes]).toEqual([operationId, expect.arrayContaining([50302])]);
  }
});

test("of done orders the list says its own number of rows", () => {
  const list = document.paths["/orders"]?.get as Operation;
  const told = list.parameters.map(({ name, description }) => [name, description]);
  expect(Object.fromEntries(told)).toMatchObject({
    limit: "rows, newest first; default 1000; with `status=done` rows, last done first; default 50",
    before: "`next` of the page before",
  });
});

test("each error stands under its status", () => {
  for (const { responses } of operations) {
    for (const [status, response] of Object.entries(responses)) {
      for (const code of response["x-codes"] ?? []) expect(httpStatus(code)).toBe(Number(status));
    }
  }
  const told = new Set(operations.flatMap(({ responses }) => codesOf(responses)));
  // Of connections and replays, which REST does not have; an unknown route is no operation.
  const elsewhere = [40002, 41001, 42903];
  expect([...told, ...elsewhere].sort()).toEqual([...ERROR_CODES].sort());
});

function codesOf(responses: Operation["responses"]): number[] {
  return Object.values(responses).flatMap((response) => response["x-codes"] ?? []);
}
