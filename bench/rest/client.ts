/** The client process of the REST bench: reads a `RestPlan` from stdin, writes `RestFigures` to stdout. */
import { endWith, measuring } from "../load/client-run.ts";
import { type FlowOrder, orderFlow } from "../load/order-flow.ts";
import type { RestFigures, RestPlan } from "./plan.ts";
import { RestConnection } from "./rest-connection.ts";

/** One answer in this many is checked. */
const CHECK_EVERY = 1000;

const plan = (await Bun.stdin.json()) as RestPlan;
const fault = Promise.withResolvers<never>();
let acked = 0;
let answers = 0;

const connections = Array.from(
  { length: plan.connections },
  (_, index) =>
    new RestConnection({
      port: plan.port,
      requests: requestsOf(index),
      onAnswer,
      onFault: fault.reject,
    }),
);

await endWith(run(), fault.promise);

async function run(): Promise<void> {
  await Promise.all(connections.map((connection) => connection.open()));
  for (const connection of connections) connection.send();
  await Bun.sleep(plan.warmup_s * 1000);
  const { seconds, client_cpu } = await measuring(plan.seconds, () => {
    acked = 0;
  });
  console.log(JSON.stringify({ event: "done", seconds, acked, client_cpu } satisfies RestFigures));
}

/** Requests with whole cycles of orders, so that a connection can send them again and again. */
function requestsOf(connection: number): Uint8Array[] {
  const user = plan.users[connection % plan.users.length];
  const flow = orderFlow(connection, plan.symbols, plan.symbols.length * 3 * plan.orders);
  const orders = flow.map((order: FlowOrder) => ({ ...order, type: "LIMIT" }));
  const requests: Uint8Array[] = [];
  for (let at = 0; at < orders.length; at += plan.orders) {
    const body = plan.orders === 1 ? orders[at] : { orders: orders.slice(at, at + plan.orders) };
    requests.push(requestBytes(user, JSON.stringify(body)));
  }
  return requests;
}

function requestBytes(user: RestPlan["users"][number], body: string): Uint8Array {
  const head = [
    `POST /api/v1/orders${plan.orders === 1 ? "" : "/batch"} HTTP/1.1`,
    `Host: 127.0.0.1:${plan.port}`,
    `X-API-KEY: ${user.api_key}`,
    `X-API-SECRET: ${user.api_secret}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function onAnswer(body: Buffer): void {
  acked += plan.orders;
  answers++;
  if (answers % CHECK_EVERY !== 1) return;
  const answer = JSON.parse(body.toString());
  const states = plan.orders === 1 ? [answer] : answer.results.map(({ result = {} }) => result);
  const isWhole = states.length === plan.orders && states.every(isTaken);
  if (!isWhole)
    throw new Error(`An answer breaks the wire contract: ${body.toString().slice(0, 500)}`);
}

function isTaken({ status }: { status?: string }): boolean {
  return status === "ACCEPTED" || status === "PARTIALLY_FILLED" || status === "FILLED";
}
