/** Answers on their way: a test decides when they come in, so that what overtakes what is no matter of luck. */
import type { Page } from "playwright-core";

/** An answer that the exchange has given and the page has not got. */
export interface HeldAnswer {
  /** Of the request. */
  readonly method: string;
  /** Lets it in; resolves when the page has taken it. */
  release(): Promise<void>;
}

export interface HeldAnswers {
  /** The next one to `method`, or to any, as soon as the exchange has given it. */
  next(method?: string): Promise<HeldAnswer>;
}

/** Holds the answers to requests of `url`, a glob; call it before the page asks. */
export async function holdAnswers(page: Page, url: string): Promise<HeldAnswers> {
  const given: HeldAnswer[] = [];
  const waiting = new Set<() => void>();
  await page.route(url, async (route) => {
    const response = await route.fetch().catch(() => null);
    // The page has gone, or given up.
    if (response === null) return;
    const release = async (): Promise<void> => {
      const done = page.waitForEvent("requestfinished", (each) => each === route.request());
      await route.fulfill({ response });
      await done;
      await settle(page);
    };
    given.push({ method: route.request().method(), release });
    for (const look of [...waiting]) look();
  });
  const take = (method?: string): HeldAnswer | undefined => {
    const at = given.findIndex((each) => method === undefined || each.method === method);
    return at < 0 ? undefined : given.splice(at, 1)[0];
  };
  return {
    next: (method) =>
      new Promise((resolve) => {
        const look = (): void => {
          const answer = take(method);
          if (answer === undefined) return;
          waiting.delete(look);
          resolve(answer);
        };
        waiting.add(look);
        look();
      }),
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
