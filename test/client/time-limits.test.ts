/** Nothing that a program waits for is waited for without end, and nothing is sent when its time is over. */
import { afterEach, expect, test } from "bun:test";
import {
  ConnectionError,
  createPublicClient,
  createTradingClient,
  OutcomeUnknownError,
  type PublicClient,
} from "@waiver/client";
import { turn } from "../lib/until.ts";
import { StandInExchange } from "./stand-in-exchange.ts";

const SYMBOL = "SYMBOL_1";
const BACKOFF = { delayMinMs: 1, delayMaxMs: 5 };
const HOUR_MS = 3_600_000;

let client: PublicClient | undefined;
afterEach(() => client?.close());

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no error",
    (error: unknown) => error,
  );

test("a session without an answer is given up after the time limit of a request", async () => {
  const { promise: never } = Promise.withResolvers<Response>();
  const server = Bun.serve({
    port: 0,
    fetch: (request, listening) => (listening.upgrade(request) ? undefined : never),
    websocket: { message: () => undefined },
  });
  const url = `http://127.0.0.1:${server.port}`;
  client = createTradingClient({ url, auth: { token: "a" }, requestTimeoutMs: 50 });
  expect(await errorOf(client.connect())).toBeInstanceOf(ConnectionError);
  await server.stop(true);
});

/** A connection on which nothing is ever answered. */
class DeadSocket {
  readonly readyState = 1;
  binaryType = "";
  onopen: (() => void) | null = null;
  readonly onmessage = null;
  readonly onclose = null;
  readonly onerror = null;

  constructor() {
    queueMicrotask(() => this.onopen?.());
  }

  send(): void {}
  close(): void {}
}

test("a request that cannot be written rejects with the reason, and is not waited for afterwards", async () => {
  client = createPublicClient({
    ...{ url: "ws://nowhere", webSocket: DeadSocket, backoff: BACKOFF },
    ...{ requestTimeoutMs: 20, staleAfterMs: 8, lostAfterMs: HOUR_MS },
  });
  const query = 1n as unknown as string;
  expect(await errorOf(client.listSymbols({ query }))).toBeInstanceOf(TypeError);
  // Its time is over later: where the first was waited for, that rejection is nobody's.
  expect(await errorOf(client.listSymbols())).toBeInstanceOf(ConnectionError);
  await turn();
});

test("an order is not sent again after its time limit, however long the exchange asks to wait", async () => {
  await using exchange = new StandInExchange([SYMBOL], { key: "secret" });
  exchange.answers.set("order.place", () => exchange.hangUp());
  exchange.refuseNext("order.status", {
    ...{ code: 42902, message: "Too many", details: { retry_after_ms: HOUR_MS } },
  });
  const auth = { apiKey: "key", apiSecret: "secret" };
  const trader = createTradingClient({ url: exchange.url, auth, backoff: BACKOFF });
  client = trader;
  const terms = { symbol: SYMBOL, side: "BUY", type: "LIMIT", price: 1, quantity: 1 } as const;
  expect(await errorOf(trader.place(terms))).toBeInstanceOf(OutcomeUnknownError);
  expect(exchange.received.map(({ method }) => method)).toEqual(["order.place", "order.status"]);
});

test("if a book is closed before it arrived, those who wait for it get an error", async () => {
  await using exchange = new StandInExchange([SYMBOL], {});
  client = createPublicClient({ url: exchange.url, backoff: BACKOFF });
  const { ready } = client.orderBook(SYMBOL);
  client.close();
  expect(await errorOf(ready)).toBeInstanceOf(ConnectionError);
});
