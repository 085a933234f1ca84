import { afterEach, describe, expect, test } from "bun:test";
import { ExchangeClient } from "../../src/client/exchange-client.ts";
import { ConnectionError, ExchangeError } from "../../src/client/exchange-error.ts";
import type { ConnectOptions } from "../../src/client/session.ts";
import { ENCODINGS } from "../../src/protocol/encoding.ts";
import { type OrderState, StandInExchange } from "./stand-in-exchange.ts";

const KEYS = { apiKey: "key-1", apiSecret: "secret-1" };
const BACKOFF = { delayMinMs: 1, delayMaxMs: 5 };
const BUY = {
  symbol: "SYMBOL_1",
  side: "BUY",
  type: "LIMIT",
  quantity: 10,
  price: 4_250,
  client_order_id: "mine-1",
} as const;
const RESTING: OrderState = {
  ...BUY,
  order_id: "ord_1",
  time_in_force: "GTC",
  filled_quantity: 0,
  status: "ACCEPTED",
  created_at: expect.any(Number),
  timestamp: expect.any(Number),
  tick: 1,
};
const BOOK = { symbol: "SYMBOL_1", bids: [[4_250, 10]], asks: [], last_trade: null, tick: 1 };

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const client of opened.splice(0)) client.close();
});

function startExchange(port?: number): StandInExchange {
  return new StandInExchange(["SYMBOL_1", "SYMBOL_2"], { "key-1": "secret-1" }, port);
}

async function connect(
  exchange: StandInExchange,
  options: Omit<ConnectOptions, "url">,
): Promise<ExchangeClient> {
  const client = await ExchangeClient.connect({ url: exchange.url, backoff: BACKOFF, ...options });
  opened.push(client);
  return client;
}

/** Resolves with the error that `promise` rejects with. */
async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** The next time that the client is in this state. */
function stateOf(client: ExchangeClient, wanted: string): Promise<Error | undefined> {
  return new Promise((resolve) => {
    client.onState((state, error) => {
      if (state === wanted) resolve(error);
    });
  });
}

describe.each([...ENCODINGS])("in %s", (encoding) => {
  test("logs in, places, amends, cancels and reads orders", async () => {
    await using exchange = startExchange();
    const client = await connect(exchange, { endpoint: "orders", encoding, ...KEYS });

    expect(client.login).toEqual({
      authenticated: true,
      user_id: "usr_1",
      account_id: "acc_1",
      permissions: ["trade", "market_data"],
      rate_limits: { orders_per_second: 100, market_data_per_second: 1_000, burst_limit: 10 },
    });
    expect(await client.place(BUY)).toEqual(RESTING);
    expect(await client.openOrders()).toEqual({ orders: [RESTING], seq: 0 });
    const amended: OrderState = { ...RESTING, price: 4_300, tick: 2 };
    expect(await client.amend({ order_id: "ord_1", price: 4_300 })).toEqual(amended);
    const cancelled: OrderState = { ...amended, status: "CANCELLED", tick: 3 };
    expect(await client.cancel({ order_id: "ord_1" })).toEqual(cancelled);
    expect(await client.ordersHistory({ limit: 10 })).toEqual({ orders: [cancelled] });
    const request = { endpoint: "orders", encoding };
    expect(exchange.received).toEqual([
      { ...request, method: "order.place", params: BUY },
      { ...request, method: "orders.open", params: {} },
      { ...request, method: "order.amend", params: { order_id: "ord_1", price: 4_300 } },
      { ...request, method: "order.cancel", params: { order_id: "ord_1" } },
      { ...request, method: "orders.history", params: { limit: 10 } },
    ]);
  });

  test("answers meet their requests, whatever the order of the answers", async () => {
    await using exchange = startExchange();
    const client = await connect(exchange, { endpoint: "orders", encoding, ...KEYS });
    const refusal = { code: 40901, message: "Post-only order would cross the book" };
    exchange.refuseNext("order.place", refusal);

    const [refused, placed, open] = await Promise.allSettled([
      client.place(BUY),
      client.place(BUY),
      client.openOrders(),
    ]);

    expect(refused).toEqual({ status: "rejected", reason: new ExchangeError(refusal) });
    expect(placed).toEqual({ status: "fulfilled", value: RESTING });
    expect(open).toEqual({ status: "fulfilled", value: { orders: [RESTING], seq: 0 } });
  });

  test("an error carries code, message and details", async () => {
    await using exchange = startExchange();
    const client = await connect(exchange, { endpoint: "orders", encoding, ...KEYS });
    const details = { retry_after_ms: 120 };
    exchange.refuseNext("order.place", { code: 42901, message: "Order rate exceeded", details });

    const error = await errorOf(client.place(BUY));

    expect(error).toBeInstanceOf(ExchangeError);
    const { code, message, retryAfterMs } = error as ExchangeError;
    expect({ code, message, details: (error as ExchangeError).details, retryAfterMs }).toEqual({
      code: 42901,
      message: "Order rate exceeded",
      details,
      retryAfterMs: 120,
    });
  });

  test("pushes go to the handlers of their stream, until these end", async () => {
    await using exchange = startExchange();
    const client = await connect(exchange, { endpoint: "market-data", encoding });
    const books: unknown[] = [];
    const ended: unknown[] = [];
    const last = Promise.withResolvers<void>();
    client.on("market_data", (book) => books.push(book));
    client.on("market_data", (book) => ended.push(book))();
    client.on("trades", () => last.resolve());

    exchange.push("market-data", "market_data", BOOK);
    exchange.push("market-data", "trades", { symbol: "SYMBOL_1" });
    await last.promise;

    expect({ books, ended }).toEqual({ books: [BOOK], ended: [] });
  });

  test("after a lost connection it is logged in and subscribed as before", async () => {
    await using exchange = startExchange();
    const client = await connect(exchange, { endpoint: "market-data", encoding, ...KEYS });
    await client.subscribe({ channels: ["book", "trades"], symbols: ["SYMBOL_1", "SYMBOL_2"] });
    await client.unsubscribe({ channels: ["book"], symbols: ["SYMBOL_2"] });
    exchange.received.length = 0;

    const lost = stateOf(client, "reconnecting");
    const back = stateOf(client, "open");
    exchange.hangUp();
    expect(await lost).toBeInstanceOf(ConnectionError);
    await back;

    const request = { endpoint: "market-data", encoding, method: "subscribe" };
    expect(exchange.received).toEqual([
      { ...request, params: { channels: ["book"], symbols: ["SYMBOL_1"] } },
      { ...request, params: { channels: ["trades"], symbols: ["SYMBOL_1", "SYMBOL_2"] } },
    ]);
    const pushed = Promise.withResolvers<unknown>();
    client.on("market_data", pushed.resolve);
    exchange.push("market-data", "market_data", BOOK);
    expect(await pushed.promise).toEqual(BOOK);
  });
});

test("a wrong secret rejects the connection", async () => {
  await using exchange = startExchange();
  const wrong = { endpoint: "orders", apiKey: "key-1", apiSecret: "guess" } as const;

  expect(await errorOf(connect(exchange, wrong))).toEqual(
    new ExchangeError({ code: 40101, message: "Wrong API key or secret" }),
  );
  expect(exchange.logins).toEqual([]);
});

test("it logs in with a signature, each of its own, and does not send the secret", async () => {
  await using exchange = startExchange();
  const options = { endpoint: "orders", ...KEYS } as const;
  await Promise.all(Array.from({ length: 20 }, () => connect(exchange, options)));
  expect(new Set(exchange.logins).size).toBe(20);
  for (const proof of exchange.logins) expect(proof).toMatch(/^[0-9a-f]{64}$/);

  await connect(exchange, { ...options, loginWith: "secret" });
  expect(exchange.logins.at(-1)).toBe("secret-1");
});

test.each([-3_600_000, 60_000])(
  "it logs in to an exchange whose clock is %p ms ahead",
  async (ahead) => {
    await using exchange = startExchange();
    exchange.clockAheadMs = ahead;
    const client = await connect(exchange, { endpoint: "orders", ...KEYS });
    expect(client.login?.authenticated).toBe(true);
    const back = stateOf(client, "open");
    exchange.clockAheadMs = 0;
    exchange.hangUp();
    await back;
    expect(exchange.logins).toHaveLength(2);
  },
);

test("no server rejects the connection", async () => {
  const exchange = startExchange();
  await exchange[Symbol.asyncDispose]();

  expect(await errorOf(connect(exchange, { endpoint: "orders" }))).toBeInstanceOf(ConnectionError);
});

test("requests under way and requests without a connection reject, and are not repeated", async () => {
  await using exchange = startExchange();
  const client = await connect(exchange, { endpoint: "orders", ...KEYS });
  await client.place(BUY);
  const back = stateOf(client, "open");

  const underWay = errorOf(client.place(BUY));
  exchange.hangUp();
  expect(await underWay).toBeInstanceOf(ConnectionError);
  expect(await errorOf(client.place(BUY))).toBeInstanceOf(ConnectionError);
  await back;

  const { orders } = await client.openOrders();
  expect(exchange.received.filter(({ method }) => method === "order.place")).toHaveLength(
    orders.length,
  );
});

test("it comes back to a server that was started again", async () => {
  const first = startExchange();
  const client = await connect(first, { endpoint: "orders", ...KEYS });
  const { port } = first;
  const lost = stateOf(client, "reconnecting");
  const back = stateOf(client, "open");

  await first[Symbol.asyncDispose]();
  await lost;
  await using _second = startExchange(port);
  await back;

  expect(await client.place(BUY)).toEqual(RESTING);
});

test("it gives up when its key is not valid any more, and says why", async () => {
  await using exchange = startExchange();
  const client = await connect(exchange, { endpoint: "orders", ...KEYS });
  const revoked = { code: 40102, message: "API key expired or revoked" };
  exchange.refuseNext("auth.login", revoked);
  const closed = stateOf(client, "closed");

  exchange.hangUp();

  expect(await closed).toEqual(new ExchangeError(revoked));
  expect(client.state).toBe("closed");
});

test("close ends it for good", async () => {
  await using exchange = startExchange();
  const client = await connect(exchange, { endpoint: "orders", ...KEYS });
  const states: string[] = [];
  client.onState((state) => states.push(state));

  client.close();

  expect(await errorOf(client.openOrders())).toBeInstanceOf(ConnectionError);
  expect(states).toEqual(["closed"]);
});
