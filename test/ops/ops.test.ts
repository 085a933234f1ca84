/** The alert rules and the dashboard for Grafana name what there is, and the rules do what they say. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { dirname, join } from "node:path";
import { type Dashboard, substitute } from "../../scripts/dashboard/dashboard.ts";
import { metricOf } from "../integration/metric.ts";
import { Venue } from "../integration/venue.ts";
import { eventually } from "../lib/eventually.ts";
import { Prometheus } from "./prometheus.ts";

const ALERTS = "docs/ops/alerts.yml";
const DASHBOARD = "docs/ops/grafana.json";

function findPromtool(): string | null {
  const { stdout, stderr, success } = Bun.spawnSync(["scripts/promtool.sh", "path"]);
  if (success) return stdout.toString().trim();
  if (process.env.CI !== undefined) throw new Error(stderr.toString());
  process.stderr.write(`Tests of the alert rules are skipped: ${stderr}`);
  return null;
}
const promtool = findPromtool();

/** With an archive, at which nobody answers: it has all metrics that there are. */
let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open({
    config: `[persistence]
backend = "cloud"
[persistence.cloud]
endpoint = "http://127.0.0.1:9"
request_timeout_ms = 100
`,
    env: { AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" },
  });
  const user = await venue.user({ cash: 1000 });
  using orders = await venue.connect("/orders", "json", user);
  const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
  await orders.result("order.place", order);
  await orders.request("order.place", { ...order, quantity: 10_000 });
  await venue.server.ask("POST", "/snapshot");
});
afterAll(() => venue[Symbol.asyncDispose]());

test.each([ALERTS, DASHBOARD])("every metric in %s is one of the exchange's", async (path) => {
  const page = await (await fetch(`${venue.server.url}/metrics`)).text();
  const types = new Map(
    [...page.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]),
  );
  const text = await Bun.file(path).text();
  const named = [...new Set(text.match(/\bwaiver_\w+/g))];
  expect(named.length).toBeGreaterThan(10);
  const unknown = named.filter((name) => {
    const whole = name.replace(/_(?:bucket|sum|count)$/, "");
    return !types.has(name) && types.get(whole) !== "histogram";
  });
  expect(unknown).toEqual([]);
});

test("every series that a rule asks for by name is there before anything happened: else its first increase is none", async () => {
  const page = await (await fetch(`${venue.server.url}/metrics`)).text();
  const rules = await Bun.file(ALERTS).text();
  const asked = [...new Set(rules.match(/\bwaiver_\w+\{\w+="\w+"\}/g))];
  expect(asked.length).toBeGreaterThan(5);
  // Without a certificate there is nothing to say of one.
  const absent = asked.filter((series) => !page.includes(`\n${series} `));
  expect(absent).toEqual(['waiver_component_status{component="tls"}']);
});

test("the heap metric leaves out the reserved tables", async () => {
  const bytes = await metricOf(venue.server.url, "waiver_heap_bytes");
  expect(bytes).toBeGreaterThan(1e6);
  expect(bytes).toBeLessThan(1e9);
});

test("every link of a rule leads to a heading of the runbook", async () => {
  const runbook = await Bun.file("docs/RUNBOOK.md").text();
  const headings = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
  const links = [...(await Bun.file(ALERTS).text()).matchAll(/RUNBOOK\.md#([\w-]+)/g)];
  expect(links.length).toBeGreaterThan(10);
  expect(links.map(([, link]) => link).filter((link) => !headings.includes(link ?? ""))).toEqual(
    [],
  );
});

test.skipIf(promtool === null)(
  "promtool finds the rules sound, and they fire when they should",
  () => {
    for (const args of [
      ["check", "rules", ALERTS],
      ["test", "rules", "docs/ops/alerts.test.yml"],
    ]) {
      const { exitCode, stdout, stderr } = Bun.spawnSync([promtool ?? "", ...args]);
      expect({ exitCode, said: exitCode === 0 ? "" : `${stdout}${stderr}` }).toEqual({
        exitCode: 0,
        said: "",
      });
    }
  },
);

test.skipIf(promtool === null)(
  "a real Prometheus reads the exchange, evaluates every rule, and has something for every panel",
  async () => {
    // Debian's package has both.
    const program = join(dirname(promtool ?? ""), "prometheus");
    await using prometheus = await Prometheus.start(program, venue.server.port, {
      ...{ rules: ALERTS, everyMs: 200 },
    });
    // A rate takes two looks.
    const looks = "count_over_time(waiver_ticks_total[1m]) > 2";
    await eventually(async () => (await prometheus.query(looks)).length > 0);
    expect(await prometheus.query("up")).toMatchObject([{ value: [expect.any(Number), "1"] }]);

    let rules = await prometheus.rules();
    await eventually(async () => {
      rules = await prometheus.rules();
      return rules.every(({ health }) => health !== "unknown");
    });
    const unsound = rules.filter(({ health }) => health !== "ok");
    expect({ rules: rules.length > 10, unsound }).toEqual({ rules: true, unsound: [] });

    const { panels } = (await Bun.file(DASHBOARD).json()) as Dashboard;
    const empty: string[] = [];
    for (const { title, targets } of panels) {
      for (const { expr } of targets) {
        const samples = await prometheus.query(substitute(expr, "1m"));
        if (samples.length === 0) empty.push(`${title}: ${expr}`);
      }
    }
    expect(empty).toEqual([]);
  },
);
