/** The client process of the load: reads a `LoadPlan` from stdin, writes `LoadFigures` to stdout. */
import { build, type Histogram } from "hdr-histogram-js";
import { BookWatch } from "./book-watch.ts";
import { endWith, measuring } from "./client-run.ts";
import { FrameRing } from "./frame-ring.ts";
import { LoadConnection, type LoadTally } from "./load-connection.ts";
import { orderFlow, restingFlow } from "./order-flow.ts";
import type { LoadFigures, LoadPlan, Percentiles } from "./plan.ts";

const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));
const SLEEP_MS_MIN = 0.02;

const plan = (await Bun.stdin.json()) as LoadPlan;
const tally: LoadTally = emptyTally();
let updates = emptyHistogram();
const flow = plan.flow === "balanced" ? orderFlow : restingFlow;
const fault = Promise.withResolvers<never>();
const watch = plan.is_watched ? bookWatch() : undefined;
const connections = plan.users.map(
  (user, index) =>
    new LoadConnection({
      hostname: plan.hostname,
      port: plan.port,
      encoding: plan.encoding,
      // More frames than orders in flight, so that an answer out of order does not stop the ring.
      ring: new FrameRing(flow(index, plan.symbols, 2 * plan.in_flight), plan.encoding),
      inFlightMax: plan.in_flight,
      apiKey: user.api_key,
      apiSecret: user.api_secret,
      latencyEvery: plan.latency_every,
      checkEvery: plan.check_every,
      areAnswersFixed: plan.are_answers_fixed ?? false,
      tally,
      onMeasured: watch && ((response, sentNs) => watch.onAnswer(response, sentNs)),
      onFault: fault.reject,
    }),
);
let isSending = true;

await endWith(run(), fault.promise);

async function run(): Promise<void> {
  await watch?.open();
  for (const connection of connections) await connection.open();
  start();
  await Bun.sleep(plan.warmup_s * 1000);
  const { seconds, client_cpu } = await measuring(plan.seconds, () => {
    Object.assign(tally, emptyTally());
    updates = emptyHistogram();
  });
  const figures: LoadFigures = {
    event: "done",
    seconds,
    acked: tally.acked,
    rejected: tally.rejected,
    reject_codes: tally.rejectCodes,
    checked: tally.checked,
    unusual: tally.unusual,
    latency_us: percentiles(tally.latency),
    update_us: plan.is_watched ? percentiles(updates) : null,
    client_cpu,
  };
  console.log(JSON.stringify(figures));
  isSending = false;
  await Promise.all(connections.map((connection) => connection.stop()));
  for (const connection of connections) connection.close();
  watch?.close();
}

function start(): void {
  if (plan.orders_per_s === undefined) {
    for (const connection of connections) connection.start();
    return;
  }
  const gapNs = 1e9 / plan.orders_per_s;
  const startNs = Bun.nanoseconds();
  for (const [index, connection] of connections.entries()) {
    connection.start({ firstNs: startNs + index * gapNs, intervalNs: connections.length * gapNs });
  }
  sendDue();
}

/**
 * Sends the orders that are due, again and again. It sleeps in between, so that the server's threads can use both
 * processors. `Atomics.wait` sleeps for 50 to 100 µs at least; a timer of the event loop can be a millisecond late.
 */
function sendDue(): void {
  for (const connection of connections) connection.sendDue();
  if (!isSending) return;
  Atomics.wait(NEVER_WOKEN, 0, 0, plan.look_every_ms ?? SLEEP_MS_MIN);
  setImmediate(sendDue);
}

function bookWatch(): BookWatch {
  const { hostname, port, encoding, symbols } = plan;
  const latency = (): Histogram => updates;
  return new BookWatch({ hostname, port, encoding, symbols, latency, onFault: fault.reject });
}

function emptyTally(): LoadTally {
  return {
    acked: 0,
    rejected: 0,
    rejectCodes: {},
    checked: 0,
    unusual: 0,
    latency: emptyHistogram(),
  };
}

function emptyHistogram(): Histogram {
  return build({ lowestDiscernibleValue: 1, numberOfSignificantValueDigits: 3 });
}

function percentiles(latency: Histogram): Percentiles {
  return {
    p50: latency.getValueAtPercentile(50),
    p99: latency.getValueAtPercentile(99),
    p99_9: latency.getValueAtPercentile(99.9),
    max: latency.maxValue,
  };
}
