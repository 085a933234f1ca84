/** Trading in a browser, on a real exchange that is also killed. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { accessibilityFaults } from "./axe.ts";
import { findChromium, openPage, TEST_MS, until } from "./browser.ts";
import { liveOf, logIn, ordersOf, ticketOf, twoTraders } from "./desk.ts";
import { type Frames, holdFrames, holdLines, type Lines } from "./lines.ts";
import { Site } from "./site.ts";
import { type Order, Trader } from "./trader.ts";

setDefaultTimeout(TEST_MS);
const executable = findChromium();

describe.skipIf(executable === null)("with a login", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open(executable ?? "");
  });
  afterAll(() => site[Symbol.asyncDispose]());

  test("an order from a click on a level to its cancel", async () => {
    await using opened = await twoTraders(site);
    const { page, faults, symbol, ann, bob } = opened;
    await bob.place({ symbol, side: "BUY", price: 4_321, quantity: 7 });
    await page.getByRole("list", { name: "Bids" }).getByRole("button", { name: "43.21" }).click();
    const ticket = ticketOf(page);
    expect(await ticket.getByLabel("Price", { exact: true }).inputValue()).toBe("43.21");
    await ticket.getByLabel("Quantity").fill("10");
    await ticket.getByText("$432.10").waitFor();
    await ticket.getByRole("button", { name: "Place order" }).click();
    await ticket.getByText("Placed: 10 shares wait in the book.").waitFor();

    // His own comes after the other's at this price.
    await bob.place({
      ...{ symbol, side: "SELL", price: 4_321, quantity: 11 },
      self_trade_prevention: "NONE",
    });
    const row = ordersOf(page).getByRole("row").nth(1);
    await row.getByText("4 of 10").waitFor();
    await page.getByText("Bought 4").waitFor();
    await page.getByRole("region", { name: "Positions" }).getByText("1,004").waitFor();

    await row.getByRole("button", { name: "Amend order" }).click();
    await page.getByLabel("New price").fill("43.20");
    await page.getByRole("button", { name: "Save" }).click();
    await row.getByText("43.20").waitFor();
    const [amended] = await ann.openOrders();
    expect(amended).toMatchObject({ price: 4_320, quantity: 10, filled_quantity: 4 });
    expect(await accessibilityFaults(page)).toEqual([]);

    await row.getByRole("button", { name: "Cancel order" }).click();
    await ordersOf(page).getByText("No open orders").waitFor();
    expect(await ann.openOrders()).toEqual([]);
    await page.goto(`${site.server.url}/account/fills`);
    await page.getByRole("region", { name: "Fills" }).getByText("$172.84").waitFor();
    await page.getByRole("link", { name: "Order history" }).click();
    await page.getByText("Cancelled: by you").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  test("an error is shown beside its field", async () => {
    await using opened = await twoTraders(site);
    const { page } = opened;
    const ticket = ticketOf(page);
    const quantity = ticket.getByLabel("Quantity");
    await ticket.getByRole("button", { name: "Place order" }).click();
    await ticket.getByText("Enter dollars and cents, such as 12.50").waitFor();
    expect(await quantity.getAttribute("aria-invalid")).toBe("true");
    // Who filled it in goes on where the first fault is.
    await ticket.locator("input:focus[inputmode=decimal]").waitFor();
    await ticket.getByLabel("Price", { exact: true }).fill("50");
    await quantity.fill("1000000");
    await ticket.getByRole("button", { name: "Place order" }).click();
    await ticket.getByText("This takes $50,000,000.00, and you have $1,000,000.00").waitFor();
    const described = await quantity.getAttribute("aria-describedby");
    expect(await page.locator(`[id="${described}"]`).textContent()).toContain("$50,000,000.00");
    await ticket.getByRole("button", { name: "Max" }).click();
    expect(await quantity.inputValue()).toBe("20000");
    await ticket.getByRole("button", { name: "Sell" }).click();
    await ticket.getByRole("button", { name: "50%" }).click();
    expect(await quantity.inputValue()).toBe("500");
    await ticket.getByLabel("Order type").selectOption("Market");
    await ticket.getByRole("button", { name: "Place order" }).click();
    await ticket.getByText("Nobody is on the other side of the book now").waitFor();
    const time = ticket.getByLabel("Time in force");
    expect(await time.inputValue()).toBe("IOC");
    await ticket.getByLabel("Order type").selectOption("Limit");
    expect(await time.inputValue()).toBe("GTC");
    await time.selectOption("Fill or kill");
    await ticket.getByLabel("Order type").selectOption("Market");
    expect(await time.inputValue()).toBe("FOK");
  });

  test("an order ends by the exchange's clock, whatever the browser's shows", async () => {
    const utc = { timezoneId: "UTC" };
    await using opened = await twoTraders(site, utc, async (page) => {
      await page.addInitScript("const real = Date.now; Date.now = () => real() + 30 * 3_600_000;");
    });
    const { page, ann } = opened;
    const ticket = ticketOf(page);
    const inTwoHours = new Date(Date.now() + 7_200_000).toISOString().slice(0, 16);
    await ticket.getByLabel("Time in force").selectOption("Good till a date");
    // It begins with a day from now, by the exchange's clock too.
    const offered = await ticket.getByLabel("Expires").inputValue();
    const inADay = Date.now() + 24 * 3_600_000;
    expect(Math.abs(Date.parse(`${offered}Z`) - inADay)).toBeLessThan(3_600_000);
    await ticket.getByLabel("Expires").fill("");
    await ticket.getByLabel("Quantity").fill("3");
    expect(await ticket.getByLabel("Expires").inputValue()).toBe("");
    await ticket.getByLabel("Expires").fill(inTwoHours);
    await ticket.getByLabel("Price", { exact: true }).fill("12.00");
    await ticket.getByLabel("Quantity").fill("3");
    await ticket.getByRole("button", { name: "Place order" }).click();
    await ordersOf(page).getByText("0 of 3").waitFor();
    expect(await ann.openOrders()).toMatchObject([{ expire_at: Date.parse(`${inTwoHours}Z`) }]);
  });

  test("two clicks place once", async () => {
    await using opened = await twoTraders(site);
    const { page, ann } = opened;
    const ticket = ticketOf(page);
    await ticket.getByLabel("Price", { exact: true }).fill("12.00");
    await ticket.getByLabel("Quantity").fill("3");
    await ticket.getByRole("button", { name: "Place order" }).dblclick();
    await ordersOf(page).getByText("0 of 3").waitFor();
    const [order, ...others] = await ann.openOrders();
    expect(others).toEqual([]);
    expect(await ann.doneOrders()).toEqual([]);
    // What is said of an own level for those who do not see it moves no figure.
    const figure = `(() => {
      const range = document.createRange();
      const cell = document.querySelector("[data-own] .level-total").previousElementSibling;
      range.selectNodeContents(cell.lastChild);
      return cell.getBoundingClientRect().right - range.getBoundingClientRect().right;
    })()`;
    expect(Math.abs(await page.evaluate<number>(figure))).toBeLessThan(1);

    // Whoever is about to amend an order that ends is told so.
    await ordersOf(page).getByRole("button", { name: "Amend order" }).click();
    await page.getByLabel("New quantity").fill("2");
    await ann.call("DELETE", `/orders/${order?.order_id}`);
    await page.getByText("The order is done: it filled or was cancelled").waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  test("what is typed while an order is on its way is the next order", async () => {
    let frames!: Frames;
    await using opened = await twoTraders(site, {}, async (page) => {
      frames = await holdFrames(page, "orders");
    });
    const { page } = opened;
    const ticket = ticketOf(page);
    const quantity = ticket.getByLabel("Quantity");
    const place = ticket.getByRole("button", { name: "Place order" });
    await ticket.getByLabel("Price", { exact: true }).fill("12.00");
    await quantity.fill("3");
    frames.hold();
    await place.click();
    // The account says that it is in, and the answer to it is not there.
    await ordersOf(page).getByText("0 of 3").waitFor();
    expect(await place.isDisabled()).toBe(true);
    await quantity.fill("4");
    frames.release();
    await ticket.getByText("Placed: 3 shares wait in the book.").waitFor();
    expect(await quantity.inputValue()).toBe("4");
    await place.click();
    await ordersOf(page).getByText("0 of 4").waitFor();
    expect(await quantity.inputValue()).toBe("");
  });

  test("by keyboard alone", async () => {
    await using opened = await twoTraders(site);
    const { page, symbol, ann, bob } = opened;
    await bob.place({ symbol, side: "SELL", price: 2_500, quantity: 5 });
    await page.getByRole("list", { name: "Asks" }).getByRole("button", { name: "25.00" }).waitFor();
    const focused = () => page.evaluate<string>("document.activeElement.textContent");
    const tabTo = async (text: string): Promise<void> => {
      for (let i = 0; i < 60; i++) {
        if ((await focused()).startsWith(text)) return;
        await page.keyboard.press("Tab");
      }
      throw new Error(`no way to ${text}`);
    };
    await page.locator("h1").click();
    await tabTo("25.00");
    await page.keyboard.press("Enter");
    await tabTo("Buy");
    // Side, type, time, then the price that is filled in, and the quantity.
    for (let i = 0; i < 5; i++) await page.keyboard.press("Tab");
    await page.keyboard.type("5");
    await page.keyboard.press("Enter");
    await ticketOf(page).getByText("Bought 5 at $25.00.").waitFor();
    expect((await ann.doneOrders()).map(({ status }) => status)).toEqual(["FILLED"]);
  });

  test("the actions of an order are visible, also on a screen that is narrower than its row", async () => {
    await using opened = await twoTraders(site, { viewport: { width: 1280, height: 860 } });
    const { page, ann, symbol } = opened;
    await ann.place({ symbol, side: "BUY", price: 111, quantity: 3 });
    const cancel = ordersOf(page).getByRole("button", {
      name: /^Cancel order: Buy 3 .+ at 1\.11$/,
    });
    await cancel.waitFor();
    const [button, region] = [await cancel.boundingBox(), await ordersOf(page).boundingBox()];
    const right = (box: typeof button): number => (box?.x ?? 0) + (box?.width ?? 0);
    expect(right(button)).toBeLessThan(right(region));
  });

  test.each([360, 1280, 1920])(
    "%d pixels wide: positions are in sight from side to side",
    async (width) => {
      await using opened = await twoTraders(site, { viewport: { width, height: 860 } });
      const { page } = opened;
      const positions = page.getByRole("region", { name: "Positions" });
      await positions.getByRole("cell", { name: "1,000" }).waitFor();
      const beyond = `{
      const { scrollWidth, clientWidth } = document.querySelector("[aria-label='All positions']");
      scrollWidth - clientWidth;
    }`;
      expect(await page.evaluate<number>(beyond)).toBe(0);
      const heads = await positions.getByRole("columnheader").allInnerTexts();
      expect(heads).toEqual([
        ...["Player", "Shares", "Value", "Unrealised", "Average cost", "Last", "24 h", "Realised"],
      ]);
    },
  );

  test("order history and fills are visible in full width, on a phone too", async () => {
    await using opened = await twoTraders(site, { viewport: { width: 390, height: 844 } });
    const { page, faults, symbol, ann, bob } = opened;
    await bob.place({ symbol, side: "SELL", price: 99_999, quantity: 900 });
    await ann.place({ symbol, side: "BUY", price: 99_999, quantity: 900 });
    await ann.place({ symbol, side: "BUY", price: 99_999, quantity: 1, time_in_force: "IOC" });
    const parts = [
      ["history", "Order history", ["Time", "Player", "Order", "At", "Average", "Filled", "State"]],
      ["fills", "Fills", ["Time", "Player", "Side", "Price", "Shares", "Value", "Fee"]],
    ] as const;
    for (const [part, name, heads] of parts) {
      await page.goto(`${site.server.url}/account/${part}`);
      const table = page.getByRole("region", { name });
      await table.getByRole("cell", { name: "900", exact: true }).waitFor();
      const beyond = `{
        const { scrollWidth, clientWidth } = document.querySelector("[aria-label='All of ${name}']");
        scrollWidth - clientWidth;
      }`;
      for (const width of [360, 390, 700, 900, 1280]) {
        await page.setViewportSize({ width, height: 844 });
        expect([width, await page.evaluate<number>(beyond)]).toEqual([width, 0]);
        expect(await table.getByRole("columnheader").allInnerTexts()).toEqual([...heads]);
      }
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    expect(faults).toEqual([]);
  });

  test("after the server is killed and started the page is right again without a reload, and has nothing twice", async () => {
    let lines!: Lines;
    await using opened = await twoTraders(site, {}, async (page) => {
      lines = await holdLines(page, "orders");
    });
    const { page, faults, symbol, ann, bob } = opened;
    await bob.place({ symbol, side: "SELL", price: 3_000, quantity: 5 });
    const ticket = ticketOf(page);
    await ticket.getByLabel("Price", { exact: true }).fill("29.00");
    await ticket.getByLabel("Quantity").fill("3");
    await ticket.getByRole("button", { name: "Place order" }).click();
    await ticket.getByText("Placed: 3 shares wait in the book.").waitFor();
    await page.evaluate("isTheSame = true");

    await site.server.kill();
    // However long it takes until it is back, the order is placed before that.
    await lines.lose();
    await site.startAgain();
    await ticket.getByLabel("Quantity").fill("5");
    await ticket.getByLabel("Price", { exact: true }).fill("30.00");
    await ticket.getByRole("button", { name: "Place order" }).click();
    lines.allow();
    await liveOf(page).waitFor();
    // It was placed while nobody was there, and came in once.
    await ticket.getByText("Bought 5 at $30.00.").waitFor();
    await page.getByRole("region", { name: "Positions" }).getByText("1,005").waitFor();
    await page.getByRole("region", { name: "Trades" }).getByText("30.00").first().waitFor();
    await until(page, 'document.title.startsWith("30.00 ")');
    expect((await ann.doneOrders()).map(({ quantity }) => quantity)).toEqual([5]);
    expect((await ann.openOrders()).map(({ quantity }) => quantity)).toEqual([3]);

    // The book goes on where it was.
    await bob.place({ symbol, side: "SELL", price: 2_900, quantity: 1 });
    await ordersOf(page).getByText("1 of 3").waitFor();
    await page
      .getByRole("list", { name: "Bids" })
      .getByRole("button", { name: /^29\.00.*2/ })
      .waitFor();
    expect(await page.evaluate("isTheSame")).toBe(true);
    expect(faults).toEqual([]);
  });

  test("the best prices of the head are those of the book in every frame", async () => {
    await using opened = await twoTraders(site);
    const { page, bob, symbol } = opened;
    await page.evaluate(`
      const text = (query) => document.querySelector(query)?.textContent.replace("$", "") ?? "–";
      const shown = () => [
        text(".player-figures > :nth-child(5) dd"),
        text('[aria-label="Bids"] .level-price'),
      ].join(" and ");
      globalThis.seen = [];
      (function look() {
        if (seen.at(-1) !== shown()) seen.push(shown());
        requestAnimationFrame(look);
      })();
    `);
    const prices = [31, 32, 33, 34];
    for (const price of prices) {
      await bob.place({ symbol, side: "BUY", price: price * 100, quantity: 1 });
      await until(page, `seen.at(-1).endsWith(" ${price}.00")`);
    }
    const expected = ["–", ...prices.map((price) => `${price}.00`)];
    expect(await page.evaluate<string[]>("seen")).toEqual(
      expected.map((each) => `${each} and ${each}`),
    );
  });

  test("the connection is not live while the account has not caught up", async () => {
    let frames!: Frames;
    await using opened = await twoTraders(site, {}, async (page) => {
      frames = await holdFrames(page, "user-data", (frame) => frame.includes('"user_data"'));
    });
    const { page, ann, symbol } = opened;
    await liveOf(page).waitFor();
    frames.hold();
    await frames.lose();
    await ann.place({ symbol, side: "BUY", price: 1_100, quantity: 7 });
    // The line is there again, and what happened meanwhile is not.
    await page.getByRole("status", { name: "Connection" }).getByText("Stale").waitFor();
    expect(await ordersOf(page).getByText("0 of 7").count()).toBe(0);
    frames.release();
    await ordersOf(page).getByText("0 of 7").waitFor();
    await liveOf(page).waitFor();
  });

  test("of thousands of orders only visible ones are drawn, and each can be reached", async () => {
    const symbol = await site.untraded();
    const rate_limits = {
      orders_per_second: 10_000,
      market_data_per_second: 10_000,
      burst_limit: 10_000,
    };
    const means = { cash: 1_000_000_00, positions: {}, rate_limits };
    const ann = await Trader.make(() => site.server, "ann", means);
    const order = (i: number) => ({
      symbol,
      side: "BUY",
      type: "LIMIT",
      price: 1 + (i % 50),
      quantity: 1 + i,
    });
    for (let batch = 0; batch < 20; batch++) {
      const orders = Array.from({ length: 100 }, (_, i) => order(batch * 100 + i));
      await ann.call("POST", "/orders/batch", { orders });
    }
    await using opened = await openPage(site.browser, `${site.server.url}/account`);
    const { page, faults } = opened;
    await logIn(page, ann.keys);
    const list = ordersOf(page);
    await list.getByText("2,000", { exact: true }).waitFor();
    const table = list.getByRole("group", { name: "All open orders" });
    await table.getByText("0 of 2,000").waitFor();
    expect(await list.getByRole("row").count()).toBeLessThan(100);
    await table.press("End");
    const oldest = list.getByRole("row").filter({ hasText: /0 of 1(?!\d|,)/ });
    await oldest.waitFor();
    expect(await oldest.getAttribute("aria-rowindex")).toBe("2001");
    expect(await accessibilityFaults(page)).toEqual([]);
    await oldest.getByRole("button", { name: "Amend order" }).click();
    await page.getByLabel("New price").fill("0.99");
    await page.getByRole("button", { name: "Save" }).click();
    await oldest.getByText("0.99").waitFor();
    await oldest.getByRole("button", { name: "Cancel order" }).click();
    await list.getByText("1,999", { exact: true }).waitFor();
    await oldest.waitFor({ state: "detached" });
    // It is asked back, by keyboard too, and a key too many cancels nothing.
    const all = list.getByRole("button", { name: "Cancel all" });
    await all.focus();
    await page.keyboard.press("Enter");
    const question = list.getByRole("group", { name: "1,999 orders of 1 player: 1,999 to buy" });
    await question.waitFor();
    await page.keyboard.press("Enter");
    await question.waitFor({ state: "detached" });
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Cancel all");
    await page.keyboard.press("Enter");
    await question.waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await question.waitFor({ state: "detached" });
    await page.keyboard.press("Enter");
    await question.waitFor();
    expect((await ann.call<{ orders: Order[] }>("GET", "/orders?limit=1")).orders.length).toBe(1);
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByText("Cancelled 1,999 orders").waitFor();
    await list.getByText("No open orders").waitFor();
    expect(await ann.openOrders()).toEqual([]);
    expect(faults).toEqual([]);
  });

  test("on a phone, dark", async () => {
    await using opened = await twoTraders(site, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      colorScheme: "dark",
    });
    const { page, faults } = opened;
    const ticket = ticketOf(page);
    await ticket.getByLabel("Price", { exact: true }).fill("11");
    await ticket.getByLabel("Quantity").fill("2");
    await ticket.getByRole("button", { name: "Place order" }).tap();
    await ordersOf(page).getByText("0 of 2").waitFor();
    const width = await page.evaluate("document.documentElement.scrollWidth");
    expect(width).toBe(390);
    // Below the page there is nothing to scroll to.
    expect(await page.evaluate("document.documentElement.scrollHeight")).toBe(844);
    expect(await accessibilityFaults(page)).toEqual([]);
    const size =
      "parseFloat(getComputedStyle(document.querySelector('.ticket .field input')).fontSize)";
    expect(await page.evaluate(size)).toBeGreaterThanOrEqual(16);
    await page.getByRole("link", { name: "Market" }).tap();
    const market = page.getByRole("table", { name: "Market" });
    await page.getByLabel("Sort by").selectOption("By name, Z to A");
    await market.locator('[aria-sort="descending"]').getByText("Player").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("link", { name: "Settings" }).tap();
    await page.getByLabel("Theme").selectOption("Light");
    expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("light");
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
  });
});
