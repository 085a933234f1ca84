/** The REST API as an OpenAPI 3.1 document, made from the schemas and the table of routes. */
import type { TObject, TSchema } from "@sinclair/typebox";
import { ERRORS, ErrorCode } from "../errors.ts";
import { methodExamples } from "../examples.ts";
import { type JsonSchema, plainSchema } from "../json-schema.ts";
import { ErrorMessage } from "../schemas/envelope.ts";
import { accountId, text } from "../schemas/fields.ts";
import type { PlainRouteSpec } from "../schemas/plain-route.ts";
import { plainRoutes } from "../schemas/plain-routes.ts";
import { OrdersStatus, REST_PATH, type RestRouteSpec, restRoutes } from "../schemas/rest.ts";
import { type MethodName, methods } from "../schemas.ts";
import { costText } from "../weight.ts";
import { ComponentSchemas } from "./component-schemas.ts";
import { errorsOf, errorText, OF_LOGINS } from "./method-errors.ts";
import { PROTOCOL_VERSION, weightNote } from "./notes.ts";

type Json = Record<string, unknown>;

const JSON_TYPE = "application/json";
/** Errors of every request for a method. */
const OF_REQUESTS = [...OF_LOGINS, ErrorCode.SHUTTING_DOWN];
const SECURITY_SCHEMES = {
  ApiKey: { type: "apiKey", in: "header", name: "X-API-KEY" },
  ApiSecret: { type: "apiKey", in: "header", name: "X-API-SECRET" },
  Token: { type: "http", scheme: "bearer", description: "the token of a session" },
  Session: { type: "apiKey", in: "cookie", name: "waiver_session" },
};
/** Ways to log in; each is enough alone. */
const LOGINS: readonly Json[] = [{ ApiKey: [], ApiSecret: [] }, { Token: [] }, { Session: [] }];

const RATE_HEADERS = {
  "X-RateLimit-Limit": header("integer", "tokens of the bucket that pays when it is full"),
  "X-RateLimit-Remaining": header("integer", "tokens that are left"),
  "X-RateLimit-Reset": header("integer", "seconds until the bucket is full"),
};

const TAGS = [
  { name: "Market data", description: "For everybody, unless the operator has it otherwise" },
  { name: "Orders", description: "One's own orders. An order is answered when it is durable" },
  { name: "Account", description: "What one has, and what one traded" },
  { name: "Webhooks", description: "One's own events, posted to a URL" },
  { name: "People", description: "Sign-up, passwords, and keys of one's own" },
  { name: "Sessions", description: "A token, or a cookie, instead of the key in every request" },
];

const PATH_TEXT = text("as it was answered", 64);

export function openApiDocument(): Json {
  const components = new ComponentSchemas();
  const error = components.of(ErrorMessage);
  const paths: Record<string, Json> = {};
  const add = (name: string, operation: (path: string, verb: string) => Json): void => {
    const [verb = "", path = ""] = name.split(" ");
    const template = templateOf(path);
    paths[template] = { ...paths[template], [verb.toLowerCase()]: operation(path, verb) };
  };
  for (const [name, spec] of Object.entries<RestRouteSpec>(restRoutes)) {
    add(name, (path, verb) => methodOperation(verb, path, spec, components, error));
  }
  for (const [name, spec] of Object.entries<PlainRouteSpec>(plainRoutes)) {
    add(name, (path) => plainOperation(path, spec, components, error));
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Waiver Exchange",
      version: PROTOCOL_VERSION,
      description:
        "The exchange over HTTP. Prices and cash are integer cents, quantities integer shares, times milliseconds " +
        "since 1970. Every request costs what its method costs (`x-weight`); beyond it, it is 429.",
    },
    servers: [{ url: REST_PATH }],
    tags: TAGS,
    paths,
    components: { schemas: components.schemas, securitySchemes: SECURITY_SCHEMES },
    "x-errors": ERRORS,
  };
}

/** The operation of a route that serves one or two methods. */
function methodOperation(
  verb: string,
  path: string,
  spec: RestRouteSpec,
  components: ComponentSchemas,
  error: JsonSchema,
): Json {
  const { method, done, summary, without = [], isTagged } = spec;
  const { permission, cost, params } = methods[method];
  const inPath = namesInPath(path);
  const others = membersOf(params, [...inPath, ...without]);
  const hasBody = verb === "POST" || verb === "PATCH";
  const status = done === undefined ? {} : { status: OrdersStatus };
  const isOpen = permission === "market_data" || method === "time";
  const results = [method, ...(done === undefined ? [] : [done])];
  return {
    operationId: operationId(path, method),
    summary,
    tags: [tagOf(path)],
    description: `${methodTexts(results).join(" ")}${permission === null ? "" : ` Permission: \`${permission}\`.`}`,
    security: isOpen ? [{}, ...LOGINS] : LOGINS,
    parameters: [
      ...inPath.map((name) => parameter(name, "path", memberOf(params, name), true)),
      ...(hasBody ? [] : queryParameters({ ...others, ...status }, requiredOf(params), done)),
      ...(isOpen ? [] : [ACCOUNT_HEADER]),
      ...(isTagged ? [TAG_HEADER] : []),
    ],
    ...(hasBody && { requestBody: requestBody(method, params, others, components) }),
    responses: {
      200: {
        description: "Done",
        headers: { ...RATE_HEADERS, ...(isTagged && { ETag: header("string", "of this answer") }) },
        content: { [JSON_TYPE]: resultContent(results, components) },
      },
      ...(isTagged && { 304: { description: "What `If-None-Match` names is still so" } }),
      ...errorResponses([...errorsOf(method), ...OF_REQUESTS], hasBody, error),
    },
    "x-method": method,
    "x-weight": weightNote(cost),
    ...(permission !== null && { "x-permission": permission }),
  };
}

function tagOf(path: string): string {
  if (path.startsWith("/orders")) return "Orders";
  return path.startsWith("/account") ? "Account" : "Market data";
}

/** The content of an answer: the result of one of these methods. */
function resultContent(names: readonly MethodName[], components: ComponentSchemas): Json {
  const schemas = names.map((name) => components.of(methods[name].result));
  const examples = names.map((name) => [name, { value: methodExamples[name].result }]);
  return {
    schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas },
    examples: Object.fromEntries(examples),
  };
}

const ACCOUNT_HEADER = parameter(
  "X-ACCOUNT-ID",
  "header",
  accountId("which of the user's accounts the request is about; default the first"),
  false,
);

const TAG_HEADER = parameter(
  "If-None-Match",
  "header",
  text("`ETag` of an answer that you have", 256),
  false,
);

const SECURITY_OF: Readonly<Record<PlainRouteSpec["login"], readonly Json[]>> = {
  none: [],
  session: [{ Token: [] }, { Session: [] }],
  any: LOGINS,
  optional: [{}, ...LOGINS],
};

/** The operation of a route that does not serve a method. */
function plainOperation(
  path: string,
  spec: PlainRouteSpec,
  components: ComponentSchemas,
  error: JsonSchema,
): Json {
  const {
    operationId,
    summary,
    description,
    tag,
    login,
    body,
    isBodyOptional = false,
    reply,
    status = 200,
    errors = [],
  } = spec;
  const codes = [...OF_LOGINS, ...errors, ErrorCode.INVALID_PARAMETER, ErrorCode.MARKET_DATA_RATE];
  if (login !== "optional") codes.push(ErrorCode.SHUTTING_DOWN);
  const needsLogin = login === "session" || login === "any";
  if (needsLogin) codes.push(ErrorCode.NOT_LOGGED_IN);
  const content = (schema: TSchema) => ({ [JSON_TYPE]: { schema: components.of(schema) } });
  const own = Object.entries(spec.statuses ?? {}).map(([status, told]) => [
    status,
    { description: told, content: { [JSON_TYPE]: { schema: error } } },
  ]);
  return {
    operationId,
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    security: SECURITY_OF[login],
    parameters: [
      ...namesInPath(path).map((name) => parameter(name, "path", PATH_TEXT, true)),
      ...(needsLogin ? [ACCOUNT_HEADER] : []),
    ],
    ...(body !== undefined && {
      requestBody: { required: !isBodyOptional, content: content(body) },
    }),
    responses: {
      [status]: { description: "Done", headers: RATE_HEADERS, content: content(reply) },
      ...errorResponses(codes, body !== undefined, error),
      ...Object.fromEntries(own),
    },
  };
}

/** A path as OpenAPI writes it, such as `/orders/{order_id}`. */
function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, "{$1}");
}

function namesInPath(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
}

/** The operation's id, such as `orderStatusByClientId`. */
function operationId(path: string, method: MethodName): string {
  const words = path.includes("/by-client-id/") ? `${method}_by_client_id` : method;
  return words.replace(/[._](\w)/g, (_, letter: string) => letter.toUpperCase());
}

function membersOf(params: TSchema, except: readonly string[]): Record<string, TSchema> {
  const all = Object.entries((params as TObject).properties);
  return Object.fromEntries(all.filter(([name]) => !except.includes(name)));
}

function memberOf(params: TSchema, name: string): TSchema {
  return (params as TObject).properties[name] as TSchema;
}

function requiredOf({ required = [] }: TSchema): readonly string[] {
  return required;
}

/** Describes a route's methods with their costs: its own, and the one for `status=done` if there is one. */
function methodTexts([method, done]: readonly MethodName[]): string[] {
  const told = (name: MethodName): string => `\`${name}\`. Costs ${costText(methods[name].cost)}.`;
  const own = `The method ${told(method as MethodName)}`;
  return done === undefined ? [own] : [own, `With \`status=done\` the method ${told(done)}`];
}

/** Parameters of the query. `done` is the method for `status=done`, in which a member may have another meaning. */
function queryParameters(
  members: Record<string, TSchema>,
  required: readonly string[],
  done: MethodName | undefined,
): Json[] {
  const ofDone = done === undefined ? {} : membersOf(methods[done].params, []);
  return Object.entries(members).map(([name, schema]) => {
    const told = parameter(name, "query", schema, required.includes(name));
    const other = ofDone[name]?.description ?? schema.description;
    if (other === schema.description) return told;
    return { ...told, description: `${schema.description}; with \`status=done\` ${other}` };
  });
}

function parameter(name: string, place: string, schema: TSchema, required: boolean): Json {
  const { description, ...type } = plainSchema(schema);
  return { name, in: place, required, description, schema: type };
}

function requestBody(
  method: MethodName,
  params: TSchema,
  members: Record<string, TSchema>,
  components: ComponentSchemas,
): Json {
  const names = Object.keys(members);
  const isWhole = names.length === Object.keys((params as TObject).properties).length;
  const required = requiredOf(params).filter((name) => names.includes(name));
  const part = { type: "object", additionalProperties: false, properties: members, required };
  const schema = components.of(isWhole ? params : (part as unknown as TSchema));
  const example = Object.entries(methodExamples[method].params).filter(([name]) =>
    names.includes(name),
  );
  return {
    required: true,
    content: { [JSON_TYPE]: { schema, example: Object.fromEntries(example) } },
  };
}

/** The errors by HTTP status. */
function errorResponses(codes: readonly ErrorCode[], hasBody: boolean, schema: JsonSchema): Json {
  const all = hasBody ? [...codes, ErrorCode.MALFORMED_MESSAGE] : codes;
  const sorted = new Set(all.toSorted((a, b) => a - b));
  const byStatus = Map.groupBy(sorted, (code) => ERRORS[code].status);
  const content = { [JSON_TYPE]: { schema } };
  const responses = [...byStatus].map(([status, own]) => [
    status,
    {
      description: own.map(errorText).join("; "),
      ...((status === 429 || status === 503) && { headers: RETRY_AFTER }),
      content,
      "x-codes": own,
    },
  ]);
  const ofBodies = [
    [408, { description: "The body did not arrive in time", content }],
    [413, { description: "The body is too long", content }],
    [415, { description: "The body is not JSON", content }],
  ];
  return Object.fromEntries(hasBody ? [...responses, ...ofBodies] : responses);
}

const RETRY_AFTER = { "Retry-After": header("integer", "seconds") };

function header(type: "integer" | "string", description: string): Json {
  return { description, schema: { type } };
}
