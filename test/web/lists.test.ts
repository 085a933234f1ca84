/** Answers that come in late, in what keeps lists and figures of the page. */
import { describe, expect, test } from "bun:test";
import { ErrorCode, ExchangeError } from "@waiver/client";

/** A module of the page, whose own types need those of browsers. */
const load = async <Module>(name: string): Promise<Module> => import(`../../src/web/lib/${name}`);

interface Page {
  rows: readonly number[];
  next: number | undefined;
}

interface PagedModule {
  Paged: new (
    ask: (before: number | undefined, limit: number) => Promise<Page>,
    keyOf: (row: number) => string,
  ) => {
    readonly rows: { readonly value: readonly number[] };
    readonly hasMore: { readonly value: boolean };
    load(): Promise<void>;
    loadMore(): Promise<void>;
  };
}

interface FreshModule {
  KeptFresh: new (
    ask: () => Promise<void>,
    everyMs: number,
  ) => { within(ms: number): void; stop(): void };
}

const { Paged } = await load<PagedModule>("paged.ts");
const { KeptFresh } = await load<FreshModule>("kept-fresh.ts");

const from = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first - i);

describe("pages", () => {
  test("a change while a page is being loaded causes another request after it", async () => {
    const asked: PromiseWithResolvers<Page>[] = [];
    const list = new Paged(() => {
      const page = Promise.withResolvers<Page>();
      asked.push(page);
      return page.promise;
    }, String);
    const first = list.load();
    const second = list.load();
    asked[0]?.resolve({ rows: [1], next: undefined });
    await second;
    while (asked.length < 2) await Promise.resolve();
    asked[1]?.resolve({ rows: [2, 1], next: undefined });
    await first;
    expect([asked.length, list.rows.value]).toEqual([2, [2, 1]]);
  });

  test("a page that is refused for its rate is asked for until it is there", async () => {
    const refusals = [
      new ExchangeError({
        code: ErrorCode.MARKET_DATA_RATE,
        message: "Too many",
        details: { retry_after_ms: 1 },
      }),
    ];
    const list = new Paged(() => {
      const refusal = refusals.pop();
      return refusal === undefined
        ? Promise.resolve({ rows: [2, 1], next: undefined })
        : Promise.reject(refusal);
    }, String);
    await list.load();
    expect(list.rows.value).toEqual([2, 1]);
  });

  test("pages that somebody has turned to stay when there is something new", async () => {
    let newest = 200;
    const list = new Paged((before, limit) => {
      const first = (before ?? newest + 1) - 1;
      const rows = from(first, Math.min(limit, first));
      const last = rows.at(-1) ?? 1;
      return Promise.resolve({ rows, next: last > 1 ? last : undefined });
    }, String);
    await list.load();
    newest = 203;
    await list.load();
    expect(list.rows.value).toEqual(from(203, 50));
    await list.loadMore();
    newest = 205;
    await list.load();
    expect(list.rows.value).toEqual(from(205, 102));
    await list.loadMore();
    await list.loadMore();
    expect([list.rows.value, list.hasMore.value]).toEqual([from(205, 202), true]);
    // So much that nothing joins.
    newest = 300;
    await list.load();
    expect(list.rows.value).toEqual(from(300, 50));
    await list.loadMore();
    expect(list.rows.value).toEqual(from(300, 100));
  });
});

test("a figure that changes while it is asked for is asked for again, after the answer and at once", async () => {
  const asked: PromiseWithResolvers<void>[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      if (asked.length >= count) resolve();
      else waiting.push({ count, resolve });
    });
  const fresh = new KeptFresh(() => {
    const answer = Promise.withResolvers<void>();
    asked.push(answer);
    for (const { count, resolve } of waiting) if (asked.length >= count) resolve();
    return answer.promise;
  }, 3_600_000);
  fresh.within(0);
  await until(1);
  fresh.within(0);
  // Timers of the same length run in the order in which they were made.
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 0);
  await promise;
  expect(asked.length).toBe(1);
  asked[0]?.resolve();
  await until(2);
  // Changes that follow each other faster than it is asked for do not put it off.
  asked[1]?.resolve();
  await Promise.resolve();
  fresh.within(1);
  fresh.within(3_600_000);
  await until(3);
  fresh.stop();
  asked[2]?.resolve();
});

interface Point {
  start: number;
  equity: number;
}
interface SpanLike {
  title: string;
  interval: string;
  unitMs: number;
  units: number;
}
interface SpanModule {
  readSpan(
    span: SpanLike,
    now: number,
    known: readonly Point[],
    ask: (page: { limit: number; before: number | undefined }) => Promise<{
      history?: readonly Point[];
      next?: number | undefined;
    }>,
  ): Promise<readonly Point[]>;
  curveOf(
    span: SpanLike,
    now: number,
    points: readonly Point[],
    worth: number | null,
  ): readonly Point[];
}

describe("the curve of a day", async () => {
  const { readSpan, curveOf } = await load<SpanModule>("../account/equity-span.ts");
  const day = { title: "Day", interval: "1m", unitMs: 60_000, units: 1440 };
  const minute = (at: number): number => at * 60_000;
  const now = minute(100_000) + 12_345;
  const point = (at: number): Point => ({ start: minute(at), equity: at });
  /** An exchange that has these minutes, oldest first. */
  const having = (minutes: readonly number[]) => {
    const asked: number[] = [];
    const ask = ({ limit, before }: { limit: number; before: number | undefined }) => {
      asked.push(limit);
      const older = minutes.filter((at) => minute(at) < (before ?? Number.POSITIVE_INFINITY));
      const history = older.slice(-limit).reverse().map(point);
      return Promise.resolve({
        history,
        next: older.length > limit ? history.at(-1)?.start : undefined,
      });
    };
    return { asked, ask };
  };
  const everyMinute = (first: number, last: number): number[] =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i);

  test("loads the pages of 24 hours, and then what is newer", async () => {
    const { asked, ask } = having(everyMinute(90_000, 99_999));
    const points = await readSpan(day, now, [], ask);
    expect([points.length, points[0], points.at(-1)]).toEqual([1440, point(98_560), point(99_999)]);
    expect(asked).toEqual([1000, 1000]);
    const later = having(everyMinute(90_000, 100_002));
    const more = await readSpan(day, now + 3 * 60_000, points, later.ask);
    expect([more.length, more[0], more.at(-1)]).toEqual([1440, point(98_563), point(100_002)]);
    expect(later.asked).toEqual([6]);
  });

  test("covers 24 hours also where little happened", async () => {
    const { ask } = having([70_000, 99_000, 99_500]);
    const points = await readSpan(day, now, [], ask);
    expect(points).toEqual([70_000, 99_000, 99_500].map(point));
    const curve = curveOf(day, now, points, 7);
    expect(curve.length).toBe(1441);
    expect([curve[0], curve[439], curve[440], curve.at(-2), curve.at(-1)]).toEqual([
      { start: minute(98_560), equity: 70_000 },
      { start: minute(98_999), equity: 70_000 },
      { start: minute(99_000), equity: 99_000 },
      { start: minute(99_999), equity: 99_500 },
      { start: minute(100_000), equity: 7 },
    ]);
  });

  test("begins with the account when the account is younger", async () => {
    const { ask } = having([99_997]);
    const points = await readSpan(day, now, [], ask);
    expect(curveOf(day, now, points, null)).toEqual(
      [99_997, 99_998, 99_999, 100_000].map((at) => ({ start: minute(at), equity: 99_997 })),
    );
    expect(curveOf(day, now, [], 5)).toEqual([]);
  });
});
