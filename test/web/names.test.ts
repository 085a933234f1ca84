/** Names that no player has, as far as they come from elsewhere: the page and its figures stay in sight. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { DataDir, ServerProcess } from "../integration/server-process.ts";
import { reply, SleeperStandIn, sleeperPlayer } from "../players/support/sleeper-stand-in.ts";
import { accessibilityFaults } from "./axe.ts";
import { findChromium, launch, openPage, TEST_MS } from "./browser.ts";
import { logIn } from "./desk.ts";
import { Trader } from "./trader.ts";

setDefaultTimeout(TEST_MS);
const executable = findChromium();

const NAMES = [
  "A".repeat(100),
  "Long Word ".repeat(10),
  "👩‍👩‍👧‍👦".repeat(9),
  "محمد بن سلمان الطويل جدا",
  "e\u0301".repeat(50),
  "<b>bold</b>",
];

test.skipIf(executable === null)("names of any length and script fit", async () => {
  const players = NAMES.map((full_name, i) => sleeperPlayer(String(i + 1), { full_name }));
  await using sleeper = new SleeperStandIn(reply(...players));
  await using dir = await DataDir.make();
  const config = `[players]\nsource = "sleeper"\nsleeper_base_url = "${sleeper.baseUrl}"\n`;
  await using server = await ServerProcess.start(dir.path, { config });
  const { symbols } = (await (await fetch(`${server.url}/api/v1/symbols`)).json()) as {
    symbols: { symbol: string }[];
  };
  expect(symbols).toHaveLength(NAMES.length);
  const positions = Object.fromEntries(symbols.map(({ symbol }) => [symbol, 10]));
  const means = { cash: 1_000_000, positions };
  const ann = await Trader.make(() => server, "ann", means);
  for (const { symbol } of symbols) {
    await ann.place({ symbol, side: "BUY", price: 100, quantity: 2 });
  }
  await using opened = await openPage(await launch(executable ?? ""), `${server.url}/`);
  const { page, faults } = opened;
  await logIn(page, ann.keys);
  await page.getByRole("button", { name: "Log out" }).waitFor();
  const paths = ["/", "/account", ...symbols.map(({ symbol }) => `/players/${symbol}`)];
  for (const path of paths) {
    await page.setViewportSize({ width: 1280, height: 844 });
    await page.goto(`${server.url}${path}`);
    // The bid of each, or on the account's own page the orders.
    const what = path === "/account" ? "0 of 2" : "1.00";
    await page.getByText(what, { exact: true }).first().waitFor();
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 844 });
      const beyond = await page.evaluate<number[]>(`
        [document.documentElement, ...document.querySelectorAll(".table-scroll")].map(
          ({ scrollWidth, clientWidth }) => scrollWidth - clientWidth,
        )
      `);
      expect([path, width, Math.max(...beyond)]).toEqual([path, width, 0]);
    }
  }
  await page.goto(`${server.url}/account`);
  await page.setViewportSize({ width: 390, height: 844 });
  const orders = page.getByRole("region", { name: "Open orders" });
  const first = orders.getByRole("row").filter({ hasText: "AAAA" });
  const [name, button] = await Promise.all([
    first.getByRole("link").boundingBox(),
    first.getByRole("button", { name: /^Amend/ }).boundingBox(),
  ]);
  expect((name?.x ?? 0) + (name?.width ?? 0)).toBeLessThanOrEqual(button?.x ?? 0);
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(faults).toEqual([]);
});
