/**
 * `bun run bench:page [--short] [--minutes M] [--orders N]`: the trading page in Chromium. Every listed player trades
 * every second, so about 500 rows of the market change a second. With `--orders` the page shows an account with N open
 * orders instead. Ten times a second one order is placed and one is cancelled, and the list is scrolled all the time.
 *
 * Frames and the work of the page's thread come from Chromium's own tracing. Memory is the page's heap after a garbage
 * collection. Needs `scripts/chromium.sh install`.
 */
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { type CDPSession, chromium, type Page } from "playwright-core";
import { startExchange } from "../load/server-process.ts";
import { compare, type Round } from "../report/compare.ts";
import { printReport } from "../report/report.ts";
import { BusyAccount } from "./busy-account.ts";
import { MarketPulse } from "./market-pulse.ts";
import { type TraceFigures, traceFigures } from "./trace-figures.ts";

const { values } = parseArgs({
  args: Bun.argv.slice(2),
  options: {
    short: { type: "boolean", default: false },
    minutes: { type: "string", default: "3" },
    orders: { type: "string", default: "0" },
  },
});
const openOrders = Number(values.orders);
const minutes = values.short ? 0.1 : Number(values.minutes);
const traceSeconds = values.short ? 1 : 5;
const roundsMin = values.short ? 1 : 5;
/** The pause between traces when there are enough of them. A trace itself costs memory and time. */
const PAUSE_MS = 60_000;

interface PageRound extends TraceFigures {
  readonly tradesPerSecond: number;
  readonly heapMb: number;
}

await using server = await startExchange({
  parentDir: tmpdir(),
  durability: "none",
  connections: 64,
});
await using pulse = await MarketPulse.start(server);
const executablePath = Bun.which("chromium") ?? "chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await using account = openOrders > 0 ? await BusyAccount.open(server, openOrders) : undefined;
  if (account !== undefined) await account.logIn(page);
  const loads: number[] = [];
  // The first load is left out, because the server bundles the page in it.
  for (let i = 0; i <= roundsMin; i++) loads.push(await loadMs(page, account));
  const client = await page.context().newCDPSession(page);
  // The page asks for a frame only when something has changed. This asks for every frame.
  await client.send("Runtime.evaluate", {
    expression: "(function frame() { requestAnimationFrame(frame); })()",
  });
  const rounds: PageRound[] = [];
  const end = performance.now() + minutes * 60_000;
  while (rounds.length < roundsMin || performance.now() < end) {
    const [before, begun] = [pulse.trades, performance.now()];
    const figures = traceFigures(await traced(client, traceSeconds));
    const tradesPerSecond = ((pulse.trades - before) * 1000) / (performance.now() - begun);
    rounds.push({ ...figures, tradesPerSecond, heapMb: (await heapBytes(client)) / 1e6 });
    const left = end - performance.now();
    if (rounds.length >= roundsMin && left > 0) await Bun.sleep(Math.min(PAUSE_MS, left));
  }
  const row = (
    name: string,
    unit: string,
    better: "more" | "less",
    value: (round: PageRound) => number,
    of: readonly PageRound[] = rounds,
  ) =>
    compare(
      { name, unit, against: null, better },
      of.map((round): Round => ({ figure: value(round), baseline: null })),
    );
  const heap = (round: PageRound): number => round.heapMb;
  printReport({
    bench: "page",
    settings: { rounds: rounds.length, minutes, openOrders, viewport: "1440x900" },
    comparisons: [
      row("players that trade", "/s", "more", (round) => round.tradesPerSecond),
      row("frames", "/s", "more", (round) => round.framesPerSecond),
      row("from frame to frame, 99th percentile", "ms", "less", (round) => round.frameP99Ms),
      row("share of the page's thread that works", "%", "less", (round) => round.busyPercent),
      row("longest piece of work", "ms", "less", (round) => round.longestTaskMs),
      compare(
        {
          name: `from the address to ${account === undefined ? "the market's rows" : "all orders"}`,
          unit: "ms",
          against: null,
          better: "less",
        },
        loads.slice(1).map((figure): Round => ({ figure, baseline: null })),
      ),
      row("heap of the page, first", "MB", "less", heap, rounds.slice(0, 1)),
      row("heap of the page, last", "MB", "less", heap, rounds.slice(-1)),
    ],
  });
} finally {
  await browser.close();
}

/** Opens the market or the account. Milliseconds from the start of the navigation until its rows are shown. */
async function loadMs(page: Page, account: BusyAccount | undefined): Promise<number> {
  const path = account === undefined ? "/" : "/account";
  await page.goto(`http://127.0.0.1:${server.port}${path}`, { waitUntil: "commit" });
  if (account !== undefined) await account.shown(page);
  else await page.getByRole("table", { name: "Market" }).getByRole("row").nth(10).waitFor();
  return page.evaluate<number>("performance.now()");
}

/** Bytes of the page's heap that are in use after a garbage collection. */
async function heapBytes(client: CDPSession): Promise<number> {
  await client.send("HeapProfiler.collectGarbage");
  const { usedSize } = await client.send("Runtime.getHeapUsage");
  return usedSize;
}

/** The events of Chromium's tracing over `seconds`. */
async function traced(client: CDPSession, seconds: number): Promise<object[]> {
  const events: object[] = [];
  const collect = ({ value }: { value: object[] }): void => void events.push(...value);
  client.on("Tracing.dataCollected", collect);
  const complete = new Promise<void>((resolve) =>
    client.once("Tracing.tracingComplete", () => resolve()),
  );
  await client.send("Tracing.start", {
    traceConfig: { includedCategories: ["toplevel", "devtools.timeline"] },
    transferMode: "ReportEvents",
  });
  await Bun.sleep(seconds * 1000);
  await client.send("Tracing.end");
  await complete;
  client.off("Tracing.dataCollected", collect);
  return events;
}
