/**
 * The victim's process: it sends an IOC order every `intervalMs` and does not wait for answers. Latency counts from the
 * planned time of sending, so that a stop of the exchange is in the latency of every order that it delays. Reads a
 * `VictimPlan` from standard input, and writes a `VictimSample` for each answer.
 */
import { connectInClear } from "./connect.ts";
import { jsonLine } from "./json-line.ts";
import { Peer } from "./peer.ts";
import type { VictimPlan } from "./plan.ts";
import { Tally } from "./tally.ts";
import { threadTime } from "./thread-time.ts";

const plan = (await Bun.stdin.json()) as VictimPlan;
const peer = await Peer.open({ port: plan.port, path: "/orders", tally: new Tally() });
const echo = await Peer.open({
  port: plan.echoPort,
  path: "/orders",
  tally: new Tally(),
  connect: connectInClear,
});
const { api_key, api_secret } = plan.user;
const login = await peer.request("auth.login", { api_key, api_secret });
if (login.result === undefined)
  throw new Error(`The victim's login failed: ${JSON.stringify(login)}`);
void peer.closed.then((close) => {
  jsonLine({ event: "closed", who: "victim", close });
  process.exit(1);
});

let planned = Date.now();
let waitedMs = waited();
send();

/** Sends the orders that are due, and sets a timer for the next one. */
function send(): void {
  // The orders that are due now were planned after this value was read.
  const before = waitedMs;
  for (; planned <= Date.now(); planned += plan.intervalMs) {
    void place(planned, before);
    void askEcho(planned);
  }
  waitedMs = waited();
  setTimeout(send, Math.max(0, planned - Date.now()));
}

/** How long the threads of server and victim have waited for a processor so far. */
function waited(): number {
  return threadTime(plan.serverPid).waitedMs + threadTime().waitedMs;
}

async function askEcho(plannedAt: number): Promise<void> {
  await echo.request("echo");
  const latencyMs = performance.timeOrigin + performance.now() - plannedAt;
  jsonLine({ event: "echo", plannedAt, latencyMs });
}

/** Sends a bid of a cent that nobody fills. It passes every check and leaves nothing in the book. */
async function place(plannedAt: number, waitedBefore: number): Promise<void> {
  const { error, closed } = await peer.request("order.place", {
    symbol: plan.symbol,
    side: "BUY",
    type: "LIMIT",
    time_in_force: "IOC",
    price: 1,
    quantity: 1,
  });
  if (closed !== undefined) return;
  const latencyMs = performance.timeOrigin + performance.now() - plannedAt;
  const answer = error === undefined ? "ok" : String(error.code);
  jsonLine({ event: "order", plannedAt, latencyMs, waitedMs: waited() - waitedBefore, answer });
}
