import { expect, test } from "bun:test";
import { medianTable, type RunFigures } from "../../../bench/load/run-figures.ts";

function run(encoding: "json" | "msgpack", acked: number, ticks: number | null): RunFigures {
  return {
    run: 1,
    encoding,
    durability: "fsync",
    connections: 16,
    in_flight: 256,
    symbols: 50,
    acked_per_s: acked,
    p50_ms: acked / 1_000,
    p99_ms: 2,
    p99_9_ms: 3,
    max_ms: 4,
    acked: acked * 5,
    rejected: 0,
    reject_codes: {},
    checked: 10,
    unusual: 0,
    ticks_per_s: ticks,
    server_cpu: 1.5,
    server_rss_mib: 200,
    client_cpu: 0.25,
    left_open: 0,
  };
}

test("the table has the median of each column by encoding, and a dash for an unknown value", () => {
  const runs = [
    run("json", 3_000, 10),
    run("msgpack", 1_000, null),
    run("json", 1_000, 30),
    run("msgpack", 4_000, null),
    run("json", 2_000, 20),
  ];

  const cells = medianTable(runs)
    .split("\n")
    .filter((line) => line.startsWith("│"))
    .map((line) =>
      line
        .split("│")
        .map((cell) => cell.trim())
        .filter((cell) => cell !== ""),
    );
  expect(cells).toEqual([
    [
      "median of",
      "acked_per_s",
      "p50_ms",
      "p99_ms",
      "p99_9_ms",
      "rejected",
      "ticks_per_s",
      "server_cpu",
      "server_rss_mib",
      "client_cpu",
    ],
    ["3 × json", "2,000", "2", "2", "3", "0", "20", "1.5", "200", "0.25"],
    ["2 × msgpack", "2,500", "2.5", "2", "3", "0", "–", "1.5", "200", "0.25"],
  ]);
});
