/** What a trader sees and hears of his orders while he does something else, and how the page stays where it is. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Page } from "playwright-core";
import { signedDollars } from "../../src/web/lib/money.ts";
import { findChromium, openPage, TEST_MS, until } from "./browser.ts";
import { liveOf, ordersOf, ticketOf, twoTraders } from "./desk.ts";
import { type HeldAnswers, holdAnswers } from "./held.ts";
import { holdLines, type Lines } from "./lines.ts";
import { Site } from "./site.ts";

setDefaultTimeout(TEST_MS);
const executable = findChromium();

describe.skipIf(executable === null)("orders", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open(executable ?? "");
  });
  afterAll(() => site[Symbol.asyncDispose]());

  const place = async (page: Page, price: string, quantity: string): Promise<void> => {
    const ticket = ticketOf(page);
    await ticket.getByLabel("Price", { exact: true }).fill(price);
    await ticket.getByLabel("Quantity").fill(quantity);
    await ticket.getByRole("button", { name: "Place order" }).press("Enter");
  };

  test("a notice says when a stop trades, and when the exchange ends an order", async () => {
    await using opened = await twoTraders(site);
    const { page, symbol, ann, bob } = opened;
    await bob.place({ symbol, side: "BUY", price: 2_000, quantity: 50 });
    await ann.place({ symbol, side: "SELL", type: "STOP", stop_price: 2_000, quantity: 7 });
    const resting = await ann.place({ symbol, side: "BUY", price: 1_900, quantity: 9 });
    await ordersOf(page).getByText("0 of 9").waitFor();
    await bob.place({
      symbol,
      side: "SELL",
      price: 2_000,
      quantity: 1,
      self_trade_prevention: "NONE",
    });
    await page.getByText(/^Sold 7 .+ at \$20\.00/).waitFor();
    await site.server.ask("POST", `/orders/${resting.order_id}/cancel`);
    await page.getByText(/^Buy 9 .+ at 19\.00\. Cancelled: by the exchange/).waitFor();

    // What the user does himself, and what is said at the ticket, is no news.
    await place(page, "20.00", "3");
    await ticketOf(page).getByText("Placed: 3 shares").waitFor();
    await ordersOf(page).getByRole("button", { name: "Cancel order" }).click();
    await ordersOf(page).getByText("No open orders").waitFor();
    expect(await page.locator(".notice").filter({ hasText: " 3 " }).count()).toBe(0);
  });

  test("a notice that comes while the page is hidden is there when it is shown", async () => {
    await using opened = await twoTraders(site, {}, async (page) => {
      await page.addInitScript(`
        let isHidden = false;
        Object.defineProperty(document, "hidden", { get: () => isHidden });
        globalThis.hide = (is) => {
          isHidden = is;
          document.dispatchEvent(new Event("visibilitychange"));
        };
        const later = setTimeout;
        globalThis.longWaits = 0;
        globalThis.setTimeout = (task, ms, ...more) => {
          if (ms === 6000) longWaits++;
          return later(task, ms, ...more);
        };
      `);
    });
    const { page, symbol, ann, bob } = opened;
    await ann.place({ symbol, side: "BUY", price: 1_000, quantity: 2 });
    await ordersOf(page).getByText("0 of 2").waitFor();
    await page.evaluate("hide(true)");
    await bob.place({ symbol, side: "SELL", price: 1_000, quantity: 2 });
    await page.getByText(/^Bought 2 /).waitFor();
    expect(await page.evaluate("longWaits")).toBe(0);
    await page.evaluate("hide(false)");
    expect(await page.evaluate("longWaits")).toBe(1);
  });

  test("by keyboard, the focus stays at what was pressed, and with the list when a row goes", async () => {
    await using opened = await twoTraders(site);
    const { page } = opened;
    const focused = "document.activeElement.ariaLabel ?? document.activeElement.textContent";
    await place(page, "12.00", "3");
    await ordersOf(page).getByText("0 of 3").waitFor();
    expect(await page.evaluate<string>(focused)).toBe("Place order");
    await place(page, "12.00", "4");
    await ordersOf(page).getByText("0 of 4").waitFor();
    await ordersOf(page).getByRole("button", { name: "Cancel order: Buy 3" }).press("Enter");
    await until(page, `!document.body.textContent.includes("0 of 3")`);
    expect(await page.evaluate<string>(focused)).toBe("Open orders");

    await ordersOf(page).getByRole("button", { name: "Amend order" }).press("Enter");
    expect(await page.evaluate("document.activeElement.value")).toBe("12.00");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await ordersOf(page).getByText("12.01").waitFor();
  });

  test.each([1100, 1440])(
    "%d pixels wide: an outcome in the ticket moves nothing that is before it",
    async (width) => {
      await using opened = await twoTraders(site, { viewport: { width, height: 900 } });
      const { page } = opened;
      const places = () =>
        page.evaluate(`[".chart", ".ladder", ".ticket"].map((each) => {
        const { top, height } = document.querySelector(each).getBoundingClientRect();
        const { scrollTop } = document.querySelector("main");
        return [top + scrollTop, each === ".ticket" ? 0 : each === ".ladder" ? 0 : height];
      })`);
      await until(page, `document.querySelector(".chart canvas") !== null`);
      const before = await places();
      await ticketOf(page).getByRole("button", { name: "Place order" }).click();
      await ticketOf(page).getByText("Enter a whole number of shares").waitFor();
      expect(await places()).toEqual(before);
    },
  );

  test("the selection is visible in forced colours", async () => {
    await using opened = await openPage(site.browser, `${site.server.url}/players/KCQB1`, {
      forcedColors: "active",
    });
    const { page } = opened;
    await ticketOf(page).waitFor();
    const highlighted = await page.evaluate<string[]>(`(() => {
      const groundOf = (each) => getComputedStyle(each).backgroundColor;
      const probe = document.body.appendChild(document.createElement("p"));
      probe.style.background = "Highlight";
      return [...document.querySelectorAll("button, a")]
        .filter((each) => groundOf(each) === groundOf(probe))
        .map((each) => each.textContent);
    })()`);
    expect(highlighted).toEqual(["Market", "5m", "Buy"]);
  });

  test("a gain counts only shares whose cost is known", async () => {
    let answers!: HeldAnswers;
    await using opened = await twoTraders(site, {}, async (page) => {
      answers = await holdAnswers(page, "**/api/v1/account/equity");
    });
    const { page, symbol, ann, bob } = opened;
    const trade = async (quantity: number): Promise<void> => {
      await bob.place({ symbol, side: "SELL", price: 1_000, quantity });
      await ann.place({ symbol, side: "BUY", price: 1_000, quantity });
    };
    const cells = page.getByRole("region", { name: "Positions" }).getByRole("cell");
    await trade(5);
    await cells.getByText("1,005").waitFor();
    await cells.getByText("10.00", { exact: true }).waitFor();
    const known = await ann.call<{ unrealised: number }>("GET", "/account/equity");
    const gain = signedDollars(known.unrealised);
    while (!(await cells.nth(3).textContent())?.endsWith(gain)) {
      await (await answers.next()).release();
    }
    await trade(500);
    await cells.getByText("1,505").waitFor();
    expect(await cells.nth(3).textContent()).toEndWith(gain);
  });

  test("an order that is placed while the connection is lost says what it waits for", async () => {
    let lines!: Lines;
    await using opened = await twoTraders(site, {}, async (page) => {
      lines = await holdLines(page, "orders");
    });
    const { page } = opened;
    await liveOf(page).waitFor();
    await page.evaluate(`
      globalThis.words = [];
      const badge = document.querySelector(".line-badge");
      new MutationObserver(() => words.push(badge.textContent)).observe(badge, {
        characterData: true, childList: true, subtree: true });
    `);
    await place(page, "12.00", "2");
    await ordersOf(page).getByText("0 of 2").waitFor();
    // The line for orders is opened for the first one, which is no news.
    expect(await page.evaluate<string[]>("words")).toEqual([]);
    await lines.lose();
    await place(page, "12.00", "3");
    await ticketOf(page).getByText("The exchange cannot be reached.").waitFor();
    lines.allow();
    await ticketOf(page).getByText("Placed: 3 shares").waitFor();
  });

  test.each([390, 1280])(
    "%d pixels wide: text is as large as the reader has set it",
    async (width) => {
      await using opened = await twoTraders(site, { viewport: { width, height: 844 } });
      const { page } = opened;
      await page.evaluate('document.documentElement.style.fontSize = "20px"');
      for (const part of [".ticket", ".level-price, .ladder-head", ".last", ".balance dd"]) {
        const size = `parseFloat(getComputedStyle(document.querySelector("${part}")).fontSize)`;
        const larger = await page.evaluate<number>(size);
        await page.evaluate('document.documentElement.style.fontSize = ""');
        expect(larger / (await page.evaluate<number>(size))).toBeCloseTo(1.25, 3);
        await page.evaluate('document.documentElement.style.fontSize = "20px"');
      }
      expect(await page.evaluate('document.querySelector("main").scrollWidth')).toBe(width);
    },
  );

  test("the player who is shown comes first among orders and positions", async () => {
    await using opened = await twoTraders(site);
    const { page, symbol, ann } = opened;
    const other = await site.untraded();
    await ann.place({ symbol, side: "BUY", price: 1_000, quantity: 2 });
    await ann.place({ symbol: other, side: "BUY", price: 1_000, quantity: 3 });
    const rows = ordersOf(page).locator("tbody tr");
    await rows.getByText("0 of 3").waitFor();
    expect(await rows.nth(0).textContent()).toContain("0 of 2");
    await page.goto(`${site.server.url}/players/${other}`);
    await rows.getByText("0 of 2").waitFor();
    expect(await rows.nth(0).textContent()).toContain("0 of 3");
  });
});
