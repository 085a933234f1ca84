/** What the exchange cannot tell again, and what does not fit together: the client begins anew, and says so. */
import { afterEach, expect, test } from "bun:test";
import {
  bookChecksum,
  createPublicClient,
  createTradingClient,
  type Level,
  type PublicClient,
  type UserEvent,
} from "@waiver/client";
import { bookChecksum as exchangeChecksum } from "../../src/protocol/book-checksum.ts";
import { StandInExchange } from "./stand-in-exchange.ts";

const SYMBOL = "SYMBOL_1";
const BACKOFF = { delayMinMs: 1, delayMaxMs: 5 };
const LOST = { code: 41001, message: "Replay no longer available", details: { oldest_seq: 99 } };

let client: PublicClient | undefined;
afterEach(() => client?.close());

function depth(seq: number, bids: Level[], book: Level[], more: object = {}): object {
  const checksum = bookChecksum(book, []);
  const range = { first_seq: seq, last_seq: seq };
  return { symbol: SYMBOL, ...range, bids, asks: [], checksum, tick: 1, timestamp: 1, ...more };
}

/** How often it was asked for each of these, in order. */
function asked(exchange: StandInExchange): unknown[] {
  return exchange.received
    .filter(({ params }) => JSON.stringify(params).includes(SYMBOL))
    .map(({ method, params }) =>
      method === "depth.resume" ? [method, params.from_seq] : [method],
    );
}

async function openBook(exchange: StandInExchange) {
  client = createPublicClient({ url: exchange.url, backoff: BACKOFF });
  const book = client.orderBook(SYMBOL);
  await exchange.until(() => asked(exchange).length === 1);
  exchange.push("market-data", "depth", depth(4, [[10, 5]], [[10, 5]], { snapshot: true }));
  await book.ready;
  return book;
}

const change = (book: { onChange(handler: () => void): () => void }, isMet: () => boolean) =>
  new Promise<void>((resolve) => {
    if (isMet()) return resolve();
    const end = book.onChange(() => {
      if (!isMet()) return;
      end();
      resolve();
    });
  });

test("a checksum that does not match makes the client read the book again", async () => {
  await using exchange = new StandInExchange([SYMBOL], {});
  const book = await openBook(exchange);
  exchange.push("market-data", "depth", depth(5, [[11, 1]], [[11, 2]]));
  await exchange.until(() => asked(exchange).length === 3);
  expect(book.isLive).toBe(false);
  const levels: Level[] = [[12, 7]];
  exchange.push("market-data", "depth", depth(6, levels, levels, { snapshot: true }));
  await change(book, () => book.isLive);
  expect([book.bids, book.seq]).toEqual([levels, 6]);
  expect(asked(exchange)).toEqual([["subscribe"], ["unsubscribe"], ["subscribe"]]);
});

test("a whole book with a wrong checksum is requested again, but not at once", async () => {
  await using exchange = new StandInExchange([SYMBOL], {});
  const book = await openBook(exchange);
  const levels: Level[] = [[12, 7]];
  exchange.push("market-data", "depth", depth(6, levels, [[12, 8]], { snapshot: true }));
  await change(book, () => !book.isLive);
  // What it asks for at once comes before this.
  await client?.listSymbols();
  expect(asked(exchange)).toEqual([["subscribe"]]);
  await exchange.until(() => asked(exchange).length === 3);
  exchange.push("market-data", "depth", depth(7, levels, levels, { snapshot: true }));
  await change(book, () => book.isLive);
  expect(book.seq).toBe(7);
});

test("a gap is requested; if it is no longer kept, the whole book is read again", async () => {
  await using exchange = new StandInExchange([SYMBOL], {});
  const book = await openBook(exchange);
  exchange.refuseNext("depth.resume", LOST);
  exchange.push("market-data", "depth", depth(7, [[11, 1]], [[11, 1]]));
  await exchange.until(() => asked(exchange).length === 4);
  expect([book.isLive, book.bids, book.seq]).toEqual([false, [[10, 5]], 4]);
  exchange.push("market-data", "depth", depth(9, [[13, 1]], [[13, 1]], { snapshot: true }));
  await change(book, () => book.isLive);
  expect(asked(exchange)).toEqual([
    ["subscribe"],
    ["depth.resume", 5],
    ["unsubscribe"],
    ["subscribe"],
  ]);
});

test("after a reconnect the client asks for the next change, or for the whole book if that is no longer kept", async () => {
  await using exchange = new StandInExchange([SYMBOL], {});
  const book = await openBook(exchange);
  exchange.refuseNext("depth.resume", LOST);
  exchange.hangUp();
  await exchange.until(() => asked(exchange).length === 3);
  exchange.push("market-data", "depth", depth(9, [[13, 1]], [[13, 1]], { snapshot: true }));
  await change(book, () => book.isLive);
  expect(asked(exchange)).toEqual([["subscribe"], ["depth.resume", 5], ["subscribe"]]);
});

test("while a book is resumed, the symbol's other topics are subscribed to first", async () => {
  await using exchange = new StandInExchange([SYMBOL], {});
  exchange.answers.set("trades.recent", () => ({ symbol: SYMBOL, trades: [] }));
  await openBook(exchange);
  client?.stream("trades", { symbols: [SYMBOL] });
  await exchange.until(() => asked(exchange).length === 2);
  const { promise: answered, resolve } = Promise.withResolvers();
  client?.onState(({ state }) => {
    if (state === "live") resolve(client?.recentTrades({ symbol: SYMBOL }));
  });
  exchange.hangUp();
  await answered;
  expect(asked(exchange).slice(2)).toEqual([["depth.resume", 5], ["subscribe"], ["trades.recent"]]);
});

test("events that are lost for good are replaced by a snapshot, and the stream continues from it", async () => {
  await using exchange = new StandInExchange([SYMBOL], {
    "key-1": "secret-1",
    "key-2": "secret-2",
  });
  const auth = { apiKey: "key-1", apiSecret: "secret-1" };
  const trader = createTradingClient({ url: exchange.url, backoff: BACKOFF, auth });
  client = trader;
  const events: UserEvent[] = [];
  const changed = new Set<() => void>();
  trader.userEvents().on((event) => {
    events.push(event);
    for (const look of changed) look();
  });
  const until = (count: number) =>
    change(
      {
        onChange: (handler) => {
          changed.add(handler);
          return () => changed.delete(handler);
        },
      },
      () => events.length === count,
    );
  const sell = { symbol: SYMBOL, side: "SELL", type: "LIMIT", price: 10, quantity: 9 } as const;
  const buy = { symbol: SYMBOL, side: "BUY", type: "LIMIT", price: 10, quantity: 1 } as const;
  await until(1);
  await trader.place(sell);
  const other = createTradingClient({
    url: exchange.url,
    auth: { apiKey: "key-2", apiSecret: "secret-2" },
  });
  await other.place(buy);
  await until(2);
  exchange.refuseNext("user_data.resume", LOST);
  exchange.isMute = true;
  await other.place(buy);
  exchange.isMute = false;
  await other.place(buy);
  await until(3);
  await other.place(buy);
  await until(4);
  other.close();
  expect(events.map(({ event, seq }) => [event, seq])).toEqual([
    ["snapshot", 0],
    ["order", 1],
    ["snapshot", 3],
    ["order", 4],
  ]);
});

test("the client computes the same checksum as the exchange", () => {
  const bids: Level[] = Array.from({ length: 12 }, (_, i) => [150 - i, 10 + i]);
  const asks: Level[] = [[151, 8]];
  const flat = (levels: readonly Level[]) => Float64Array.from(levels.flat());
  for (const [left, right] of [
    [bids, asks],
    [[], []],
    [bids, []],
  ] as const) {
    const theirs = exchangeChecksum(flat(left), left.length, flat(right), right.length);
    expect(bookChecksum(left, right)).toBe(theirs);
  }
});

test("a request after a reconnect is sent after everything that restores the subscriptions", async () => {
  await using exchange = new StandInExchange([SYMBOL], {});
  client = createPublicClient({ url: exchange.url, backoff: BACKOFF });
  for (const channel of ["bbo", "ticker", "trades"] as const) {
    client.stream(channel, { symbols: [SYMBOL] }).on(() => undefined);
  }
  await exchange.until(() => asked(exchange).length === 3);
  exchange.received.length = 0;
  const end = client.onState(({ state }) => {
    if (state === "live") void client?.recentTrades({ symbol: SYMBOL }).catch(() => undefined);
  });
  exchange.hangUp();
  await exchange.until(() => asked(exchange).length === 4);
  end();
  // A trade that happened in between would be missing in both.
  expect(asked(exchange).at(-1)).toEqual(["trades.recent"]);
});

test("a request after a stream was opened is sent after its subscription, also while another stream ends", async () => {
  await using exchange = new StandInExchange([SYMBOL, "SYMBOL_2"], {});
  client = createPublicClient({ url: exchange.url, backoff: BACKOFF });
  const of = (symbol: string) => client?.stream("trades", { symbols: [symbol] });
  const before = of(SYMBOL);
  const { received } = exchange;
  const isAbout = (symbol: string) =>
    received.filter(({ params }) => JSON.stringify(params).includes(symbol));
  await exchange.until(() => isAbout(SYMBOL).length === 1);
  before?.close();
  // It is being ended by now, and the answer to that is far.
  await Promise.resolve();
  of("SYMBOL_2");
  void client.recentTrades({ symbol: "SYMBOL_2" }).catch(() => undefined);
  await exchange.until(() => isAbout("SYMBOL_2").length === 2);
  expect(isAbout("SYMBOL_2").map(({ method }) => method)).toEqual(["subscribe", "trades.recent"]);
});

test("data that came without a listener is not given to the next listener as the current state", async () => {
  await using exchange = new StandInExchange([SYMBOL], {});
  client = createPublicClient({ url: exchange.url, backoff: BACKOFF });
  const of = () => client?.stream("ticker", { symbols: [SYMBOL] });
  const first = of();
  await exchange.until(() => asked(exchange).length === 1);
  first?.close();
  await exchange.until(() => asked(exchange).length === 2);
  exchange.push("market-data", "ticker", { symbol: SYMBOL, last: 1 });
  // It is behind the push.
  await client.listSymbols();
  const told: unknown[] = [];
  of()?.on(({ last }) => told.push(last));
  await exchange.until(() => asked(exchange).length === 3);
  exchange.push("market-data", "ticker", { symbol: SYMBOL, last: 2 });
  await client.listSymbols();
  expect(told).toEqual([2]);
});

test("a page of older orders that is refused for now is requested again", async () => {
  await using exchange = new StandInExchange([SYMBOL], { "key-1": "secret-1" });
  const orderOf = (id: number) => ({ order_id: `ord_${id}`, symbol: SYMBOL, status: "ACCEPTED" });
  exchange.moreOfSnapshot = { orders: [orderOf(3)], next: 3 };
  exchange.answers.set("orders.open", () => ({ orders: [orderOf(2), orderOf(1)] }));
  exchange.refuseNext("orders.open", {
    code: 42901,
    message: "Too fast",
    details: { retry_after_ms: 1 },
  });
  const auth = { apiKey: "key-1", apiSecret: "secret-1" };
  const trader = createTradingClient({ url: exchange.url, backoff: BACKOFF, auth });
  client = trader;
  const { account } = trader;
  await exchange.until(() => exchange.received.length === 1);
  // One of the older ones is told of meanwhile, and stays where it is.
  const event = { event: "order", seq: 1, ...orderOf(2), quantity: 7 };
  exchange.push("user-data", "user_data", event);
  await account.ready;
  expect([...account.orders.keys()]).toEqual(["ord_1", "ord_2", "ord_3"]);
  expect(account.orders.get("ord_2")?.quantity).toBe(7);
});

/**
 * A client that knows the events up to 5, at the time 100, and connects again to an exchange whose event 5 is of the time
 * `ofFive`, and whose last is 7. Returns what it was told until event 8 came.
 */
async function toldAfterReconnect(ofFive: number): Promise<unknown[]> {
  await using exchange = new StandInExchange([SYMBOL], { "key-1": "secret-1" });
  const auth = { apiKey: "key-1", apiSecret: "secret-1" };
  const trader = createTradingClient({ url: exchange.url, backoff: BACKOFF, auth });
  client = trader;
  const push = (seq: number, timestamp: number): void =>
    exchange.push("user-data", "user_data", { event: "order", seq, order_id: "ord_1", timestamp });
  exchange.answers.set("user_data.resume", ({ from_seq }) => {
    setTimeout(() => {
      for (let seq = Number(from_seq); seq <= 7; seq++) push(seq, seq === 5 ? ofFive : 300);
      push(8, 301);
    });
    return { account_id: "acc_1", from_seq, last_seq: 7 };
  });
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const told: unknown[] = [];
  trader.userEvents().on(({ event, seq }) => {
    told.push([event, seq]);
    if (told.length === 1) exchange.hangUp();
    if (seq === 8) resolve();
  });
  exchange.moreOfSnapshot = { seq: 5, timestamp: 100 };
  await exchange.until(() => exchange.logins.length === 1);
  exchange.moreOfSnapshot = { seq: 7, timestamp: 300 };
  await done;
  expect([trader.account.isLive, trader.account.seq]).toEqual([true, 8]);
  return told;
}

test("after a reconnect the events follow the last one that is known, if it is the same", async () => {
  expect(await toldAfterReconnect(99)).toEqual([
    ["snapshot", 5],
    ["order", 6],
    ["order", 7],
    ["order", 8],
  ]);
});

test("after a reconnect to an exchange that was restored to an earlier moment, the snapshot is a new start", async () => {
  // Its event 5 happened after the moment at which the client knew another event 5.
  expect(await toldAfterReconnect(200)).toEqual([
    ["snapshot", 5],
    ["snapshot", 7],
    ["order", 8],
  ]);
});
