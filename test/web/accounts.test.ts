/** A user with several accounts in a browser: which one he is in, and another one. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Page } from "playwright-core";
import { DataDir, ServerProcess } from "../integration/server-process.ts";
import { accessibilityFaults } from "./axe.ts";
import { findChromium, openPage, TEST_MS } from "./browser.ts";
import { liveOf, logIn, ordersOf, ticketOf } from "./desk.ts";
import { holdAnswers } from "./held.ts";
import { holdFrames, holdLines } from "./lines.ts";
import { Site } from "./site.ts";
import { type Keys, type Order, Trader } from "./trader.ts";

setDefaultTimeout(TEST_MS);
const executable = findChromium();

interface Made extends Keys {
  readonly user_id: string;
  readonly account_id: string;
}

interface Person {
  readonly trader: Trader;
  readonly first: string;
  readonly second: string;
}

describe.skipIf(executable === null)("with two accounts", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open(executable ?? "");
  });
  afterAll(() => site[Symbol.asyncDispose]());

  /** The first account has $1,000 and 30 shares, the second $2,000 and none. */
  async function person(name: string, symbol: string): Promise<Person> {
    const means = { name, cash: 1_000_00, positions: { [symbol]: 30 } };
    const made = await site.server.ask<Made>("POST", "/users", means);
    const more = { cash: 2_000_00 };
    const path = `/users/${made.user_id}/accounts`;
    const { account_id } = await site.server.ask<Made>("POST", path, more);
    const trader = new Trader(() => site.server.url, made);
    return { trader, first: made.account_id, second: account_id };
  }

  async function opened(
    options: Parameters<typeof openPage>[2] = {},
    prepare: (page: Page) => Promise<void> = async () => undefined,
  ) {
    const symbol = await site.untraded();
    const ann = await person("ann", symbol);
    const browser = await openPage(site.browser, "about:blank", options);
    const { page } = browser;
    await prepare(page);
    await page.goto(`${site.server.url}/players/${symbol}`);
    await logIn(page, ann.trader.keys);
    await cashOf(page, "$1,000.00");
    return { ...browser, symbol, ann };
  }

  const choiceOf = (page: Page) => page.getByRole("combobox", { name: "Trading account" });
  const cashOf = (page: Page, dollars: string) =>
    page.getByRole("region", { name: "Balances" }).getByText(dollars).first().waitFor();

  async function fillTicket(page: Page, quantity: string): Promise<void> {
    const ticket = ticketOf(page);
    await ticket.getByLabel("Price", { exact: true }).fill("10");
    await ticket.getByLabel("Quantity").fill(quantity);
  }

  /** The open orders of one of the accounts, as the exchange has them. */
  async function openIn({ trader }: Person, account: string): Promise<Order[]> {
    const { api_key, api_secret } = trader.keys;
    const headers = { "X-API-KEY": api_key, "X-API-SECRET": api_secret, "X-ACCOUNT-ID": account };
    const answer = await fetch(`${site.server.url}/api/v1/orders`, { headers });
    return ((await answer.json()) as { orders: Order[] }).orders;
  }

  test("all but market data follows the account that is chosen, which a reload keeps", async () => {
    const lines: string[] = [];
    await using browser = await opened({}, async (page) => {
      page.on("websocket", (line) => lines.push(new URL(line.url()).pathname));
    });
    const { page, faults, symbol, ann } = browser;
    const choice = choiceOf(page);
    const ticket = ticketOf(page);
    expect(await choice.inputValue()).toBe(ann.first);
    await ticket.getByText(ann.first).waitFor();
    await page.getByRole("region", { name: "Positions" }).getByRole("row").nth(1).waitFor();
    await fillTicket(page, "7");
    await ticket.getByRole("button", { name: "Place order" }).click();
    await ordersOf(page).getByText("0 of 7").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);

    await fillTicket(page, "99");
    await choice.selectOption(ann.second);
    await page.getByText(`You are in ${ann.second} now`).waitFor();
    await cashOf(page, "$2,000.00");
    await ordersOf(page).getByText("No open orders").waitFor();
    await page.getByText("No shares yet").waitFor();
    await ticket.getByText(ann.second).waitFor();
    // What was typed was meant for the other account.
    expect(await ticket.getByLabel("Quantity").inputValue()).toBe("");
    expect(lines.filter((path) => path === "/market-data")).toHaveLength(1);
    await fillTicket(page, "3");
    await ticket.getByRole("button", { name: "Place order" }).click();
    await ordersOf(page).getByText("0 of 3").waitFor();
    expect(await openIn(ann, ann.first)).toMatchObject([{ symbol, quantity: 7 }]);
    expect(await openIn(ann, ann.second)).toMatchObject([{ symbol, quantity: 3 }]);

    await page.reload();
    expect(await choice.inputValue()).toBe(ann.second);
    await cashOf(page, "$1,970.00");
    await ordersOf(page).getByRole("button", { name: "Cancel order" }).click();
    await ordersOf(page).getByText("No open orders").waitFor();
    await page.goto(`${site.server.url}/account/history`);
    const history = page.getByRole("region", { name: "Order history" });
    await history.getByText("Cancelled: by you").waitFor();
    await choice.selectOption(ann.first);
    await history.getByText("Orders that are filled or cancelled").waitFor();
    await page.getByRole("heading", { name: `Account ${ann.first}` }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  test("the choice is the user's, and of each tab", async () => {
    await using browser = await opened();
    const { page, symbol, ann } = browser;
    await choiceOf(page).selectOption(ann.second);
    await cashOf(page, "$2,000.00");
    const other = await page.context().newPage();
    await other.goto(page.url());
    await cashOf(other, "$2,000.00");
    await choiceOf(other).selectOption(ann.first);
    await cashOf(other, "$1,000.00");
    expect(await choiceOf(page).inputValue()).toBe(ann.second);
    await page.reload();
    await cashOf(page, "$2,000.00");
    await other.close();

    const bob = await person("bob", symbol);
    await page.getByRole("button", { name: "Log out" }).click();
    await logIn(page, bob.trader.keys);
    await cashOf(page, "$1,000.00");
    expect(await choiceOf(page).inputValue()).toBe(bob.first);
    await page.getByRole("button", { name: "Log out" }).click();
    await logIn(page, ann.trader.keys);
    await cashOf(page, "$2,000.00");
  });

  test("a user with one account sees nothing of this", async () => {
    const symbol = await site.untraded();
    const eve = await Trader.make(() => site.server, "eve", { cash: 5_000_00, positions: {} });
    await using browser = await openPage(site.browser, `${site.server.url}/players/${symbol}`);
    const { page } = browser;
    await logIn(page, eve.keys);
    await cashOf(page, "$5,000.00");
    expect(await choiceOf(page).count()).toBe(0);
    expect(await page.getByText(/acc_\d/).count()).toBe(0);
    await page.getByRole("link", { name: "Account" }).click();
    await page.getByRole("heading", { name: "Account", exact: true }).waitFor();
    expect(await page.getByText(/acc_\d/).count()).toBe(0);
  });

  test("an order that is on its way belongs to the account that was left, and nothing of it comes to the other", async () => {
    const frames: Awaited<ReturnType<typeof holdFrames>>[] = [];
    const answered = Promise.withResolvers<void>();
    await using browser = await opened({}, async (page) => {
      const isMeant = (frame: string): boolean => {
        if (frame.includes("order_id")) answered.resolve();
        return true;
      };
      frames.push(await holdFrames(page, "orders", isMeant));
    });
    const { page, ann } = browser;
    await liveOf(page).waitFor();
    await fillTicket(page, "5");
    frames[0]?.hold();
    await ticketOf(page).getByRole("button", { name: "Place order" }).click();
    await answered.promise;
    await choiceOf(page).selectOption(ann.second);
    await page.getByText(`You left ${ann.first} before the answer came`).waitFor();
    frames[0]?.release();
    await cashOf(page, "$2,000.00");
    await liveOf(page).waitFor();
    expect(await ordersOf(page).getByText("No open orders").count()).toBe(1);
    expect(await ticketOf(page).getByText("Placed").count()).toBe(0);
    expect(await openIn(ann, ann.second)).toEqual([]);
    // The ticket of the other account works.
    await fillTicket(page, "6");
    await ticketOf(page).getByRole("button", { name: "Place order" }).click();
    await ordersOf(page).getByText("0 of 6").waitFor();
    expect(await openIn(ann, ann.first)).toHaveLength(1);
  });

  test("an order that waits for a new connection goes to no account when another one is chosen", async () => {
    const lines: Awaited<ReturnType<typeof holdLines>>[] = [];
    await using browser = await opened({}, async (page) => {
      lines.push(await holdLines(page, "orders"));
    });
    const { page, ann } = browser;
    await fillTicket(page, "4");
    await ticketOf(page).getByRole("button", { name: "Place order" }).click();
    await ordersOf(page).getByText("0 of 4").waitFor();
    await lines[0]?.lose();
    await fillTicket(page, "5");
    await ticketOf(page).getByRole("button", { name: "Place order" }).click();
    await choiceOf(page).selectOption(ann.second);
    await page.getByText(`You left ${ann.first} before the answer came`).waitFor();
    lines[0]?.allow();
    await fillTicket(page, "6");
    await ticketOf(page).getByRole("button", { name: "Place order" }).click();
    await ordersOf(page).getByText("0 of 6").waitFor();
    expect(await openIn(ann, ann.first)).toMatchObject([{ quantity: 4 }]);
    expect(await openIn(ann, ann.second)).toMatchObject([{ quantity: 6 }]);
  });

  test("a late answer about the account that was left is not shown", async () => {
    await using browser = await opened();
    const { page, symbol, ann } = browser;
    const balances = page.getByRole("region", { name: "Balances" });
    await page.goto(`${site.server.url}/account`);
    await balances.getByText("Equity").waitFor();
    const answers = await holdAnswers(page, "**/api/v1/account/equity");
    // It asks again when something has changed.
    await ann.trader.place({ symbol, side: "BUY", price: 100, quantity: 1 });
    const late = await answers.next();
    await choiceOf(page).selectOption(ann.second);
    await cashOf(page, "$2,000.00");
    await late.release();
    expect(await balances.getByText("Equity").count()).toBe(0);
    await (await answers.next()).release();
    await balances.getByText("Equity").waitFor();
    expect(await balances.getByText("$2,000.00").count()).toBe(3);
    expect(await page.getByText("$1,000.00").count()).toBe(0);
  });

  test("a key and a webhook are for an account", async () => {
    await using own = await DataDir.make();
    const env = {
      WAIVER_GATEWAY__AUTH__SIGN_UP: "true",
      WAIVER_GATEWAY__AUTH__SIGN_UP_CASH: "500000",
    };
    await using server = await ServerProcess.start(own.path, { env });
    await using browser = await openPage(site.browser, `${server.url}/settings`);
    const { page } = browser;
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByLabel("Name").fill("betty");
    await page.getByLabel("Password").fill("a long enough one");
    await page.getByRole("dialog").getByRole("button", { name: "Sign up" }).click();
    const keys = page.getByRole("region", { name: "API keys" });
    await keys.getByRole("button", { name: "Create key" }).waitFor();
    expect(await keys.getByRole("combobox").count()).toBe(0);
    await server.ask("POST", "/users/usr_1/accounts", {});
    await page.reload();
    await keys.getByLabel("Accounts of the key").selectOption("For acc_2 only");
    await keys.getByRole("button", { name: "Create key" }).click();
    await keys.getByText("trade, market_data for acc_2 only").waitFor();
    const hooks = page.getByRole("region", { name: "Webhooks" });
    await hooks.getByText("positions in acc_1,").waitFor();
    await choiceOf(page).selectOption("acc_2");
    await hooks.getByText("positions in acc_2,").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  test("works by keyboard, on a phone", async () => {
    const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };
    await using browser = await opened(phone);
    const { page, ann } = browser;
    const choice = choiceOf(page);
    await choice.focus();
    await page.keyboard.press("ArrowDown");
    await cashOf(page, "$2,000.00");
    expect(await choice.inputValue()).toBe(ann.second);
    expect(await accessibilityFaults(page)).toEqual([]);
    const width = "document.documentElement.scrollWidth";
    expect(await page.evaluate<number>(width)).toBe(360);
    const box = await page.getByRole("button", { name: "Log out" }).boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(360);
  });
});
