import { expect, test } from "bun:test";
import { Metrics } from "../../src/analytics/metrics.ts";

/** The samples of one metric, as `/metrics` shows them. */
async function read(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.page().then((page) => page.text);
  return text.split("\n").filter((line) => line.startsWith(name));
}

test("shows numbers as they are when somebody asks", async () => {
  const metrics = new Metrics();
  let orders = 3;
  let waiting = 5;
  metrics.counter("orders_total", "Orders", () => orders);
  metrics.gauge("waiting", "Waiting", () => waiting);
  const both = async () => [
    ...(await read(metrics, "orders_total")),
    ...(await read(metrics, "waiting")),
  ];
  expect(await both()).toEqual(["orders_total 3", "waiting 5"]);
  orders = 4;
  waiting = 0;
  expect(await both()).toEqual(["orders_total 4", "waiting 0"]);
});

test("shows numbers by label, and forgets labels that are gone", async () => {
  const metrics = new Metrics();
  let errors: [string, number][] = [
    ["40001", 2],
    ["50300", 1],
  ];
  let open: [string, number][] = [["orders", 7]];
  metrics.counters("errors_total", "Errors", "code", () => errors);
  metrics.gauges("connections", "Connections", "endpoint", () => open);
  expect(await read(metrics, "errors_total")).toEqual([
    'errors_total{code="40001"} 2',
    'errors_total{code="50300"} 1',
  ]);
  expect(await read(metrics, "connections")).toEqual(['connections{endpoint="orders"} 7']);
  errors = [["50300", 4]];
  open = [];
  expect(await read(metrics, "errors_total")).toEqual(['errors_total{code="50300"} 4']);
  expect(await read(metrics, "connections")).toEqual([]);
});

test("counts ticks by how long they took and how large they were", async () => {
  const metrics = new Metrics();
  metrics.tickCommands.observe(1);
  metrics.tickCommands.observe(100);
  metrics.tickSeconds.observe(0.0003);
  expect((await read(metrics, "waiver_tick_commands_")).slice(-2)).toEqual([
    "waiver_tick_commands_sum 101",
    "waiver_tick_commands_count 2",
  ]);
  expect(await read(metrics, 'waiver_tick_commands_bucket{le="64"}')).toEqual([
    'waiver_tick_commands_bucket{le="64"} 1',
  ]);
  expect(await read(metrics, 'waiver_tick_seconds_bucket{le="0.0005"}')).toEqual([
    'waiver_tick_seconds_bucket{le="0.0005"} 1',
  ]);
});
