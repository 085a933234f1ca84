/** The client library against a real exchange, with a network between them that fails. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import {
  beginSession,
  type ClientOptions,
  ConnectionError,
  createPublicClient,
  createTradingClient,
  ErrorCode,
  ExchangeError,
  endSession,
  isExchangeError,
  OutcomeUnknownError,
  type PublicClient,
  readSession,
  SlowConsumerError,
  type TradingClient,
  type TradingOptions,
  type UserEvent,
} from "@waiver/client";
import { Relay } from "../client/relay.ts";
import { type User, Venue } from "./venue.ts";

const ENCODINGS = ["json", "msgpack"] as const;
const CASH = 1_000_000;
const SHARES = 1_000;
const BACKOFF = { delayMinMs: 1, delayMaxMs: 20 };

let venue: Venue;
let relay: Relay;
const opened: PublicClient[] = [];

beforeAll(async () => {
  venue = await Venue.open();
  relay = await Relay.open(venue.server.port);
});
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});
afterAll(async () => {
  relay?.[Symbol.dispose]();
  await venue?.[Symbol.asyncDispose]();
});

function reader(options: Partial<ClientOptions> = {}): PublicClient {
  const client = createPublicClient({ url: relay.url, backoff: BACKOFF, ...options });
  opened.push(client);
  return client;
}

function trader(user: User, options: Partial<TradingOptions> = {}): TradingClient {
  const auth = { apiKey: user.api_key, apiSecret: user.api_secret };
  const client = createTradingClient({ url: relay.url, backoff: BACKOFF, auth, ...options });
  opened.push(client);
  return client;
}

function holder(symbol: string): Promise<User> {
  return venue.user({ cash: CASH, positions: { [symbol]: SHARES } });
}

/** The error that `promise` rejects with. */
async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const becomes = (client: PublicClient, wanted: string): Promise<Error | undefined> =>
  new Promise((resolve) => {
    const end = client.onState(({ state, error }) => {
      if (state !== wanted) return;
      end();
      resolve(error);
    });
  });

/** Resolves when `isMet`, asked at once and at every change of what `watch` watches. */
function until(watch: (look: () => void) => () => void, isMet: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (isMet()) return resolve();
    const end = watch(() => {
      if (!isMet()) return;
      end();
      resolve();
    });
  });
}

const bid = (symbol: string, price: number, quantity = 5) =>
  ({ symbol, side: "BUY", type: "LIMIT", price, quantity }) as const;
const offer = (symbol: string, price: number, quantity = 5) =>
  ({ symbol, side: "SELL", type: "LIMIT", price, quantity }) as const;

describe.each(ENCODINGS)("in %s", (encoding) => {
  test("every request of a trader's day", async () => {
    const symbol = venue.symbol();
    const ann = trader(await holder(symbol), { encoding });
    const bob = trader(await holder(symbol), { encoding });
    expect((await ann.login()).permissions).toEqual(["trade", "market_data"]);

    const placed = await ann.place({ ...bid(symbol, 100), client_order_id: `mine-${encoding}` });
    expect(placed).toMatchObject({ status: "ACCEPTED", client_order_id: `mine-${encoding}` });
    expect(await ann.amend({ order_id: placed.order_id, price: 101 })).toMatchObject({
      price: 101,
    });
    expect(await ann.orderStatus({ order_id: placed.order_id })).toMatchObject({ price: 101 });
    const { results } = await bob.batch({ orders: [offer(symbol, 101, 2), offer(symbol, 0)] });
    expect(results).toMatchObject([
      { result: { status: "FILLED", average_price: 101 } },
      { error: { code: ErrorCode.INVALID_PARAMETER } },
    ]);
    expect((await ann.openOrders()).orders).toMatchObject([{ filled_quantity: 2 }]);
    expect((await ann.accountTrades()).trades).toMatchObject([{ price: 101, quantity: 2 }]);
    expect((await ann.positions()).positions).toMatchObject([{ symbol, total: SHARES + 2 }]);
    expect((await ann.balances()).cash.total).toBe(CASH - 202);
    expect(await ann.cancel({ order_id: placed.order_id })).toMatchObject({ status: "CANCELLED" });
    expect((await ann.ordersHistory()).orders).toMatchObject([{ order_id: placed.order_id }]);
    await ann.place(bid(symbol, 99));
    expect(await ann.cancelAll({ symbol })).toEqual({ cancelled: 1 });
    expect(await ann.cancelAllAfter({ timeout_ms: 0 })).toEqual({ timeout_ms: 0 });

    expect((await ann.recentTrades({ symbol })).trades).toMatchObject([{ price: 101 }]);
    expect(await ann.bookSnapshot({ symbol })).toMatchObject({ bids: [], asks: [] });
    expect((await ann.candles({ symbol, interval: "1m" })).candles).toHaveLength(1);
    expect(await ann.ticker({ symbol })).toMatchObject({ last: 101 });
    expect((await ann.tickers()).tickers.length).toBeGreaterThan(100);
    const { ticker = "" } = await ann.symbol({ symbol });
    expect((await ann.listSymbols({ query: "" })).symbols.length).toBeGreaterThan(100);
    expect((await ann.ticker({ symbol: ticker })).symbol).toBe(symbol);
    expect(Math.abs((await ann.time()).timestamp - ann.now())).toBeLessThan(60_000);
    expect(ann.latencyMs).toBeGreaterThan(0);
  });

  test("an error has the code and the details of the answer", async () => {
    const symbol = venue.symbol();
    const user = await venue.user({ cash: 100 });
    const client = trader(user, { encoding });
    const refused = await errorOf(client.place(bid(symbol, 100)));
    if (!isExchangeError(refused, "INSUFFICIENT_FUNDS")) throw new Error(`${refused}`);
    const { needed, available }: { needed: number; available: number } = refused.details;
    expect({ needed, available }).toEqual({ needed: 500, available: 100 });
    const unknown = await errorOf(client.cancel({ order_id: "ord_99" }));
    expect(isExchangeError(unknown, "UNKNOWN_ORDER", "UNKNOWN_SYMBOL")).toBe(true);
    expect(isExchangeError(unknown, "ORDER_RATE")).toBe(false);
    const first = await client.place(bid(symbol, 1, 1));
    await client.cancel({ order_id: first.order_id });
    const done = await errorOf(client.cancel({ order_id: first.order_id }));
    expect((done as ExchangeError).details).toEqual({ status: "CANCELLED" });
  });

  test("an order whose answer is lost is placed once", async () => {
    const symbol = venue.symbol();
    const client = trader(await holder(symbol), { encoding });
    await client.login();
    for (const price of [10, 11, 12]) {
      const lost = relay.loseNextAnswer();
      const placed = client.place(bid(symbol, price));
      await lost;
      expect(await placed).toMatchObject({ status: "ACCEPTED", price });
    }
    const lostBatch = relay.loseNextAnswer();
    const batch = client.batch({ orders: [bid(symbol, 13), bid(symbol, 14)] });
    await lostBatch;
    expect((await batch).results).toMatchObject([
      { result: { price: 13, duplicate: true } },
      { result: { price: 14, duplicate: true } },
    ]);
    const { orders } = await client.openOrders();
    expect(orders.map(({ price }) => price)).toEqual([14, 13, 12, 11, 10]);

    const lostCancel = relay.loseNextAnswer();
    const cancelled = client.cancel({ order_id: orders[0]?.order_id });
    await lostCancel;
    expect(await cancelled).toMatchObject({ status: "CANCELLED", price: 14 });
  });

  test("a book goes on over lost connections, and is always the exchange's book", async () => {
    const symbol = venue.symbol();
    const client = reader({ encoding });
    const maker = trader(await holder(symbol), { url: venue.server.url });
    const book = client.orderBook(symbol);
    await book.ready;
    const seen: number[] = [];
    book.onChange(() => seen.push(book.seq));
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 3; i++) {
        await maker.place(bid(symbol, 50 + 3 * round + i));
        await maker.place(offer(symbol, 100 - 3 * round - i));
      }
      if (round === 1) {
        const live = becomes(client, "live");
        relay.cut();
        await maker.place(bid(symbol, 40));
        await live;
      }
    }
    const { bids, asks, seq } = await maker.bookSnapshot({ symbol, levels: 100 });
    await until(
      (look) => book.onChange(look),
      () => book.seq === seq && book.isLive,
    );
    expect({ bids: book.bids, asks: book.asks }).toEqual({ bids, asks });
    expect(seen).toEqual(
      [...new Set(seen.toSorted((a, b) => a - b))].flatMap((n) =>
        seen.filter((each) => each === n),
      ),
    );
  });
});

test("a stream gets every trade; a second one of the same topic begins with the present state", async () => {
  const symbol = venue.symbol();
  const client = reader();
  const maker = trader(await holder(symbol));
  const taker = trader(await holder(symbol));
  const { ticker = "" } = await client.symbol({ symbol });
  const trades = client.stream("trades", { symbols: [ticker] });
  const bbo = client.stream("bbo", { symbols: [symbol] });
  const heard: number[] = [];
  const first = await bbo[Symbol.asyncIterator]().next();
  expect(first.value).toMatchObject({ symbol, bid: null, ask: null });

  const done = (async () => {
    for await (const { price } of trades) if (heard.push(price) === 3) break;
  })();
  await client.request("book.snapshot", { symbol });
  for (const price of [70, 71, 72]) {
    await maker.place(offer(symbol, price));
    await taker.place(bid(symbol, price));
  }
  await done;
  expect(heard).toEqual([70, 71, 72]);
  expect(await trades.closed).toBeUndefined();

  await maker.place(offer(symbol, 90, 7));
  for await (const { ask } of bbo) if (ask?.[0] === 90) break;
  const again = client.stream("bbo", { symbols: [symbol] });
  const other = client.stream("bbo", { symbols: [symbol] });
  const starts = [again, other].map(async (stream) => {
    for await (const { ask } of stream) return ask;
    return undefined;
  });
  expect(await Promise.all(starts)).toEqual([
    [90, 7],
    [90, 7],
  ]);
});

test("a reader who is slow skips states, and is told when he has missed events", async () => {
  const symbol = venue.symbol();
  const client = reader();
  const maker = trader(await holder(symbol));
  const taker = trader(await holder(symbol));
  const tickers = client.stream("bbo", { symbols: [symbol] });
  const trades = client.stream("trades", { symbols: [symbol], buffer: 2 });
  const all = client.stream("trades", { symbols: [symbol] });
  await client.bookSnapshot({ symbol });
  for (const price of [70, 71, 72, 73]) {
    await maker.place(offer(symbol, price));
    await taker.place(bid(symbol, price));
  }
  await maker.place(offer(symbol, 99));
  const prices: number[] = [];
  for await (const { price } of all) if (prices.push(price) === 4) break;
  expect(prices).toEqual([70, 71, 72, 73]);

  const read: number[] = [];
  const failure = await errorOf(
    (async () => {
      for await (const { price } of trades) read.push(price);
    })(),
  );
  expect(read).toEqual([70, 71]);
  expect(failure).toBeInstanceOf(SlowConsumerError);
  expect(await trades.closed).toBe(failure as Error);
  const states: unknown[] = [];
  for await (const { ask } of tickers) {
    states.push(ask);
    if (ask?.[0] === 99) break;
  }
  expect(states.length).toBeLessThan(4);
});

test("a symbol that is not listed ends its own streams only", async () => {
  const symbol = venue.symbol();
  const client = reader();
  const good = client.orderBook(symbol);
  const bad = client.orderBook("SYMBOL_999999");
  const named = client.stream("trades", { symbols: ["NOBODYATALL"] });
  await good.ready;
  for (const error of [await errorOf(bad.ready), await named.closed]) {
    expect(isExchangeError(error, "UNKNOWN_SYMBOL")).toBe(true);
  }
  expect(good.isLive).toBe(true);
  expect(() => client.orderBook("PMAHOMES")).toThrow("symbol must be SYMBOL_<n>");
  expect(() => client.stream("bbo", { symbols: [] })).toThrow("symbols must name one at least");
  expect(() => createPublicClient({ url: "localhost:8080" })).toThrow("url must be ws://");
});

test("user data comes once and in order over lost connections, and the account follows", async () => {
  const symbol = venue.symbol();
  const user = await holder(symbol);
  const client = trader(user);
  const other = trader(user, { url: venue.server.url });
  const events: UserEvent[] = [];
  client.userEvents().on((event) => events.push(event));
  await client.account.ready;
  const start = client.account.seq;
  for (let price = 10; price < 20; price++) {
    await other.place(bid(symbol, price));
    if (price % 4 === 0) relay.cut();
  }
  await other.cancelAll();
  const { seq, cash } = await other.balances();
  await until(
    (look) => client.account.onChange(look),
    () => client.account.seq === seq,
  );

  expect(events[0]?.event).toBe("snapshot");
  expect(events.map((event) => event.seq)).toEqual(
    Array.from({ length: seq - start + 1 }, (_, i) => start + i),
  );
  expect(client.account.cash).toEqual(cash);
  expect(client.account.orders.size).toBe(0);
  expect(client.account.positions.get(symbol)?.total).toBe(SHARES);

  // As after a restart of the program: what is asked for is what was told.
  const again: UserEvent[] = [];
  for await (const event of client.userEvents({ fromSeq: start + 1 })) {
    again.push(event);
    if (event.seq === seq) break;
  }
  expect(again).toEqual(events.slice(1));
  for (const fromSeq of [0, 1]) {
    const first = await client.userEvents({ fromSeq })[Symbol.asyncIterator]().next();
    expect([fromSeq, first.value?.seq]).toEqual([fromSeq, 1]);
  }
  const late = await client.userEvents()[Symbol.asyncIterator]().next();
  expect(late.value).toMatchObject({ event: "snapshot", seq, cash });
});

test("an account with more open orders than fit into a snapshot is complete", async () => {
  const symbol = venue.symbol();
  const user = await venue.user({ cash: 1e9 });
  const client = trader(user, { url: venue.server.url, encoding: "msgpack" });
  for (let n = 0; n < 11; n++) {
    await client.batch({ orders: Array.from({ length: 100 }, () => bid(symbol, 10, 1)) });
  }
  await client.account.ready;
  expect(client.account.orders.size).toBe(1_100);
  const newest = await client.openOrders();
  const { orders: oldest } = await client.openOrders({ before: Number(newest.next) });
  expect([...client.account.orders.values()].toReversed()).toEqual([...newest.orders, ...oldest]);
  await client.cancelAll();
});

test("a silent connection is stale, and then replaced", async () => {
  const silent = await Relay.open(venue.server.port);
  try {
    const client = reader({ url: silent.url, staleAfterMs: 40, lostAfterMs: 200 });
    await client.connect();
    const states: string[] = [];
    client.onState(({ state }) => states.push(state));
    const stale = becomes(client, "stale");
    const offline = becomes(client, "offline");
    silent.hold();
    await stale;
    await offline;
    silent.cut();
    await becomes(client, "live");
    expect(states.filter((state) => state !== "connecting").slice(0, 2)).toEqual([
      "stale",
      "offline",
    ]);
  } finally {
    silent[Symbol.dispose]();
  }
});

test("a wrong secret or a revoked key is final, and the outcome of requests under way is reported as unknown", async () => {
  const symbol = venue.symbol();
  const user = await holder(symbol);
  const wrong = trader({ ...user, api_secret: "guess" });
  expect(await errorOf(wrong.connect())).toMatchObject({ code: ErrorCode.WRONG_CREDENTIALS });
  expect(wrong.state).toBe("closed");
  expect(await errorOf(wrong.openOrders())).toBeInstanceOf(ExchangeError);

  const client = trader(user);
  await client.login();
  const closed = becomes(client, "closed");
  await venue.server.ask("DELETE", `/keys/${user.api_key}`);
  expect(await closed).toMatchObject({ code: ErrorCode.KEY_NOT_VALID });

  const nobody = createPublicClient({ url: "ws://127.0.0.1:1", requestTimeoutMs: 50 });
  expect(await errorOf(nobody.connect())).toBeInstanceOf(ConnectionError);
  expect(nobody.state).toBe("idle");
  expect(await errorOf(nobody.listSymbols())).toBeInstanceOf(ConnectionError);
  nobody.close();

  const cut = trader(await holder(symbol), { orderTimeoutMs: 100 });
  await cut.login();
  relay.target = 1;
  const lost = relay.loseNextAnswer();
  const placed = errorOf(cut.place({ ...bid(symbol, 10), client_order_id: "unsure" }));
  await lost;
  const error = await placed;
  relay.target = venue.server.port;
  expect(error).toBeInstanceOf(OutcomeUnknownError);
  expect((error as OutcomeUnknownError).clientOrderIds).toEqual(["unsure"]);
  expect(await cut.orderStatus({ client_order_id: "unsure" })).toMatchObject({
    status: "ACCEPTED",
  });
});

test("a session's token logs in, until it has ended", async () => {
  const symbol = venue.symbol();
  const { api_key, api_secret, account_id } = await holder(symbol);
  const { url } = venue.server;
  const { token } = await beginSession(url, { api_key, api_secret });
  const client = createTradingClient({ url, auth: { token } });
  opened.push(client);
  expect((await client.login()).account_id).toBe(account_id);
  expect(await client.place(bid(symbol, 10))).toMatchObject({ status: "ACCEPTED" });
  expect((await readSession(url, token))?.account_id).toBe(account_id);
  const closed = becomes(client, "closed");
  await endSession(url, token);
  expect(await readSession(url, token)).toBeNull();
  expect(await closed).toBeInstanceOf(ExchangeError);
  const wrong = errorOf(beginSession(url, { api_key, api_secret: "guess" }));
  expect(await wrong).toMatchObject({ code: ErrorCode.WRONG_CREDENTIALS });
});

test("over a crash of the exchange nothing is lost and nothing comes twice", async () => {
  const symbol = venue.symbol();
  const user = await holder(symbol);
  const client = trader(user, {
    encoding: "msgpack",
    orderTimeoutMs: 60_000,
    requestTimeoutMs: 60_000,
  });
  const book = client.orderBook(symbol);
  const seqs: number[] = [];
  client.userEvents().on((event) => seqs.push(event.seq));
  await Promise.all([book.ready, client.account.ready]);
  const prices = Array.from({ length: 30 }, (_, i) => 10 + i);
  const placed = prices.map((price) => client.place(bid(symbol, price)));
  await placed[0];
  await venue.crash();
  relay.target = venue.server.port;
  const states = await Promise.all(placed);

  expect(new Set(states.map(({ order_id: id }) => id)).size).toBe(30);
  const { orders, seq } = await client.openOrders();
  expect(orders.map(({ price }) => Number(price)).toSorted((a, b) => a - b)).toEqual(prices);
  await until(
    (look) => client.account.onChange(look),
    () => client.account.seq === seq,
  );
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => Number(seqs[0]) + i));
  expect(client.account.orders.size).toBe(30);
  const { bids, seq: last } = await client.bookSnapshot({ symbol, levels: 50 });
  await until(
    (look) => book.onChange(look),
    () => book.seq === last && book.isLive,
  );
  expect(book.bids).toEqual(bids);
});
