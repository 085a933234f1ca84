/** Chromium for tests of the trading page: one for all of a process, each test in a context of its own. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Much more than it takes: a page that shares its processor with others may be starved for a while. */
const WAIT_MS = 45_000;
/** Of one test, in which it waits several times. */
export const TEST_MS = 150_000;

/** The path of Chromium; null where there is none, which is said in one line. In CI that is a fault. */
export function findChromium(): string | null {
  const { stdout, stderr, success } = Bun.spawnSync(["scripts/chromium.sh", "path"]);
  if (success) return stdout.toString().trim();
  if (process.env.CI !== undefined) throw new Error(stderr.toString());
  process.stderr.write(`Tests of the trading page are skipped: ${stderr}`);
  return null;
}

let launched: Promise<Browser> | undefined;

/** The same for all files of a process, with which it ends. */
export function launch(executablePath: string): Promise<Browser> {
  launched ??= chromium.launch({ executablePath, args: ["--no-sandbox"] });
  return launched;
}

export interface OpenedPage {
  readonly page: Page;
  /** What no page should ever say: errors of scripts, and reports of the policy that it broke. */
  readonly faults: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** A fresh browser, as somebody has it who was never here. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 960 }, ...options });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (/content security policy|trusted ?type/i.test(message.text())) faults.push(message.text());
  });
  await page.goto(url);
  return { page, faults, [Symbol.asyncDispose]: () => context.close() };
}

/** Waits until `expression` holds in the page; `waitForFunction` would evaluate it where the page's policy forbids that. */
export async function until(page: Page, expression: string): Promise<void> {
  const look = `new Promise((done) => requestAnimationFrame(() => done(${expression})))`;
  while (!(await page.evaluate<boolean>(look)));
}
