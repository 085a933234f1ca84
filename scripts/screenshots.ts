/**
 * `bun scripts/screenshots.ts [--data-dir DIR]`: starts a demo exchange, on data of its own or on those of a demo that has
 * run a while, opens the trading page in Chromium, and writes the pictures of the README, `docs/images/*.png`. Needs
 * `scripts/chromium.sh install`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "playwright-core";
import { linesOf } from "../src/lib/lines.ts";

const IMAGES = join(import.meta.dir, "..", "docs", "images");
const PLAYER = "KCQB1";
const PATIENCE_MS = 180_000;

const { values } = parseArgs({ options: { "data-dir": { type: "string" } } });
const ownDir = mkdtempSync(join(tmpdir(), "waiver-screenshots-"));
const dataDir = values["data-dir"] ?? ownDir;
const server = Bun.spawn(
  [process.execPath, "src/main.ts", "serve", "--demo", "--port", "0", "--data-dir", dataDir],
  { stdout: "pipe", stderr: "inherit", env: { ...process.env, WAIVER_PLAYERS__SOURCE: "offline" } },
);
const executablePath = Bun.which("chromium") ?? "chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const url = await listening(server.stdout);
  const desktop = { width: 1280, height: 800 };
  const page = await open(url, desktop, "light");
  await quoted(url);
  await page.getByRole("button", { name: "Try as alice" }).click();
  await page.getByText("alice", { exact: true }).waitFor();
  await page.locator(".sparkline path").first().waitFor();
  await shoot(page, "market");

  await page.goto(`${url}/players/${PLAYER}`);
  await page.emulateMedia({ colorScheme: "dark" });
  const ticket = page.getByRole("region", { name: "Order ticket" });
  await page.getByRole("list", { name: "Bids" }).getByRole("button").nth(1).click();
  await ticket.getByLabel("Quantity").fill("25");
  await ticket.getByRole("button", { name: "Place order" }).click();
  await ticket.getByText("Placed:").waitFor();
  await page.getByRole("button", { name: "1m", exact: true }).click();
  await page.locator("canvas").first().waitFor();
  await ticket.getByLabel("Quantity").fill("25");
  await shoot(page, "player");

  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(`${url}/account`);
  await page.getByRole("region", { name: "Positions" }).getByRole("row").nth(5).waitFor();
  await shoot(page, "account");

  await page.setViewportSize({ width: 390, height: 780 });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto(`${url}/players/${PLAYER}`);
  await page.locator("canvas").first().waitFor();
  await shoot(page, "phone");
} finally {
  await browser.close();
  server.kill();
  await server.exited;
  rmSync(ownDir, { recursive: true, force: true });
}

async function open(
  url: string,
  viewport: { width: number; height: number },
  colorScheme: "light" | "dark",
): Promise<Page> {
  const context = await browser.newContext({ viewport, colorScheme });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
  return page;
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.waitForLoadState("networkidle").catch(() => undefined);
  await page.screenshot({ path: join(IMAGES, `${name}.png`), animations: "disabled" });
  console.log(`docs/images/${name}.png`);
}

/** Resolves when the player of the pictures has a bid and an ask. */
async function quoted(url: string): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await Bun.sleep(500)) {
    const answer = await fetch(`${url}/api/v1/symbols/${PLAYER}/ticker`);
    const { bid = null, ask = null } = (await answer.json()) as { bid?: unknown; ask?: unknown };
    if (bid !== null && ask !== null) return;
  }
  throw new Error(`nobody makes a market of ${PLAYER}`);
}

/** The address that the server says it listens at. */
async function listening(output: ReadableStream<Uint8Array>): Promise<string> {
  const lines: string[] = [];
  for await (const line of linesOf(output)) {
    const port = /"port":(\d+).*"listening"/.exec(line)?.[1];
    if (port !== undefined) return `http://127.0.0.1:${port}`;
    lines.push(line);
  }
  throw new Error(`the exchange did not start:\n${lines.join("\n")}`);
}
