/**
 * `bun bench/persistence/snapshot.bench.ts [--short] [--dir DIR]`: how snapshots affect the latency of orders. A client
 * process sends orders to a real server with a million resting orders. Windows without a snapshot and windows with one
 * snapshot after the other take turns.
 *
 * The load is 16 connections with one order in flight each. On two cores this leaves some processor time for the
 * process that takes the snapshot. With more orders in flight the bench would measure the lack of processors.
 */
import Table from "cli-table3";
import { readBenchOptions } from "../bench-options.ts";
import { median } from "../figures.ts";
import { runClient } from "../load/client-process.ts";
import { createLoadUser, loadSymbols, openOrders, takeSnapshot } from "../load/exchange-admin.ts";
import type { LoadFigures, LoadPlan } from "../load/plan.ts";
import { startExchange } from "../load/server-process.ts";

const CONNECTIONS = 16;
const SYMBOLS = 50;
/** So large that the server takes no snapshot by itself. */
const SNAPSHOT_INTERVAL_ORDERS = 1_000_000_000;

const { short, parentDir } = readBenchOptions();
const restingOrders = short ? 2_000 : 1_000_000;
const windows = short ? 1 : 7;
const seconds = short ? 0.1 : 8;
const warmupSeconds = short ? 0.1 : 1;
const fillingSeconds = short ? 0.1 : 1;

interface Window {
  figures: LoadFigures;
  /** The snapshots that ended in this window. */
  snapshots: { milliseconds: number; bytes: number }[];
}

await using server = await startExchange({
  parentDir,
  durability: "fsync",
  connections: CONNECTIONS,
  snapshotIntervalOrders: SNAPSHOT_INTERVAL_ORDERS,
});
const symbols = await loadSymbols(server.port, SYMBOLS);
const users = await Promise.all(
  Array.from({ length: CONNECTIONS }, (_, i) => createLoadUser(server, `load-${i + 1}`, symbols)),
);
const plan: LoadPlan = {
  hostname: "127.0.0.1",
  port: server.port,
  encoding: "msgpack",
  users,
  symbols,
  flow: "balanced",
  in_flight: 1,
  latency_every: 1,
  warmup_s: warmupSeconds,
  seconds,
  check_every: 1000,
};

await placeResting();
// The first snapshot reads the whole journal. Every later one begins with the snapshot before it.
const first = await takeSnapshot(server);
const without: Window[] = [];
const during: Window[] = [];
for (let i = 0; i < windows; i++) {
  without.push({ figures: await runClient(plan), snapshots: [] });
  during.push(await windowWithSnapshots());
}
report();

/** Places resting orders until there are enough. */
async function placeResting(): Promise<void> {
  const filling: LoadPlan = {
    ...plan,
    flow: "resting",
    in_flight: 32,
    warmup_s: 0,
    seconds: fillingSeconds,
  };
  while ((await openOrders(server.port)) < restingOrders) {
    const { rejected, reject_codes } = await runClient(filling);
    if (rejected > 0) throw new Error(`Resting orders refused: ${JSON.stringify(reject_codes)}`);
  }
}

/** A window during which snapshots are taken all the time. */
async function windowWithSnapshots(): Promise<Window> {
  const snapshots: Window["snapshots"] = [];
  let isOver = false;
  const taking = (async () => {
    while (!isOver) snapshots.push(await takeSnapshot(server));
  })();
  const figures = await runClient(plan, {
    onMeasuring: async () => undefined,
    onDone: async () => {
      isOver = true;
    },
  });
  await taking;
  return { figures, snapshots };
}

function report(): void {
  const table = new Table({
    head: [`median of ${windows}`, "orders/s", "p50 ms", "p99 ms", "p99.9 ms", "max ms"],
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right", "right", "right", "right"],
  });
  table.push(["without snapshots", ...row(without)], ["during snapshots", ...row(during)]);
  console.log(table.toString());
  for (const percentile of ["p50", "p99", "p99_9"] as const) {
    const ratios = during.map(
      ({ figures }, i) =>
        figures.latency_us[percentile] / without[i].figures.latency_us[percentile],
    );
    const all = ratios.map((ratio) => ratio.toFixed(2)).join(" ");
    console.log(`${percentile} during : without  ${median(ratios).toFixed(2)}  (${all})`);
  }
  const taken = during.flatMap(({ snapshots }) => snapshots);
  const milliseconds = median(taken.map((snapshot) => snapshot.milliseconds));
  console.log(
    `${taken.length} snapshots of ${Math.round((taken.at(-1)?.bytes ?? 0) / 2 ** 20)} MiB, ` +
      `${Math.round(milliseconds)} ms each under load; the first ${Math.round(first.milliseconds)} ms`,
  );
}

function row(windows: readonly Window[]): string[] {
  const of = (value: (figures: LoadFigures) => number): number =>
    median(windows.map(({ figures }) => value(figures)));
  return [
    Math.round(of(({ acked, seconds }) => acked / seconds)).toLocaleString("en"),
    ...(["p50", "p99", "p99_9", "max"] as const).map((percentile) =>
      of(({ latency_us }) => latency_us[percentile] / 1000).toFixed(2),
    ),
  ];
}
