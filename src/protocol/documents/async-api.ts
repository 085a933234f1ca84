/** The WebSocket API as an AsyncAPI 3.0 document, made from the schemas of methods and pushes. */
import { type TSchema, Type } from "@sinclair/typebox";
import { CLOSE_CODES } from "../close-codes.ts";
import { ENCODINGS, SUBPROTOCOLS } from "../encoding.ts";
import { ERRORS, ErrorCode } from "../errors.ts";
import { EXAMPLE_ID, errorExample, methodExamples, pushExamples } from "../examples.ts";
import { plainSchema } from "../json-schema.ts";
import { ErrorMessage, pushMessage, RequestId, requestMessage } from "../schemas/envelope.ts";
import { accountId, choice, credential } from "../schemas/fields.ts";
import {
  type Endpoint,
  METHOD_NAMES,
  type MethodName,
  methods,
  PUSH_NAMES,
  type PushName,
  pushes,
} from "../schemas.ts";
import { costText } from "../weight.ts";
import { ComponentSchemas } from "./component-schemas.ts";
import { errorsOf, errorText, OF_LOGINS } from "./method-errors.ts";
import { PROTOCOL_VERSION, weightNote } from "./notes.ts";

type Json = Record<string, unknown>;

const ENDPOINTS: Readonly<Record<Endpoint, string>> = {
  orders: "Order entry and management. Log in within 10 s",
  "market-data": "Market data, for everybody unless the operator has it otherwise",
  "user-data": "One's own orders, fills and balances. Log in within 10 s",
};

const CONTENT_TYPE = "application/json";
const CORRELATION = { location: "$message.payload#/id", description: "the request's id" };
const ERROR = "error.response";

const SECURITY_SCHEMES = {
  Login: {
    type: "userPassword",
    description: "`auth.login` on the connection, with `api_key` and its secret or a signature",
  },
  Token: { type: "http", scheme: "bearer", description: "the token of a session, in the upgrade" },
  Session: { type: "httpApiKey", in: "cookie", name: "waiver_session" },
};

const TITLE = "Waiver Exchange";
const DESCRIPTION =
  "The exchange over WebSockets. Text frames carry JSON, binary frames MessagePack; the messages are the same, and a " +
  "request is answered in the encoding it came in. What the server pushes is encoded as the subprotocol says " +
  "(`waiver.json`, `waiver.msgpack`). Prices and cash are integer cents, quantities integer shares, times " +
  "milliseconds since 1970.";

export function asyncApiDocument(): Json {
  const components = new ComponentSchemas();
  const messages: Record<string, Json> = {};
  for (const method of METHOD_NAMES) {
    messages[`${method}.request`] = requestOf(method, components);
    messages[`${method}.response`] = responseOf(method, components);
  }
  messages[ERROR] = {
    summary: "A request that is refused",
    ...message(answer({ error: ErrorMessage }), components),
    correlationId: CORRELATION,
    examples: [{ payload: { id: EXAMPLE_ID, error: errorExample } }],
  };
  for (const push of PUSH_NAMES) messages[`${push}.push`] = pushOf(push, components);
  return {
    asyncapi: "3.0.0",
    info: { title: TITLE, version: PROTOCOL_VERSION, description: DESCRIPTION },
    defaultContentType: CONTENT_TYPE,
    servers: { exchange: serverOf() },
    channels: mapEndpoints(channelOf),
    operations: Object.assign({}, ...Object.values(mapEndpoints(operationsOf))),
    components: { messages, schemas: components.schemas, securitySchemes: SECURITY_SCHEMES },
    "x-errors": ERRORS,
  };
}

function serverOf(): Json {
  return {
    host: "{host}",
    protocol: "ws",
    description: "`wss` where the exchange has a certificate",
    variables: { host: { default: "localhost:8080" } },
    security: Object.keys(SECURITY_SCHEMES).map((name) => ref("components/securitySchemes", name)),
  };
}

function mapEndpoints<T>(make: (endpoint: Endpoint) => T): Record<string, T> {
  const names = Object.keys(ENDPOINTS) as Endpoint[];
  return Object.fromEntries(names.map((endpoint) => [endpoint, make(endpoint)]));
}

function methodsOn(endpoint: Endpoint): MethodName[] {
  return METHOD_NAMES.filter((method) =>
    (methods[method].endpoints as readonly Endpoint[]).includes(endpoint),
  );
}

/** The pushes of an endpoint. `status` comes on every one. */
function pushesOn(endpoint: Endpoint): PushName[] {
  return PUSH_NAMES.filter((push) => {
    const isOfUser = pushes[push].stream === "user_data";
    return push === "status" || isOfUser === (endpoint === "user-data");
  }).filter((push) => push === "status" || endpoint !== "orders");
}

function channelOf(endpoint: Endpoint): Json {
  const names = [
    ...methodsOn(endpoint).flatMap((method) => [`${method}.request`, `${method}.response`]),
    ERROR,
    ...pushesOn(endpoint).map((push) => `${push}.push`),
  ];
  return {
    address: `/${endpoint}`,
    description: ENDPOINTS[endpoint],
    messages: Object.fromEntries(names.map((name) => [name, ref("components/messages", name)])),
    bindings: { ws: UPGRADE },
    "x-upgrade-codes": UPGRADE_CODES,
    "x-close-codes": CLOSE_CODES,
  };
}

/** What an upgrade may ask for. */
const UPGRADE = {
  method: "GET",
  query: members({
    encoding: choice(ENCODINGS, "of what is pushed, for those who cannot name a subprotocol"),
    account_id: accountId(
      "which of the user's accounts the connection is about, for those who cannot set the header; default the first",
    ),
  }),
  headers: members({
    "Sec-WebSocket-Protocol": choice(
      ENCODINGS.map((encoding) => SUBPROTOCOLS[encoding]),
      "encoding of what is pushed; the first one of a list that is known is taken",
    ),
    "X-ACCOUNT-ID": accountId(
      "which of the user's accounts the connection is about; default the first",
    ),
    "X-API-KEY": credential("logs in already, with the secret"),
    "X-API-SECRET": credential("of the key"),
  }),
};

/** Errors with which an upgrade may be refused, each with its HTTP status. */
const UPGRADE_CODES = [
  ErrorCode.MALFORMED_MESSAGE,
  ...OF_LOGINS,
  ErrorCode.MARKET_DATA_RATE,
  ErrorCode.TOO_MANY_CONNECTIONS,
  ErrorCode.INTERNAL,
  ErrorCode.MAINTENANCE,
  ErrorCode.SHUTTING_DOWN,
].toSorted((one, other) => one - other);

function members(properties: Record<string, TSchema>): Json {
  return plainSchema(Type.Partial(Type.Object(properties)));
}

/** The server receives requests and replies to them; it sends pushes. */
function operationsOf(endpoint: Endpoint): Json {
  const operations: Json = {};
  const channel = ref("channels", endpoint);
  const own = (name: string): Json => ref(`channels/${endpoint}/messages`, name);
  for (const method of methodsOn(endpoint)) {
    const { permission, cost } = methods[method];
    operations[`${endpoint}.${method}`] = {
      action: "receive",
      channel,
      summary: `${method} on /${endpoint}`,
      description: `Costs ${costText(cost)}.`,
      messages: [own(`${method}.request`)],
      reply: { channel, messages: [own(`${method}.response`), own(ERROR)] },
      "x-weight": weightNote(cost),
      "x-codes": errorsOf(method),
      ...(permission !== null && { "x-permission": permission }),
    };
  }
  for (const push of pushesOn(endpoint)) {
    operations[`${endpoint}.${push}`] = {
      action: "send",
      channel,
      summary: `${push} on /${endpoint}`,
      messages: [own(`${push}.push`)],
    };
  }
  return operations;
}

function requestOf(method: MethodName, components: ComponentSchemas): Json {
  const { params, cost } = methods[method];
  return {
    summary: `Asks for ${method}`,
    description: `May be refused with ${errorsOf(method).map(errorText).join("; ")}.`,
    ...message(requestMessage(method, params), components),
    correlationId: CORRELATION,
    "x-weight": weightNote(cost),
    examples: [{ payload: { id: EXAMPLE_ID, method, params: methodExamples[method].params } }],
  };
}

function responseOf(method: MethodName, components: ComponentSchemas): Json {
  return {
    summary: `The result of ${method}`,
    ...message(answer({ result: methods[method].result }), components),
    correlationId: CORRELATION,
    examples: [{ payload: { id: EXAMPLE_ID, result: methodExamples[method].result } }],
  };
}

function pushOf(push: PushName, components: ComponentSchemas): Json {
  const { stream, data } = pushes[push];
  return {
    summary: `The ${push} push, of the stream ${stream}`,
    ...message(pushMessage(stream, data), components),
    examples: [{ payload: { stream, data: pushExamples[push] } }],
  };
}

function answer(members: Record<string, TSchema>): TSchema {
  return Type.Object({ id: Type.Optional(RequestId), ...members });
}

function message(payload: TSchema, components: ComponentSchemas): Json {
  return { contentType: CONTENT_TYPE, payload: components.of(payload) };
}

function ref(place: string, name: string): Json {
  return { $ref: `#/${place}/${name}` };
}
