/**
 * The victim's process: one IOC order every `intervalMs`, whatever became of those before. Latency counts
 * from the moment at which an order was to be sent, so that an exchange that stands still is not measured
 * less often for it. Reads a `VictimPlan` from standard input, writes a `VictimSample` for each answer.
 */
import { connectInClear } from "./door.ts";
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
if (login.result === undefined) throw new Error(`The victim's login: ${JSON.stringify(login)}`);
void peer.closed.then((close) => {
  jsonLine({ event: "closed", who: "victim", close });
  process.exit(1);
});

let planned = Date.now();
let waitedMs = waited();
send();

/** Sends what is due, and waits for the next. */
function send(): void {
  // An order's time has come since the last look.
  const before = waitedMs;
  for (; planned <= Date.now(); planned += plan.intervalMs) {
    void place(planned, before);
    void askEcho(planned);
  }
  waitedMs = waited();
  setTimeout(send, Math.max(0, planned - Date.now()));
}

/** How long the server's thread and this one have waited for a processor so far. */
function waited(): number {
  return threadTime(plan.serverPid).waitedMs + threadTime().waitedMs;
}

async function askEcho(plannedAt: number): Promise<void> {
  await echo.request("echo");
  const latencyMs = performance.timeOrigin + performance.now() - plannedAt;
  jsonLine({ event: "echo", plannedAt, latencyMs });
}

/** A bid of a cent that nobody fills: it passes every check, and leaves nothing behind. */
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
