/** The market and a player in a browser, on a real exchange. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { DataDir, ServerProcess } from "../integration/server-process.ts";
import { reply, SleeperStandIn, sleeperPlayer } from "../players/support/sleeper-stand-in.ts";
import { accessibilityFaults } from "./axe.ts";
import { findChromium, openPage, TEST_MS, until } from "./browser.ts";
import { Site } from "./site.ts";

setDefaultTimeout(TEST_MS);
const executable = findChromium();

describe.skipIf(executable === null)("without a login", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open(executable ?? "");
  });
  afterAll(() => site[Symbol.asyncDispose]());

  test("the market has every player, and few rows in the document", async () => {
    await using opened = await openPage(site.browser, site.server.url);
    const { page, faults } = opened;
    const table = page.getByRole("table", { name: "Market" });
    await table.getByRole("row").nth(5).waitFor();
    expect(await table.getAttribute("aria-rowcount")).toBe("513");
    expect(await table.getByRole("row").count()).toBeLessThan(60);
    await page.getByRole("status", { name: "Connection" }).getByText("Live").waitFor();

    await page.getByRole("searchbox", { name: "Search players" }).fill("kansas qb1");
    await page.getByRole("link", { name: "Kansas City QB1" }).click();
    await page.getByRole("heading", { name: "Kansas City QB1" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/players/KCQB1");
    await page.reload();
    await page.getByRole("heading", { name: "Kansas City QB1" }).waitFor();
    for (const name of ["Chart", "Order book", "Trades"]) {
      await page.getByRole("region", { name }).waitFor();
    }
    await page.goBack();
    await table.waitFor();
    const search = page.getByRole("searchbox", { name: "Search players" });
    await search.fill("kansas qb1");
    await search.press("Enter");
    await page.getByRole("heading", { name: "Kansas City QB1" }).waitFor();
    await page.goBack();
    await table.waitFor();

    const nothing = await page.goto(`${site.server.url}/nothing/here/at/all`);
    expect(nothing?.status()).toBe(404);
    await page.getByRole("heading", { name: "Nothing here" }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByRole("link", { name: "To the market" }).click();
    await table.waitFor();
    expect(faults).toEqual([]);
  });

  test.each(["/", "/players/KCQB1"])("%s: axe-core finds nothing, light and dark", async (path) => {
    await using opened = await openPage(site.browser, site.server.url + path);
    const { page, faults } = opened;
    await page.getByRole("status", { name: "Connection" }).getByText("Live").waitFor();
    await page
      .getByRole(path === "/" ? "table" : "region")
      .first()
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  test("markup in a player's name is text", async () => {
    const name = '<img src=x onerror="document.title=1"><script>1</script>{{7*7}}';
    const sleeper = { full_name: name, team: "<b>KC</b>", position: "QB" };
    await using standIn = new SleeperStandIn(reply(sleeperPlayer("1", sleeper)));
    await using ownDir = await DataDir.make();
    await using own = await ServerProcess.start(ownDir.path, {
      config: `[players]\nsource = "sleeper"\nsleeper_base_url = "${standIn.baseUrl}"\n`,
    });
    await using opened = await openPage(site.browser, own.url);
    const { page, faults } = opened;
    await page.getByRole("link", { name }).click();
    await page.getByRole("heading", { name }).waitFor();
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(name);
    await until(page, "document.title.endsWith(' · Waiver Exchange')");
    expect(await page.title()).toBe(`${name} · Waiver Exchange`);
    expect(await page.locator("#page img, #page script, #page b").count()).toBe(0);
    expect(faults).toEqual([]);
  });

  test("the page shows when the connection is lost, and when it is back", async () => {
    await using opened = await openPage(site.browser, site.server.url);
    const { page } = opened;
    const line = page.getByRole("status", { name: "Connection" });
    await line.getByText("Live").waitFor();
    // Each word, however short it stands there.
    await page.evaluate(`{
      words = [];
      const line = document.querySelector("[aria-label=Connection]");
      const options = { characterData: true, childList: true, subtree: true };
      new MutationObserver(() => words.push(line.textContent)).observe(line, options);
    }`);
    process.kill(site.server.pid, "SIGSTOP");
    await until(page, "words.includes('Stale')");
    await site.server.kill();
    await line.getByText("Offline").waitFor();
    await site.startAgain();
    await line.getByText("Live").waitFor();
  });
});
