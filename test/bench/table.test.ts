import { expect, test } from "bun:test";
import { join } from "node:path";
import { newestResults, type Results } from "../../bench/report/results.ts";
import { withFigures } from "../../bench/report/table.ts";

const PAGE = join(import.meta.dir, "../../bench/README.md");
const PLACE = "<!-- figures: written by `bun run bench:table` -->\nold\n<!-- end of figures -->";
const RESULTS: Results = {
  taken_at: "2026-01-02T03:04:05.000Z",
  commit: "abc1234",
  machine: { cpu: "A CPU", cores: 2, kernel: "Linux 6", bun: "1.4.5", disk: "ext4 on /dev/sda" },
  reports: [
    {
      bench: "e2e",
      settings: { rounds: 5 },
      comparisons: [
        {
          name: "durable JSON orders",
          unit: "orders/s",
          figure: 500_000,
          against: "bare echo that parses",
          baseline: 1_000_000,
          ratio: 0.5,
          better: "more",
          details: { server_cpu: 0.9, client_cpu: 0.1 },
        },
        {
          name: "memory of a resting order and its records",
          unit: "B",
          figure: 100,
          against: null,
          baseline: null,
          ratio: null,
          better: "less",
          details: {},
        },
      ],
    },
  ],
};

test("the figures of the results stand where the old ones stood", () => {
  expect(withFigures(`# Title\n\n${PLACE}\nEnd`, RESULTS).split("\n")).toEqual([
    "# Title",
    "",
    "<!-- figures: written by `bun run bench:table` -->",
    "",
    "Taken on 2026-01-02 of commit `abc1234`: A CPU, 2 cores, Linux 6, Bun 1.4.5, ext4 on /dev/sda.",
    "",
    "| what | figure | against | baseline | ratio | floor | goal | processors: server, client |",
    "|---|--:|---|--:|--:|--:|--:|---|",
    "| durable JSON orders | 500,000 orders/s | bare echo that parses | 1,000,000 orders/s | 0.50 | 0.45 | 0.6 | 0.90, 0.10 |",
    "| memory of a resting order and its records | 100 B | – | – | – | 160 B | 96 B | – |",
    "",
    "<!-- end of figures -->",
    "End",
  ]);
});

test("without results it says so", () => {
  expect(withFigures(PLACE, undefined).split("\n")).toEqual([
    "<!-- figures: written by `bun run bench:table` -->",
    "",
    "None have been taken yet.",
    "",
    "<!-- end of figures -->",
  ]);
});

test("the page shows the newest results", async () => {
  const page = await Bun.file(PAGE).text();
  expect(withFigures(page, newestResults())).toBe(page);
});
