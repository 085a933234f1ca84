/** A trader's desk: his browser with one player, beside somebody else who trades that player. */
import type { Page } from "playwright-core";
import { openPage } from "./browser.ts";
import type { Site } from "./site.ts";
import { type Keys, Trader } from "./trader.ts";

/** Two traders of a player whom nobody else trades; the first has a browser that shows the player. */
export async function twoTraders(
  site: Site,
  options: Parameters<typeof openPage>[2] = {},
  prepare: (page: Page) => Promise<void> = async () => undefined,
) {
  const symbol = await site.untraded();
  const means = { cash: 1_000_000_00, positions: { [symbol]: 1000 } };
  const [ann, bob] = await Promise.all([
    Trader.make(() => site.server, "ann", means),
    Trader.make(() => site.server, "bob", means),
  ]);
  const opened = await openPage(site.browser, "about:blank", options);
  const { page } = opened;
  await prepare(page);
  await page.goto(`${site.server.url}/players/${symbol}`);
  await logIn(page, ann.keys);
  await page.getByRole("region", { name: "Balances" }).getByText("$1,000,000.00").first().waitFor();
  return { ...opened, symbol, ann, bob };
}

export async function logIn(page: Page, keys: Keys): Promise<void> {
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "With an API key" }).click();
  await page.getByLabel("API key", { exact: true }).fill(keys.api_key);
  await page.getByLabel("API secret").fill(keys.api_secret);
  await page.getByRole("button", { name: "Log in" }).click();
}

export const ticketOf = (page: Page) => page.getByRole("region", { name: "Order ticket" });
export const ordersOf = (page: Page) => page.getByRole("region", { name: "Open orders" });
export const liveOf = (page: Page) =>
  page.getByRole("status", { name: "Connection" }).getByText("Live");
