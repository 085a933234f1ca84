/**
 * `bun scripts/dashboard-picture.ts [--dir DIR]`: draws the dashboard of docs/ops from a demo exchange under load, which a
 * real Prometheus reads, and writes docs/images/dashboard.png. Grafana has no part in it: the queries are those of its file,
 * over a span of time as it asks them, and the panels are drawn here. Names the panels that had no data, and exits with 1
 * when there were such. Takes four minutes. Needs `scripts/promtool.sh install`, `scripts/chromium.sh install` and
 * `scripts/s3-server.sh install`, for the archive.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { runClient } from "../bench/load/client-process.ts";
import type { LoadTarget } from "../bench/load/plan.ts";
import { startDemoExchange } from "../bench/load/server-process.ts";
import { exchangeTarget } from "../bench/load/target.ts";
import { Prometheus } from "../test/ops/prometheus.ts";
import { CREDENTIALS_ENVIRONMENT, S3Server } from "../test/persistence/archive/s3-server.ts";
import {
  type Dashboard,
  legendOf,
  type Panel,
  type Series,
  substitute,
} from "./dashboard/dashboard.ts";
import { drawDashboard, type Span } from "./dashboard/draw.ts";

const CHECKOUT = join(import.meta.dir, "..");
const IMAGE = "docs/images/dashboard.png";
const WIDTH_PX = 1400;
const LOOK_S = 2;
/** Four scrape intervals, as Grafana sets it. */
const RATE_INTERVAL = `${4 * LOOK_S}s`;
const SETTLE_MS = 10_000;
/** One after the other: orders a second, and for how many seconds; 0: only the orders of the demo. */
const LOADS = [
  [0, 30],
  [500, 50],
  [4000, 60],
  [0, 30],
] as const;

const { values } = parseArgs({ options: { dir: { type: "string", default: tmpdir() } } });
await using s3 = await S3Server.start();
await using server = await startDemoExchange(values.dir, {
  config: `[persistence]
backend = "cloud"
[persistence.cloud]
s3_bucket = "waiver-test"
endpoint = "${s3.endpoint}"
upload_interval = 20
retention_days = 0
`,
  env: CREDENTIALS_ENVIRONMENT,
});
await using prometheus = await Prometheus.start(programOf("promtool"), server.port, {
  rules: join(CHECKOUT, "docs/ops/alerts.yml"),
  everyMs: LOOK_S * 1000,
});
const target = await exchangeTarget(server, { connections: 8, symbols: 20 });
// The demo makes its past first.
await Bun.sleep(SETTLE_MS);
const from = Date.now() / 1000;
await load(target);
const span = { from, to: Date.now() / 1000 };

const dashboard = (await Bun.file(join(CHECKOUT, "docs/ops/grafana.json")).json()) as Dashboard;
const series = new Map<Panel, Series[]>();
for (const panel of dashboard.panels) series.set(panel, await seriesOf(panel, span));
await shoot(dashboard, series, span);

const empty = dashboard.panels.filter((panel) => !series.get(panel)?.some(hasNumbers));
for (const { title } of empty) console.error(`no data: ${title}`);
console.log(`${IMAGE}: ${dashboard.panels.length} panels, ${empty.length} without data`);
process.exitCode = empty.length === 0 ? 0 : 1;

/** The path of a program that is installed in the folder of Debian's `promtool`. */
function programOf(neighbour: string): string {
  const path = Bun.which(neighbour);
  if (path === null) throw new Error("not installed; as root: scripts/promtool.sh install");
  return join(path, "../prometheus");
}

async function load(target: LoadTarget): Promise<void> {
  for (const [orders_per_s, seconds] of LOADS) {
    if (orders_per_s === 0) await Bun.sleep(seconds * 1000);
    else {
      await runClient({
        ...target,
        encoding: "json",
        flow: "balanced",
        in_flight: 64,
        orders_per_s,
        warmup_s: 0,
        seconds,
        check_every: 0,
      });
    }
  }
}

async function seriesOf({ targets }: Panel, { from, to }: Span): Promise<Series[]> {
  const all: Series[] = [];
  for (const { expr, legendFormat } of targets) {
    const range = { from, to, stepSeconds: LOOK_S };
    const found = await prometheus.queryRange(substitute(expr, RATE_INTERVAL), range);
    for (const { metric, values } of found) {
      const points = values.map(([time, value]) => [time, Number(value)] as const);
      all.push({ name: legendOf(legendFormat, metric), points });
    }
  }
  return all;
}

function hasNumbers({ points }: Series): boolean {
  return points.some(([, value]) => Number.isFinite(value));
}

async function shoot(
  ...[of, series, span]: [Dashboard, Map<Panel, Series[]>, Span]
): Promise<void> {
  const { svg, width, height } = drawDashboard(of, series, span, WIDTH_PX);
  const executablePath = Bun.which("chromium") ?? "chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ viewport: { width, height } });
    await page.setContent(`<body style="margin:0">${svg}</body>`);
    await page.screenshot({ path: join(CHECKOUT, IMAGE) });
  } finally {
    await browser.close();
  }
}
