/** What the page keeps of the market, against an exchange that is told what to answer. */
import { afterAll, expect, test } from "bun:test";
import { StandInExchange } from "../client/stand-in-exchange.ts";

interface Candle {
  readonly start: number;
}

interface Store {
  loadOlder(): Promise<void>;
  close(): void;
}

interface TradesModule {
  TradeStore: new (
    symbol: string,
  ) => {
    trades: {
      value: readonly { trade_id: number }[];
      subscribe(handler: (trades: readonly { trade_id: number }[]) => void): () => void;
    };
    close(): void;
  };
}

interface StoreModule {
  CandleStore: new (
    symbol: string,
    interval: string,
    watch: { onAll(candles: readonly Candle[]): void; onLast(candle: Candle): void },
  ) => Store;
}

interface PlayersModule {
  players: {
    value: readonly unknown[];
    subscribe(handler: (players: readonly unknown[]) => void): () => void;
  };
}

const exchange = new StandInExchange([], {});
const globals = globalThis as { location?: unknown; requestAnimationFrame?: unknown };
globals.location = { origin: exchange.url };
globals.requestAnimationFrame = setImmediate;
/** Modules of the page, whose own types need those of browsers. */
const load = async <Module>(name: string): Promise<Module> => import(`../../src/web/${name}`);
const { market } = await load<{ market: { close(): void } }>("lib/exchange.ts");
const { CandleStore } = await load<StoreModule>("player/candle-store.ts");
afterAll(async () => {
  market.close();
  await exchange[Symbol.asyncDispose]();
  delete globals.location;
  delete globals.requestAnimationFrame;
});

test("the first who is listed on an empty exchange is shown", async () => {
  const { players } = await load<PlayersModule>("market/players.ts");
  await exchange.until(() => exchange.received.some(({ method }) => method === "symbols.list"));
  exchange.symbols = ["SYMBOL_1"];
  const status = { event: "symbol", symbol: "SYMBOL_1", state: "TRADING" };
  exchange.push("market-data", "status", status);
  await new Promise<void>((resolve) => {
    players.subscribe(({ length }) => length === 1 && resolve());
  });
});

const page = (...starts: number[]) => starts.map((start) => ({ start }));

/** The next subscription is refused, and taken up a moment later. */
const refuseForRate = (): void =>
  exchange.refuseNext("subscribe", {
    code: 42902,
    message: "Too many",
    details: { retry_after_ms: 1 },
  });
/** Subscriptions to the channel, and the questions that follow them. */
const askedOf = (channel: string, question: string): string[] =>
  exchange.received
    .filter(
      ({ method, params }) =>
        method === question || (params.channels as string[] | undefined)?.includes(channel),
    )
    .map(({ method }) => method);

test("what was traded before a subscription that was refused at first is on the tape, each trade once", async () => {
  const { TradeStore } = await load<TradesModule>("player/trade-store.ts");
  const told = (id: number) => ({ symbol: "SYMBOL_1", trade_id: id });
  // The second of them is told as well.
  exchange.answers.set("trades.recent", () => {
    exchange.push("market-data", "trades", told(2));
    return { symbol: "SYMBOL_1", trades: [told(2), told(1)] };
  });
  refuseForRate();
  const store = new TradeStore("SYMBOL_1");
  await new Promise<void>((resolve) => {
    store.trades.subscribe((trades) => trades.length === 2 && resolve());
  });
  exchange.push("market-data", "trades", told(3));
  await new Promise<void>((resolve) => {
    store.trades.subscribe((trades) => trades.length > 2 && resolve());
  });
  expect(store.trades.value.map(({ trade_id }) => trade_id)).toEqual([3, 2, 1]);
  expect(askedOf("trades", "trades.recent")).toEqual(["subscribe", "subscribe", "trades.recent"]);
  store.close();
});

test("candles are read when their subscription is taken up", async () => {
  exchange.answers.set("candles.list", () => ({ candles: page(2, 1) }));
  refuseForRate();
  const { promise, resolve } = Promise.withResolvers<readonly Candle[]>();
  const store = new CandleStore("SYMBOL_2", "1m", { onAll: resolve, onLast: () => undefined });
  expect(await promise).toEqual(page(1, 2));
  expect(askedOf("candles", "candles.list")).toEqual(["subscribe", "subscribe", "candles.list"]);
  store.close();
});

test("older candles that come in after the latest were read anew elsewhere are not put before them", async () => {
  let shown: readonly number[] = [];
  const waiting: { isMet: () => boolean; resolve: () => void }[] = [];
  const until = (isMet: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      if (isMet()) resolve();
      else waiting.push({ isMet, resolve });
    });
  const latest = [
    { candles: page(102, 101, 100), next: 100 },
    { candles: page(902, 901, 900), next: 900 },
  ];
  const older = new Map([
    [100, { candles: page(99, 98), next: 98 }],
    [900, { candles: page(899, 898), next: 898 }],
  ]);
  exchange.answers.set("candles.list", ({ before }) =>
    before === undefined ? latest.shift() : older.get(Number(before)),
  );
  const store = new CandleStore("SYMBOL_1", "1m", {
    onAll: (candles) => {
      shown = candles.map(({ start }) => start);
      for (const { isMet, resolve } of waiting) if (isMet()) resolve();
    },
    onLast: () => undefined,
  });
  await until(() => shown.length === 3);
  // The question is on its way when the line is lost, and is asked again after the latest.
  exchange.refuseNext("candles.list", {
    code: 42902,
    message: "Too many",
    details: { retry_after_ms: 500 },
  });
  exchange.hangUp();
  const asked = store.loadOlder();
  await until(() => shown[0] === 900);
  await asked;
  expect(shown).toEqual([900, 901, 902]);
  await store.loadOlder();
  expect(shown).toEqual([898, 899, 900, 901, 902]);
  store.close();
});

test("after a reconnect the tape has the exchange's trades, also when it has fewer of them than before", async () => {
  const { TradeStore } = await load<TradesModule>("player/trade-store.ts");
  const ids = ({ trades }: { trades: { value: readonly { trade_id: number }[] } }): number[] =>
    trades.value.map(({ trade_id }) => trade_id);
  const of = (...known: number[]) => known.map((trade_id) => ({ symbol: "SYMBOL_3", trade_id }));
  let answer = of(9, 8, 7);
  exchange.answers.set("trades.recent", () => ({ symbol: "SYMBOL_3", trades: answer }));
  const store = new TradeStore("SYMBOL_3");
  const shows = (wanted: number[]): Promise<void> =>
    new Promise((resolve) => {
      const end = store.trades.subscribe(() => {
        if (!Bun.deepEquals(ids(store), wanted)) return;
        resolve();
        queueMicrotask(() => end());
      });
    });
  await shows([9, 8, 7]);
  answer = of(2, 1);
  exchange.hangUp();
  await shows([2, 1]);
  exchange.push("market-data", "trades", of(3)[0]);
  await shows([3, 2, 1]);
  store.close();
});

test("after a reconnect older candles stay if the exchange has the same ones after them, and go if it has others", async () => {
  const of = (volume: number, ...starts: number[]) => starts.map((start) => ({ start, volume }));
  const pages = [
    { candles: of(5, 102, 101, 100), next: 100 },
    { candles: of(5, 103, 102, 101), next: 101 },
    { candles: of(6, 104, 103, 102), next: 102 },
  ];
  exchange.answers.set("candles.list", () => pages.shift());
  let onAll = (_: readonly Candle[]): void => undefined;
  const next = (): Promise<number[]> =>
    new Promise((resolve) => {
      onAll = (candles) => resolve(candles.map(({ start }) => start));
    });
  const begun = next();
  const watch = { onAll: (all: readonly Candle[]) => onAll(all), onLast: () => undefined };
  const store = new CandleStore("SYMBOL_4", "1m", watch);
  expect(await begun).toEqual([100, 101, 102]);
  const same = next();
  exchange.hangUp();
  expect(await same).toEqual([100, 101, 102, 103]);
  const other = next();
  exchange.hangUp();
  expect(await other).toEqual([102, 103, 104]);
  store.close();
});
