/** `/llms.txt`: all that an AI agent needs to write a client, in one text. Its tables are made from the schemas. */
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { errorsOf } from "../../protocol/documents/method-errors.ts";
import {
  memberLines,
  NAMED_TYPES,
  namesWithin,
  TYPE_NAMES,
  typeOf,
} from "../../protocol/documents/type-script.ts";
import { ERROR_CODES, ERRORS } from "../../protocol/errors.ts";
import type { PlainRouteSpec } from "../../protocol/schemas/plain-route.ts";
import { plainRoutes } from "../../protocol/schemas/plain-routes.ts";
import { REST_PATH, type RestRouteSpec, restRoutes } from "../../protocol/schemas/rest.ts";
import {
  METHOD_NAMES,
  type MethodName,
  methods,
  PUSH_NAMES,
  pushes,
} from "../../protocol/schemas.ts";
import { costText } from "../../protocol/weight.ts";

export function llmsText(): string {
  return [
    HEAD,
    "## Types",
    fenced("ts", Object.values(NAMED_TYPES).map(interfaceText).join("\n\n")),
    "## Methods\n\nThe name, where it is served, what the key has to allow, what it costs, the errors; then params and result.",
    METHOD_NAMES.map(methodText).join("\n\n"),
    "## Pushes\n\n`stream` is the member of the message; `subscribe` takes the channel, which is the name here. Those of the stream\n`user_data` come without a subscription, by their `event`.",
    PUSH_NAMES.map((push) => {
      const { stream, data } = pushes[push];
      return `- \`${push}\`, stream \`${stream}\`: \`${typeOf(data, { names: TYPE_NAMES })}\``;
    }).join("\n"),
    "## Errors\n\nCode, name, message and HTTP status. Switch on the code.",
    ERROR_CODES.map((code) => {
      const { name, message, status } = ERRORS[code];
      return `- ${code} ${name}: ${message} (${status})`;
    }).join("\n"),
    "## Close codes\n\nWhy the exchange closes a WebSocket.",
    Object.entries(CLOSE_CODES)
      .map(([code, why]) => `- ${code}: ${why}`)
      .join("\n"),
    REST,
    Object.entries<RestRouteSpec>(restRoutes)
      .map(([route, { method }]) => `- \`${route}\`: ${method}`)
      .join("\n"),
    PLAIN_ROUTES,
    Object.entries<PlainRouteSpec>(plainRoutes).map(plainRouteText).join("\n").concat("\n"),
  ].join("\n\n");
}

function interfaceText({ name, schema, isGiven }: (typeof NAMED_TYPES)[string]): string {
  const lines = memberLines(schema, { names: namesWithin(schema) });
  const what = isGiven === true ? "// sent by the client" : "// sent by the exchange";
  return [`${what}`, `interface ${name} {`, ...lines.map((line) => `  ${line}`), "}"].join("\n");
}

function plainRouteText([route, { summary, description = "", body, reply }]: [
  string,
  PlainRouteSpec,
]): string {
  const style = { names: TYPE_NAMES };
  const given = body === undefined ? "" : ` Body \`${typeOf(body, style)}\`.`;
  const more = description === "" ? "" : ` ${description}`;
  return `- \`${route}\`: ${summary}.${more}${given} Answer \`${typeOf(reply, style)}\``;
}

function methodText(name: MethodName): string {
  const { endpoints, permission, cost, params, result } = methods[name];
  const where = endpoints.map((endpoint) => `/${endpoint}`).join(", ");
  const needs = permission === null ? "" : `; permission ${permission}`;
  const style = { names: TYPE_NAMES };
  return [
    `### ${name}`,
    `On ${where}${needs}; ${costText(cost)}. Errors: ${errorsOf(name).join(", ")}.`,
    `- params \`${typeOf(params, style)}\``,
    `- result \`${typeOf(result, style)}\``,
  ].join("\n");
}

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

/** A client that needs no library but that of the WebSocket. A test runs it. */
const PYTHON_SAMPLE = `import asyncio, hashlib, hmac, json, os, time
import websockets  # python3-websockets

async def main():
    url, key, secret, symbol = (os.environ[name] for name in ("URL", "KEY", "SECRET", "SYMBOL"))
    async with websockets.connect(url + "/orders", subprotocols=["waiver.json"]) as line:
        async def ask(id, method, **params):
            await line.send(json.dumps({"id": id, "method": method, "params": params}))
            while True:
                message = json.loads(await line.recv())
                if message.get("id") != id:
                    continue  # a push, such as a notice of maintenance
                if "error" in message:
                    raise RuntimeError(message["error"])
                return message["result"]

        now = time.time_ns() // 1_000_000
        text = f"auth.login\\n{key}\\n{now}"
        signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        await ask(1, "auth.login", api_key=key, timestamp=now, signature=signature)
        order = await ask(2, "order.place", symbol=symbol, side="BUY", type="LIMIT", price=4250,
                          quantity=2, client_order_id=f"mine-{now}")
        print(order["status"])
        print((await ask(3, "order.cancel", order_id=order["order_id"]))["status"])

asyncio.run(main())`;

const HEAD = `# Waiver Exchange

> An exchange for shares of NFL players. WebSockets (JSON or MessagePack) and REST (JSON); one order book a player;
> everything that was answered is durable.

This page is all that is needed to write a client. The same with examples: [/docs](/docs),
[/docs/streams](/docs/streams), [OpenAPI](/api/v1/openapi.json), [AsyncAPI](/api/v1/asyncapi.json). For TypeScript
there is \`@waiver/client\`, which does all of what follows: \`createPublicClient\`, \`createTradingClient\`.

## Basics

- Units: prices, cash and fees are integer cents, quantities integer shares, times milliseconds since 1970.
- WebSockets: \`/orders\` (orders; log in within 10 s), \`/market-data\` (public unless the operator wants a login), \`/user-data\`
  (events of your account; log in within 10 s). Text frames are JSON, binary frames MessagePack of the same messages. Pushes use the
  subprotocol \`waiver.json\` (default) or \`waiver.msgpack\`.
- Request \`{"id", "method", "params"}\`, answer \`{"id", "result"}\` or \`{"id", "error": {"code", "message", "details"?}}\`, push
  \`{"stream", "data"}\`. Requests may be sent without waiting; match answers by \`id\`. Unknown members of \`params\` are refused.
- A symbol is \`SYMBOL_<n>\`; requests also take its ticker, such as \`PMAHOMES\`. \`symbols.list {"query": "mahomes"}\` finds it.
- Prices are multiples of the symbol's \`price_increment\`.
- Ignore members of results and pushes that you do not know.

## Logging in

\`auth.login {"api_key", "timestamp", "signature"}\`: \`signature\` is the hexadecimal HMAC-SHA256, keyed with the secret's text, of
the text \`auth.login\\n<api_key>\\n<timestamp>\` (\\n is a line feed). \`timestamp\` is within 5 s of the exchange's clock and is
signed once: after 40101 with \`details.server_time\` sign again with that clock, with \`details.field\` = "signature" a later
timestamp. \`{"api_key", "api_secret"}\` works too. REST takes the headers \`X-API-KEY\` and \`X-API-SECRET\`, or
\`Authorization: Bearer <token>\` of \`POST /api/v1/session\`. A user with several accounts names one with \`account_id\` in
\`auth.login\`, or with the header \`X-ACCOUNT-ID\`; in an upgrade also as \`?account_id=\`.
A key may be bound to one account; any other is then 40301.

${fenced("python", PYTHON_SAMPLE)}

## Orders

- LIMIT needs \`price\`; MARKET refuses it, and is IOC unless FOK; STOP needs \`stop_price\`, STOP_LIMIT both. \`expire_at\` goes with
  GTD and nothing else. Cancel, amend and status take exactly one of \`order_id\` and \`client_order_id\`.
- Always send a \`client_order_id\`. When the answer is lost, ask \`order.status\` by it, and on 40004 send the same order again: it
  is placed once, a repeated one comes back with \`"duplicate": true\`.
- The \`status\` of an answer is the state right after the request. An order that a rule refuses is an error (409xx).
- 429xx and 503xx have \`details.retry_after_ms\`: wait that long. 40906 and 40907 have \`details.needed\` and \`available\`.
- \`orders.cancel_all_after\` is a dead man's switch; \`cancel_on_disconnect\` in the login cancels with the connection.

## Books without a gap

Subscribe to \`depth\`: first the whole book (\`snapshot: true\`), then changes with new totals, 0 for a level that is gone.
\`first_seq\` is the \`last_seq\` before it plus 1. \`checksum\` is the unsigned CRC-32 (IEEE) of
\`price:quantity,…|price:quantity,…\`: up to ten bids, best first, then up to ten asks. After a gap or a lost connection
\`depth.resume {"symbol", "from_seq": last_seq + 1}\` goes on; on 41001, or a wrong checksum, subscribe again.

## Events of your account without a gap

On \`/user-data\` after the login comes a \`snapshot\` as of event \`seq\`, then events with consecutive \`seq\`. After a lost
connection \`user_data.resume {"from_seq": last}\`, and drop what comes with a \`seq\` that is not the next. Begin from the new
snapshot on 41001, when its \`seq\` is less than the last one known, and when the event \`last\` now has a later \`timestamp\` than
what you know: the exchange was restored to an earlier moment.

## Is the connection alive

The channel \`heartbeat\` (no \`symbols\`) pushes every second; elsewhere send \`ping\`. Reconnect after waits that double and
have a random part.`;

const REST = `## REST

Under \`${REST_PATH}\`: the answer is the method's result, an error the body of an error with its status. Members of the path and
the query or JSON body are the method's params. Do not pipeline. \`GET /orders?status=done\` is \`orders.history\`.`;

const PLAIN_ROUTES = `Routes that serve no method. With the cookie of a session, requests that change something need an \`Origin\` of the exchange's own.`;
