/** What the page shows of the market's own states, and of how somebody looks at it. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ServerProcess } from "../integration/server-process.ts";
import { accessibilityFaults } from "./axe.ts";
import { findChromium, openPage, TEST_MS } from "./browser.ts";
import { holdAnswers } from "./held.ts";
import { holdLines } from "./lines.ts";
import { Site } from "./site.ts";
import { Trader } from "./trader.ts";

const HOUR_MS = 3_600_000;

/** A window of an hour, so many hours ahead; its id. */
async function schedule(server: ServerProcess, hours: number, message: string): Promise<string> {
  const starts_at = Date.now() + hours * HOUR_MS;
  const window = { starts_at, ends_at: starts_at + HOUR_MS, message };
  return (await server.ask<{ id: string }>("POST", "/maintenance", window)).id;
}

setDefaultTimeout(TEST_MS);
const executable = findChromium();

describe.skipIf(executable === null)("states", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open(executable ?? "");
  });
  afterAll(() => site[Symbol.asyncDispose]());

  test("filters, sort order and the watch list survive a reload", async () => {
    await using opened = await openPage(site.browser, site.server.url);
    const { page } = opened;
    const table = page.getByRole("table", { name: "Market" });
    /** Of so many players that are shown. */
    const names = async (players: number): Promise<string[]> => {
      await page.locator(`[aria-rowcount="${players + 1}"]`).waitFor();
      return table.getByRole("row").getByRole("link").allTextContents();
    };
    await page.getByLabel("Team", { exact: true }).selectOption("KC");
    await page.getByLabel("Position", { exact: true }).selectOption("QB");
    await table.getByRole("button", { name: "Player" }).click();
    await table.locator('[aria-sort="ascending"]').getByText("Player").waitFor();
    expect(await names(2)).toEqual(["Kansas City QB1", "Kansas City QB2"]);
    await table.getByRole("button", { name: "Player" }).click();
    await table.locator('[aria-sort="descending"]').getByText("Player").waitFor();
    expect(await names(2)).toEqual(["Kansas City QB2", "Kansas City QB1"]);

    await page.getByRole("button", { name: "Watch Kansas City QB2" }).click();
    await page.reload();
    await page.getByRole("button", { name: "Watch list" }).click();
    expect(await names(1)).toEqual(["Kansas City QB2"]);
    await page.keyboard.press("/");
    await page.keyboard.type("nobody");
    await page.getByText("No player fits.").waitFor();
  });

  test.each(["light", "dark"] as const)(
    "%s: edges of fields have a contrast of 3",
    async (colorScheme) => {
      await using opened = await openPage(site.browser, `${site.server.url}/players/KCQB1`, {
        colorScheme,
      });
      const { page } = opened;
      await page.getByRole("region", { name: "Order ticket" }).waitFor();
      const contrasts = await page.evaluate<number[]>(`(() => {
      const light = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map((each) => each / 255)
          .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
      };
      return [...document.querySelectorAll(".ticket input:not([type=checkbox]), .ticket select")].map((each) => {
        const ratio = light(getComputedStyle(each).borderTopColor) /
          light(getComputedStyle(each.closest(".card")).backgroundColor);
        return Math.max(ratio, 1 / ratio);
      });
    })()`);
      expect(contrasts).toHaveLength(4);
      expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(3);
    },
  );

  test("a halt, and an auction with the price at which it would open", async () => {
    const [symbol, other] = ["KCQB1", "KCQB2"];
    const { symbols } = (await (
      await fetch(`${site.server.url}/api/v1/symbols?team=KC`)
    ).json()) as {
      symbols: { symbol: string; ticker: string }[];
    };
    const wire = symbols.find(({ ticker }) => ticker === symbol)?.symbol ?? "";
    const means = { cash: 1_000_000, positions: { [wire]: 100 } };
    const ann = await Trader.make(() => site.server, "ann", means);
    const bob = await Trader.make(() => site.server, "bob", means);
    await using opened = await openPage(site.browser, `${site.server.url}/players/${symbol}`);
    const { page, faults } = opened;
    await page.getByText("Trading", { exact: true }).waitFor();
    await site.server.ask("POST", `/symbols/${wire}/halt`);
    // Those who do not see it are told as well.
    await page.getByRole("status", { name: "Trading state" }).getByText("Halted").waitFor();
    await page.getByText("Trading is stopped: orders can only be cancelled.").waitFor();
    await site.server.ask("POST", `/symbols/${wire}/auction`);
    await page.getByText("Nothing would trade yet").waitFor();
    await page.getByText("Orders gather now, and trade together at the opening.").waitFor();
    await ann.place({ symbol, side: "BUY", price: 1_020, quantity: 10 });
    await bob.place({ symbol, side: "SELL", price: 1_000, quantity: 4 });
    await page.getByText("Would open at $10.00 with 4 shares").waitFor();
    await site.server.ask("POST", `/symbols/${wire}/resume`);
    await page.getByText("Trading", { exact: true }).waitFor();
    await page.getByRole("region", { name: "Trades" }).getByText("10.00").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.goto(`${site.server.url}/players/${other}`);
    await page.getByText("Trading", { exact: true }).waitFor();
    expect(faults).toEqual([]);
  });

  test("scheduled maintenance is shown at the top of the page", async () => {
    await using opened = await openPage(site.browser, site.server.url);
    const { page } = opened;
    await page.getByRole("status", { name: "Connection" }).getByText("Live").waitFor();
    const id = await schedule(site.server, 48, "New disks");
    const banner = page.getByRole("alert").filter({ hasText: "New disks" });
    await banner.waitFor();
    await page.reload();
    await banner.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await site.server.ask("DELETE", `/maintenance/${id}`);
    await banner.waitFor({ state: "detached" });
  });

  test("a notice is newer than an answer that was given before it, and the next window follows", async () => {
    const later = await schedule(site.server, 48, "New disks");
    await using opened = await openPage(site.browser, "about:blank");
    const { page } = opened;
    const answers = await holdAnswers(page, "**/api/v1/maintenance");
    await page.goto(site.server.url);
    const older = await answers.next();
    const sooner = await schedule(site.server, 24, "New fans");
    const banner = page.getByRole("alert");
    await banner.getByText("New fans").waitFor();
    await older.release();
    expect(await banner.allTextContents()).toEqual([expect.stringContaining("New fans")]);
    await site.server.ask("DELETE", `/maintenance/${sooner}`);
    await banner.getByText("New disks").waitFor();
    await site.server.ask("DELETE", `/maintenance/${later}`);
    await banner.waitFor({ state: "detached" });
  });

  test("of two answers about maintenance the one that was asked for last counts", async () => {
    const id = await schedule(site.server, 48, "New disks");
    await using opened = await openPage(site.browser, "about:blank");
    const { page } = opened;
    const answers = await holdAnswers(page, "**/api/v1/maintenance");
    const lines = await holdLines(page, "market-data");
    await page.goto(site.server.url);
    const older = await answers.next();
    await lines.lose();
    await site.server.ask("DELETE", `/maintenance/${id}`);
    lines.allow();
    await (await answers.next()).release();
    await older.release();
    expect(await page.getByRole("alert").count()).toBe(0);
  });
});
