/** Answers on their way: a test decides when they come in, so that what overtakes what is no matter of luck. */
import type { Page } from "playwright-core";

/** An answer that the exchange has given and the page has not got. */
export interface HeldAnswer {
  /** Lets it in; resolves when the page has taken it. */
  release(): Promise<void>;
}

export interface HeldAnswers {
  /** The next one, as soon as the exchange has given it. */
  next(): Promise<HeldAnswer>;
  /** Those that follow are not held. */
  stop(): Promise<void>;
}

/** Holds the answers to requests of `url`, a glob; call it before the page asks. */
export async function holdAnswers(page: Page, url: string): Promise<HeldAnswers> {
  const given: HeldAnswer[] = [];
  const waiting: ((answer: HeldAnswer) => void)[] = [];
  await page.route(url, async (route) => {
    const response = await route.fetch().catch(() => null);
    // The page has gone, or given up.
    if (response === null) return;
    const answer = {
      release: async () => {
        const done = page.waitForEvent("requestfinished", (each) => each === route.request());
        await route.fulfill({ response });
        await done;
        await settle(page);
      },
    };
    const wanted = waiting.shift();
    if (wanted === undefined) given.push(answer);
    else wanted(answer);
  });
  return {
    next: () => {
      const answer = given.shift();
      return answer === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(answer);
    },
    stop: () => page.unroute(url),
  };
}

/** What came to the page before has been handled, and drawn. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await (await fetch("/api/v1/time")).text();
    const { promise, resolve } = Promise.withResolvers<void>();
    const frame = (globalThis as unknown as { requestAnimationFrame(task: () => void): void })
      .requestAnimationFrame;
    frame(() => frame(() => resolve()));
    await promise;
  });
}
