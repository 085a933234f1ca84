/**
 * Checks what the exchange sends against its published documents, as a stranger reads them: by the documents' own
 * JSON Schema, with a validator that is not the exchange's.
 */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { asyncApiDocument } from "../../../src/protocol/documents/async-api.ts";
import { openApiDocument } from "../../../src/protocol/documents/open-api.ts";
import { ERROR_CODES } from "../../../src/protocol/errors.ts";
import { REST_PATH } from "../../../src/protocol/schemas/rest.ts";

type Json = Record<string, unknown>;

interface Payload {
  readonly payload: Json;
}

interface Streams {
  readonly channels: Record<string, { readonly messages: Json; readonly "x-close-codes": Json }>;
  readonly operations: Record<string, { readonly "x-codes"?: readonly number[] }>;
  readonly components: { readonly messages: Record<string, Payload>; readonly schemas: Json };
}

interface Reply {
  readonly content?: Record<string, { readonly schema: Json }>;
  readonly "x-codes"?: readonly number[];
}

interface Operation {
  readonly responses: Record<string, Reply>;
}

interface Routes {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Json };
}

const streams = asyncApiDocument() as unknown as Streams;
const routes = openApiDocument() as unknown as Routes;

/** What was sent and is not published as it is. */
class NotPublished extends Error {
  override readonly name = "NotPublished";
}

/** Throws `NotPublished` unless `push` is valid as one of the endpoint's pushes. */
export function assertPush(endpoint: string, push: object): void {
  const names = Object.keys(streams.channels[endpoint]?.messages ?? {});
  const faults: string[] = [];
  for (const name of names.filter((one) => one.endsWith(".push"))) {
    const fault = faultOfMessage(name, push);
    if (fault === null) return;
    faults.push(`${name}: ${fault}`);
  }
  throw notPublished(`a push on /${endpoint}`, push, faults.join("\n"));
}

/** Throws `NotPublished` unless `response` is a valid answer to `method`, and its code one that the method may have. */
export function assertResponse(endpoint: string, method: string, response: object): void {
  const what = `the answer to ${method} on /${endpoint}`;
  const operation = streams.operations[`${endpoint}.${method}`];
  if (!("error" in response)) {
    const fault = faultOfMessage(`${method}.response`, response);
    if (fault !== null || operation === undefined) throw notPublished(what, response, fault);
    return;
  }
  assertError(response);
  const { code } = response.error as { code: number };
  const codes = operation?.["x-codes"] ?? ERROR_CODES;
  if (!codes.includes(code)) throw notPublished(what, response, `${code} is not in ${codes}`);
}

/** Throws `NotPublished` unless `response` is a valid error. */
export function assertError(response: object): void {
  const fault = faultOfMessage("error.response", response);
  if (fault !== null) throw notPublished("an error", response, fault);
}

/** Throws `NotPublished` unless the endpoint's document has the close code, or it is one of every WebSocket. */
export function assertCloseCode(endpoint: string, code: number): void {
  const published = Object.keys(streams.channels[endpoint]?.["x-close-codes"] ?? {}).map(Number);
  if ([1000, 1005, 1006, ...published].includes(code)) return;
  throw notPublished(`the end of a connection to /${endpoint}`, { code });
}

/**
 * Throws `NotPublished` unless the answer to `verb path` is as the document says; `body` is null where there is none. Of
 * what is no operation, such as the documents themselves and unknown paths, only errors are looked at.
 */
export function assertAnswer(verb: string, path: string, status: number, body: unknown): void {
  const what = `${status} of ${verb} ${path}`;
  const operation = operationOf(verb, path);
  if (operation === null) {
    const fault = status < 400 || body === null ? null : faultOf(routes, ERROR, body);
    if (fault !== null) throw notPublished(what, body, fault);
    return;
  }
  const reply = operation.responses[status];
  if (reply === undefined) throw notPublished(what, body, "no such status");
  const schema = reply.content?.["application/json"]?.schema;
  if (schema === undefined && body === null) return;
  const fault = schema === undefined ? "has a body" : faultOf(routes, schema, body);
  if (fault !== null) throw notPublished(what, body, fault);
  const { "x-codes": codes } = reply;
  const { code = 0 } = body as { code?: number };
  if (codes?.includes(code) === false) {
    throw notPublished(what, body, `${code} is not in ${codes}`);
  }
}

/** The operation that a path of a request asks for; of several, the one with the fewest parameters. */
function operationOf(verb: string, path: string): Operation | null {
  const [asked = ""] = path.replace(REST_PATH, "").split("?");
  const found = Object.entries(routes.paths)
    .filter(([template]) => new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`).test(asked))
    .sort(([one], [other]) => one.split("{").length - other.split("{").length);
  return found[0]?.[1][verb.toLowerCase()] ?? null;
}

const ERROR = { $ref: "#/components/schemas/Error" };

function faultOfMessage(name: string, message: object): string | null {
  const schema = streams.components.messages[name]?.payload;
  return schema === undefined ? "no such message" : faultOf(streams, schema, message);
}

const checks = new Map<object, ValidateFunction>();

/** What is wrong with `value` by a schema of `document`; null when it is valid. */
function faultOf(document: Streams | Routes, schema: Json, value: unknown): string | null {
  let check = checks.get(schema);
  if (check === undefined) {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    check = ajv.compile(
      closed({ ...schema, components: { schemas: document.components.schemas } }),
    );
    checks.set(schema, check);
  }
  return check(value) ? null : JSON.stringify(check.errors?.slice(0, 5));
}

/** The schema that also refuses members that it does not name. */
function closed(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema), (_, value) =>
    value?.type === "object" && "properties" in value
      ? { additionalProperties: false, ...value }
      : value,
  );
}

function notPublished(what: string, value: unknown, fault?: string | null): NotPublished {
  const text = JSON.stringify(value).slice(0, 500);
  return new NotPublished(`${what} is not as published: ${text}${fault ? `\n${fault}` : ""}`);
}
