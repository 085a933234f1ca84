/** Accounts of people in a browser: opened, tried, left, and their keys. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { DataDir, ServerProcess } from "../integration/server-process.ts";
import { accessibilityFaults } from "./axe.ts";
import { findChromium, openPage, TEST_MS, until } from "./browser.ts";
import { holdAnswers } from "./held.ts";
import { Site } from "./site.ts";
import { Trader } from "./trader.ts";

setDefaultTimeout(TEST_MS);
const executable = findChromium();

describe.skipIf(executable === null)("in a demo", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open(executable ?? "", ["--demo", "--no-market-makers"]);
  });
  afterAll(() => site[Symbol.asyncDispose]());

  test("one button logs in as alice", async () => {
    await using opened = await openPage(site.browser, site.server.url);
    const { page, faults } = opened;
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("button", { name: "Try as alice" }).click();
    await page.getByText("alice", { exact: true }).waitFor();
    await page.getByRole("link", { name: "Account" }).click();
    await page.getByRole("region", { name: "Balances" }).getByText("$100,000.00").first().waitFor();
    await page.getByRole("region", { name: "Positions" }).getByRole("row").nth(1).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("button", { name: "Try as alice" }).waitFor();
    expect(faults).toEqual([]);
  });

  test("where market data needs a login, the market is shown after it", async () => {
    await using own = await DataDir.make();
    // No demo, whose past would take longer than all the rest.
    const options = {
      env: {
        WAIVER_GATEWAY__AUTH__ANONYMOUS_MARKET_DATA: "false",
        WAIVER_GATEWAY__AUTH__SIGN_UP: "true",
        WAIVER_GATEWAY__AUTH__SIGN_UP_CASH: "500000",
      },
    };
    await using closed = await ServerProcess.start(own.path, options);
    await using opened = await openPage(site.browser, closed.url);
    const { page, faults } = opened;
    await page.getByText("No players: Not logged in").waitFor();
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByLabel("Name").fill("betty");
    await page.getByLabel("Password").fill("a long enough one");
    await page.getByRole("dialog").getByRole("button", { name: "Sign up" }).click();
    const market = page.getByRole("table", { name: "Market" });
    await market.getByRole("row").nth(5).waitFor();
    // It is heard, too.
    await page.getByRole("searchbox", { name: "Search players" }).fill("kansas qb1");
    const order = { symbol: "KCQB1", side: "BUY", type: "LIMIT", price: 1_234, quantity: 1 };
    const status = await page.evaluate(async (body) => {
      const headers = { "Content-Type": "application/json" };
      return (await fetch("/api/v1/orders", { method: "POST", headers, body })).status;
    }, JSON.stringify(order));
    expect(status).toBe(200);
    await market.getByText("12.34").waitFor();
    expect(faults).toEqual([]);
  });

  test("the page shows a logout only when the exchange has confirmed it", async () => {
    await using opened = await openPage(site.browser, site.server.url);
    const { page } = opened;
    await page.getByRole("button", { name: "Try as alice" }).click();
    await page.getByText("alice", { exact: true }).waitFor();
    const answers = await holdAnswers(page, "**/api/v1/session");
    await page.getByRole("button", { name: "Log out" }).click();
    // Its lines are closed when it has ended, and the page asks whether there is another one.
    await (await answers.next("GET")).release();
    // Whoever logged in now would be logged out by the answer.
    expect(await page.getByRole("button", { name: "Log in" }).count()).toBe(0);
    const ended = await answers.next("DELETE");
    await ended.release();
    await page.getByRole("button", { name: "Log in" }).waitFor();
  });

  test("of two lists of keys the one that was asked for last is shown", async () => {
    await using opened = await openPage(site.browser, site.server.url);
    const { page } = opened;
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByLabel("Name").fill("pebbles");
    await page.getByLabel("Password").fill("a long enough one");
    await page.getByRole("dialog").getByRole("button", { name: "Sign up" }).click();
    await page.getByText("pebbles", { exact: true }).waitFor();
    const answers = await holdAnswers(page, "**/api/v1/keys");
    await page.getByRole("link", { name: "Settings" }).click();
    const none = await answers.next();
    const keys = page.getByRole("region", { name: "API keys" });
    await keys.getByRole("button", { name: "Create key" }).click();
    await (await answers.next()).release();
    await (await answers.next()).release();
    await keys.getByRole("button", { name: "Revoke" }).waitFor();
    await none.release();
    expect(await keys.getByRole("button", { name: "Revoke" }).count()).toBe(1);
  });

  test("a login or logout in one tab is shown in the other", async () => {
    await using opened = await openPage(site.browser, `${site.server.url}/account`);
    const { page: first, faults } = opened;
    const second = await first.context().newPage();
    await second.goto(`${site.server.url}/players/KCQB1`);
    await first.getByRole("button", { name: "Try as alice" }).click();
    await second.getByText("alice", { exact: true }).waitFor();
    await second
      .getByRole("region", { name: "Balances" })
      .getByText("$100,000.00")
      .first()
      .waitFor();
    expect(await first.title()).toBe("Account · Waiver Exchange");
    expect(await second.title()).toEndWith("Kansas City QB1 · Waiver Exchange");

    await second.getByRole("button", { name: "Log out" }).click();
    await first.getByText("You are logged out: the session has ended").waitFor();
    await first.getByText("Log in to see what you hold").waitFor();

    // A tab that does not hear of it at once shows nothing of another person's.
    await first.getByRole("button", { name: "Try as alice" }).click();
    await second.getByText("alice", { exact: true }).waitFor();
    await second.evaluate(async () => {
      const headers = { "Content-Type": "application/json" };
      const body = JSON.stringify({ name: "barney", password: "a long enough one" });
      await fetch("/api/v1/users", { method: "POST", headers, body });
      new BroadcastChannel("waiver.session").postMessage(null);
    });
    await first.getByText("barney", { exact: true }).waitFor();
    await second.getByText("barney", { exact: true }).waitFor();
    expect(faults).toEqual([]);
  });

  test("an account of one's own, from its opening to its second login", async () => {
    await using opened = await openPage(site.browser, site.server.url);
    const { page, faults } = opened;
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByLabel("Name").press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await until(page, 'document.activeElement.textContent === "Sign up"');
    await page.keyboard.press("Enter");
    const field = "document.activeElement.name + document.activeElement.autocomplete";
    await until(page, `${field} === "nameusername"`);
    await page.getByRole("button", { name: "With an API key" }).press("Enter");
    await until(page, `${field} === "nameoff"`);
    await page.getByRole("button", { name: "Open an account" }).press("Enter");
    await page.getByLabel("Name").fill("w");
    await page.getByLabel("Password").fill("short");
    await page.getByRole("dialog").getByRole("button", { name: "Sign up" }).click();
    const password = page.getByLabel("Password");
    // What is wrong is said of both at once.
    for (const name of ["name", "password"]) {
      await page.locator(`input[name="${name}"][aria-invalid="true"]`).waitFor();
    }
    await page.getByText("Password must be 10 to 128 characters").waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel("Name").fill("wilma");
    await password.fill("a long enough one");
    await page.getByRole("dialog").getByRole("button", { name: "Sign up" }).click();
    await page.getByText("wilma", { exact: true }).waitFor();
    // Not at the button to log out, which stands where the one to sign up was.
    await until(page, 'document.activeElement === document.querySelector("main")');

    await page.getByRole("link", { name: "Settings" }).click();
    const keys = page.getByRole("region", { name: "API keys" });
    await keys.getByRole("button", { name: "Create key" }).click();
    await keys.getByRole("alert").waitFor();
    const [api_key = "", api_secret = ""] = await keys
      .getByRole("alert")
      .locator("code")
      .allTextContents();
    const program = new Trader(() => site.server.url, { api_key, api_secret });
    expect(await program.openOrders()).toEqual([]);
    expect(await accessibilityFaults(page)).toEqual([]);
    await keys.getByRole("button", { name: `Revoke ${api_key}` }).click();
    await keys.getByRole("button", { name: "Revoke the key" }).click();
    await keys.getByText(api_key).first().waitFor({ state: "detached" });
    await expect(program.openOrders()).rejects.toThrow("40102");

    const passwords = page.getByRole("region", { name: "Password" });
    await passwords.getByLabel("Present password").fill("x".repeat(2000));
    await passwords.getByLabel("New password").fill("short");
    await passwords.getByRole("button", { name: "Change password" }).click();
    // What is wrong is said of both at once.
    await passwords.locator('[aria-invalid="true"]').nth(1).waitFor();
    await passwords.getByLabel("Present password").fill("not this one");
    await passwords.getByLabel("New password").fill("another long one");
    await passwords.getByRole("button", { name: "Change password" }).click();
    await passwords.getByText("This is not your password").waitFor();
    await passwords.getByLabel("Present password").fill("a long enough one");
    await passwords.getByRole("button", { name: "Change password" }).click();
    await page.getByText("Password changed").waitFor();

    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByLabel("Name").fill("wilma");
    await page.getByLabel("Password").fill("a long enough one");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByText("Wrong name or password").waitFor();
    await page.getByLabel("Password").fill("another long one");
    await page.keyboard.press("Enter");
    await page.getByText("wilma", { exact: true }).waitFor();
    expect(faults).toEqual([]);
  });

  test("a disabled user is logged out, and told why he cannot log in again", async () => {
    await using opened = await openPage(site.browser, site.server.url);
    const { page, faults } = opened;
    const fillIn = async (button: string): Promise<void> => {
      await page.getByLabel("Name").fill("fred");
      await page.getByLabel("Password").fill("a long enough one");
      await page.getByRole("dialog").getByRole("button", { name: button, exact: true }).click();
    };
    await page.getByRole("button", { name: "Sign up" }).click();
    await fillIn("Sign up");
    await page.getByText("fred", { exact: true }).waitFor();
    const { users } = await site.server.ask<{ users: { name: string; user_id: string }[] }>(
      "GET",
      "/users",
    );
    const fred = users.find(({ name }) => name === "fred");
    await site.server.ask("POST", `/users/${fred?.user_id}/disable`);
    await page.getByRole("button", { name: "Log in" }).first().click();
    await fillIn("Log in");
    await page.getByRole("alert").getByText("This user is disabled").waitFor();
    expect(faults).toEqual([]);
  });
});
