/** What the page shows of candles, equity and histories, and saves as CSV, against what REST says. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { findChromium, openPage, TEST_MS } from "./browser.ts";
import { holdAnswers } from "./held.ts";
import { Site } from "./site.ts";
import { Trader } from "./trader.ts";

setDefaultTimeout(TEST_MS);
const executable = findChromium();

interface Candle {
  readonly start: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

interface Equity {
  readonly equity: number;
  readonly deposits: number;
  readonly realised: number;
  readonly unrealised: number;
  readonly fees: number;
  readonly value: number;
  readonly day_change: number;
  readonly history?: readonly { start: number; equity: number }[];
}

const dollars = (cents: number): string =>
  `${cents < 0 ? "−" : ""}$${(Math.abs(cents) / 100).toLocaleString("en-US", { minimumFractionDigits: 2 })}`;
const signed = (cents: number): string => (cents > 0 ? `+${dollars(cents)}` : dollars(cents));
const plain = (cents: number): string => (cents / 100).toFixed(2);

describe.skipIf(executable === null)("figures", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open(executable ?? "", ["--demo", "--no-market-makers"]);
  });
  afterAll(() => site[Symbol.asyncDispose]());

  const get = async <Answer>(path: string): Promise<Answer> =>
    (await (await fetch(`${site.server.url}/api/v1${path}`)).json()) as Answer;

  test("candles go back as far as somebody scrolls, and each is what REST has", async () => {
    await using opened = await openPage(site.browser, `${site.server.url}/players/KCQB1`);
    const { page, faults } = opened;
    const chart = page.getByRole("region", { name: "Chart" });
    await chart.getByRole("button", { name: "1m", exact: true }).click();
    const shown = chart.locator(".chart-figures");
    const canvas = chart.locator("canvas").first();
    await shown.waitFor();
    const newest = await get<{ candles: Candle[] }>("/symbols/KCQB1/candles?interval=1m&limit=300");
    const first = newest.candles.at(-1)?.start ?? 0;
    /** The candle that is pointed at. */
    const look = async (): Promise<[start: number, ...figures: string[]]> => {
      // At one moment.
      const [at = "", ...figures] = await page.evaluate<string[]>(`[
        document.querySelector(".chart-figures time").dateTime,
        ...Array.from(document.querySelectorAll(".chart-figures b"), (each) => each.textContent),
      ]`);
      return [Date.parse(at), ...figures];
    };
    // Each pull brings what is left of the screen into it, and has what is left of that asked for.
    let [oldest, ...figures] = await look();
    while (oldest >= first) {
      // The chart gets its place and its size only when what is around it is there.
      const box = (await canvas.boundingBox()) as NonNullable<
        Awaited<ReturnType<Locator["boundingBox"]>>
      >;
      const [x, y] = [box.x + 40, box.y + box.height / 2];
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width - 60, y, { steps: 4 });
      await page.mouse.up();
      await page.mouse.move(x, y + 1);
      [oldest, ...figures] = await look();
    }
    const { candles } = await get<{ candles: Candle[] }>(
      `/symbols/KCQB1/candles?interval=1m&limit=1&before=${oldest + 1}`,
    );
    const [candle] = candles as [Candle];
    expect(candle.start).toBe(oldest);
    const { open, high, low, close, volume } = candle;
    expect(figures).toEqual([
      ...[open, high, low, close].map((price) => plain(price)),
      volume.toLocaleString("en-US"),
    ]);
    expect(faults).toEqual([]);
  });

  test("a day of the exchange is UTC's, and minutes are the reader's, wherever he is", async () => {
    const options = { timezoneId: "America/Los_Angeles", locale: "en-US" };
    await using opened = await openPage(site.browser, `${site.server.url}/players/KCQB1`, options);
    const chart = opened.page.getByRole("region", { name: "Chart" });
    const shown = chart.locator(".chart-figures time");
    const last = async (interval: string) => {
      await chart.getByRole("button", { name: interval, exact: true }).click();
      const { candles } = await get<{ candles: Candle[] }>(
        `/symbols/KCQB1/candles?interval=${interval}&limit=1`,
      );
      return candles[0]?.start ?? 0;
    };
    const written = (at: number, as: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat("en-US", { dateStyle: "medium", ...as }).format(at);
    const day = written(await last("1d"), { timeZone: "UTC" });
    await shown.getByText(day, { exact: true }).waitFor();
    const hour = written(await last("1h"), { timeStyle: "short", timeZone: options.timezoneId });
    await shown.getByText(hour, { exact: true }).waitFor();
    expect(opened.faults).toEqual([]);
  });

  /** Alice in a browser, who has bought 10 for 99.00 and sold 4 of them for 101.00. */
  async function alice() {
    const opened = await openPage(site.browser, site.server.url);
    const { page } = opened;
    await page.getByRole("button", { name: "Try as alice" }).click();
    await page.getByText("alice", { exact: true }).waitFor();
    return opened;
  }

  /** Of whoever is logged in on the page. */
  const own = <Answer>(page: Page, path: string): Promise<Answer> =>
    page.evaluate(async (to) => (await fetch(`/api/v1${to}`)).json(), path) as Promise<Answer>;

  const placed = (page: Page, order: object): Promise<number> =>
    page.evaluate(
      async (body) => {
        const headers = { "Content-Type": "application/json" };
        return (await fetch("/api/v1/orders", { method: "POST", headers, body })).status;
      },
      JSON.stringify({ symbol: "KCQB1", type: "LIMIT", ...order }),
    );

  test("equity, gains, their curve, positions and CSV are what REST has", async () => {
    await using opened = await alice();
    const { page, faults } = opened;
    const { symbols } = await get<{ symbols: { symbol: string; ticker: string }[] }>(
      "/symbols?team=KC",
    );
    const symbol = symbols.find(({ ticker }) => ticker === "KCQB1")?.symbol ?? "";
    const last = (await get<{ last: number }>("/symbols/KCQB1/ticker")).last;
    const bob = await Trader.make(() => site.server, "bo", {
      cash: 10_000_000,
      positions: { [symbol]: 100 },
    });
    await bob.place({ symbol, side: "SELL", price: last, quantity: 10 });
    expect(await placed(page, { side: "BUY", price: last, quantity: 10 })).toBe(200);
    await bob.place({ symbol, side: "BUY", price: last + 100, quantity: 4 });
    expect(await placed(page, { side: "SELL", price: last + 100, quantity: 4 })).toBe(200);

    await page.getByRole("link", { name: "Account" }).click();
    const equity = await own<Equity>(page, "/account/equity");
    expect(equity.realised).not.toBe(0);
    const balances = page.getByRole("region", { name: "Balances" });
    await balances.getByText(dollars(equity.equity), { exact: true }).first().waitFor();
    await balances.getByText(signed(equity.day_change), { exact: true }).waitFor();
    const gains = page.getByRole("region", { name: "Gains" });
    await gains.getByText(dollars(equity.deposits), { exact: true }).waitFor();
    const figures = await gains.locator("dd").allTextContents();
    expect(figures.map((text) => text.replace(/^[▲▼]/, ""))).toEqual([
      ...[dollars(equity.deposits), signed(equity.realised), signed(equity.unrealised)],
      ...[dollars(equity.fees), dollars(equity.value)],
    ]);

    await page.getByRole("button", { name: "Year" }).click();
    const curve = page.getByRole("region", { name: "Equity", exact: true });
    const { history = [] } = await own<Equity>(page, "/account/equity?interval=1d&limit=400");
    const place = await curve.locator("canvas").first().boundingBox();
    const looked = curve.locator(".looked");
    const [first] = history.toReversed();
    const start = new Date(first?.start ?? 0).toISOString();
    const point = looked.locator(`[datetime="${start}"]`);
    // The day is there until the year comes, and is looked at anew only when the pointer moves.
    for (let x = 0; (await point.count()) === 0; x = (x + 37) % (place?.width ?? 1)) {
      await page.mouse.move((place?.x ?? 0) + x, (place?.y ?? 0) + 100);
    }
    expect(await looked.locator("strong").textContent()).toBe(dollars(first?.equity ?? 0));

    const saved = async (button: string): Promise<string[][]> => {
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name: button }).click();
      const text = await Bun.file(await (await download).path()).text();
      return text
        .trimEnd()
        .split("\r\n")
        .map((line) => line.split(","));
    };
    // At the price of the last trade, which the market's line tells.
    const held = page.getByRole("region", { name: "Positions" });
    await held.getByText(dollars(6 * (last + 100)), { exact: true }).waitFor();
    const rows = await saved("Positions as CSV");
    const { positions } = await own<{
      positions: { symbol: string; quantity: number; average_price: number; value: number }[];
    }>(page, "/account/equity");
    const byName = (left: string[], right: string[]) =>
      (left[0] as string).localeCompare(right[0] as string);
    expect(
      rows
        .slice(1)
        .map(([name = "", , held = "", , , value = ""]) => [name, held, value])
        .toSorted(byName),
    ).toEqual(
      positions
        .map(({ symbol: name, quantity, value }) => [name, String(quantity), plain(value)])
        .toSorted(byName),
    );

    await page.getByRole("link", { name: "Fills" }).click();
    const fills = await saved("Fills as CSV");
    const { trades } = await own<{
      trades: {
        trade_id: number;
        order_id: string;
        price: number;
        quantity: number;
        fee: number;
        liquidity: string;
      }[];
    }>(page, "/account/trades");
    expect(fills[0]).toEqual([
      ...["trade_id", "order_id", "time", "symbol", "player", "side"],
      ...["price", "quantity", "value", "fee", "liquidity"],
    ]);
    expect(
      fills
        .slice(1)
        .map(([id, order, , , , , price, quantity, , fee, liquidity]) => [
          ...[id, order, price, quantity, fee, liquidity],
        ]),
    ).toEqual(
      trades.map(({ trade_id, order_id, price, quantity, fee, liquidity }) => [
        ...[String(trade_id), order_id, plain(price), String(quantity), plain(fee), liquidity],
      ]),
    );

    await page.getByRole("link", { name: "Order history" }).click();
    const orders = await saved("Order history as CSV");
    const { orders: done } = await own<{ orders: { order_id: string; status: string }[] }>(
      page,
      "/orders?status=done",
    );
    const at = orders[0]?.indexOf("status") ?? -1;
    expect(orders.slice(1).map((row) => [row[0], row[at]])).toEqual(
      done.map(({ order_id, status }) => [order_id, status]),
    );
    expect(faults).toEqual([]);
  });

  test("the curve of another span is not that of the one before it", async () => {
    await using opened = await alice();
    const { page } = opened;
    const year = await holdAnswers(page, "**/api/v1/account/equity?interval=1d**");
    await page.goto(`${site.server.url}/account`);
    const curve = page.getByRole("region", { name: "Equity" });
    await curve.getByText("Loading…").waitFor({ state: "detached" });
    await curve.getByRole("button", { name: "Year" }).click();
    const answer = await year.next();
    await curve.getByText("Loading…").waitFor();
    await answer.release();
    await curve.getByText("Loading…").waitFor({ state: "detached" });
  });

  test("a passing refusal of the first question does not log anybody out", async () => {
    await using opened = await alice();
    const { page } = opened;
    const refusals = [
      { status: 503, body: { code: 50300, message: "Busy", details: { retry_after_ms: 1 } } },
      { status: 502, body: { error: "bad gateway" } },
    ];
    let isDown = true;
    let asked = 0;
    const each = Promise.withResolvers<void>();
    await page.route("**/api/v1/session", async (route) => {
      const refusal = refusals[asked++ % (refusals.length + 1)];
      if (asked === 4) each.resolve();
      if (!isDown) await route.continue();
      else if (refusal === undefined) await route.abort();
      else await route.fulfill({ status: refusal.status, json: refusal.body });
    });
    await page.reload();
    const line = page.getByRole("status", { name: "Connection" });
    await page.getByRole("table", { name: "Market" }).getByRole("row").nth(5).waitFor();
    await line.getByText("Stale").waitFor();
    // One of each kind.
    await each.promise;
    expect(await page.getByRole("button", { name: "Log in" }).count()).toBe(0);
    await line.getByText("Stale").waitFor();
    isDown = false;
    await page.getByText("alice", { exact: true }).waitFor();
    await line.getByText("Live").waitFor();

    // Nor does a refused log-out pretend that it is one.
    await page.route("**/api/v1/session", (route) =>
      route.fulfill({ status: 503, json: { code: 50300, message: "Busy" } }),
    );
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByText("Busy").waitFor();
    await page.getByText("alice", { exact: true }).waitFor();
  });
});
