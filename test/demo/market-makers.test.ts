import { expect, test } from "bun:test";
import { join } from "node:path";
import { StandInExchange } from "../client/stand-in-exchange.ts";

const MAIN = join(import.meta.dir, "..", "..", "src", "demo", "main.ts");
const SYMBOLS = ["SYMBOL_1", "SYMBOL_2", "SYMBOL_3"];
const SECRETS = { "maker-1": "secret-1", "maker-2": "secret-2", "taker-1": "secret-3" };
const MAKERS = ["maker-1", "maker-2"];

function startExchange(symbols = SYMBOLS): StandInExchange {
  return new StandInExchange(symbols, SECRETS);
}

function startDemo(exchange: StandInExchange) {
  const demo = Bun.spawn([process.execPath, MAIN], {
    stdin: "pipe",
    stdout: "ignore",
    stderr: "inherit",
  });
  const [first, second, taker] = Object.entries(SECRETS).map(([key, secret]) => ({
    api_key: key,
    api_secret: secret,
    account_id: "acc_1",
  }));
  const options = { url: exchange.url, makers: [first, second], takers: [taker] };
  demo.stdin.write(`${JSON.stringify(options)}\n`);
  demo.stdin.flush();
  return demo;
}

/** How many quotes each maker has on each side of each book. */
function ladders(exchange: StandInExchange): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { owner, symbol, side } of exchange.openOrders()) {
    const key = `${owner} ${symbol} ${side}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** All of a few symbols are stars. */
const LEVELS = 5;
const ALL_LEVELS = Object.fromEntries(
  MAKERS.flatMap((maker) =>
    SYMBOLS.flatMap((symbol) =>
      ["BUY", "SELL"].map((side) => [`${maker} ${symbol} ${side}`, LEVELS]),
    ),
  ),
);

function isWhole(exchange: StandInExchange): boolean {
  return Bun.deepEquals(ladders(exchange), ALL_LEVELS);
}

function hasTraded(exchange: StandInExchange): boolean {
  return [...exchange.orders.values()].some(
    ({ owner, filled_quantity: filled }) => owner === "taker-1" && filled > 0,
  );
}

test("makers quote both sides of every book, a taker trades, and all end with stdin", async () => {
  await using exchange = startExchange();
  const demo = startDemo(exchange);

  await exchange.until(() => isWhole(exchange) && hasTraded(exchange));
  const crossed = SYMBOLS.filter((symbol) => {
    const prices = (side: string) =>
      exchange
        .openOrders(symbol)
        .flatMap((order) => (order.side === side ? [order.price ?? 0] : []));
    return Math.max(...prices("BUY")) >= Math.min(...prices("SELL"));
  });
  demo.stdin.end();

  expect(await demo.exited).toBe(0);
  expect(crossed).toEqual([]);
});

test("a demo that starts again takes over its quotes and cancels those of symbols that are gone", async () => {
  await using exchange = startExchange([...SYMBOLS, "SYMBOL_4"]);
  const first = startDemo(exchange);
  await exchange.until(() => exchange.openOrders().length === 4 * 2 * 2 * LEVELS);
  first.kill("SIGKILL");
  await first.exited;
  const before = new Set(exchange.openOrders().map((order) => order.order_id));

  exchange.symbols = SYMBOLS;
  exchange.received.length = 0;
  const second = startDemo(exchange);
  await exchange.until(
    () => isWhole(exchange) && exchange.received.some(({ method }) => method === "order.amend"),
  );
  second.stdin.end();
  await second.exited;

  const kept = exchange.openOrders().filter((order) => before.has(order.order_id));
  expect(kept.length).toBeGreaterThan(0);
  expect(exchange.openOrders("SYMBOL_4")).toEqual([]);
});

test("a bid above the fair value is filled, and does not lock a side", async () => {
  await using exchange = startExchange(["SYMBOL_1"]);
  const demo = startDemo(exchange);
  const counts = () => ladders(exchange);
  await exchange.until(() => counts()["maker-1 SYMBOL_1 SELL"] === LEVELS);
  // More than all that is offered, so that the rest waits where the makers' offers were.
  const ask = Math.max(...exchange.openOrders().map(({ price = 0 }) => price));
  const bid = exchange.placeFor("somebody", {
    symbol: "SYMBOL_1",
    side: "BUY",
    price: ask,
    quantity: 3000,
  });
  expect(bid.status).toBe("PARTIALLY_FILLED");
  const first = bid.filled_quantity;
  // Makers trade with it, or the value has come so far that they bid more themselves.
  const isMet = (): boolean => {
    const filled = exchange.orders.get(bid.order_id)?.filled_quantity ?? 0;
    const bids = exchange
      .openOrders()
      .filter(({ owner, side }) => owner !== "somebody" && side === "BUY");
    return filled > first || bids.some(({ price = 0 }) => price > ask);
  };
  exchange.tellBest("SYMBOL_1");
  await exchange.until(() => {
    exchange.tellBest("SYMBOL_1");
    return isMet() && counts()["maker-1 SYMBOL_1 SELL"] === LEVELS;
  });
  demo.stdin.end();
  expect(await demo.exited).toBe(0);
});

test("a halted symbol is not quoted, the others are", async () => {
  await using exchange = startExchange(["SYMBOL_1", "SYMBOL_2"]);
  exchange.refuseNext("order.place", { code: 40909, message: "Symbol halted or cancel-only" });
  const demo = startDemo(exchange);

  await exchange.until(
    () => exchange.openOrders().filter(({ owner }) => owner === "maker-1").length >= 4,
  );
  demo.stdin.end();
  await demo.exited;

  const quoted = new Set(
    exchange
      .openOrders()
      .filter(({ owner }) => owner === "maker-1")
      .map(({ symbol }) => symbol),
  );
  expect(quoted.size).toBe(1);
});

test("a wrong key ends the demo with a message", async () => {
  await using exchange = startExchange();
  const demo = Bun.spawn([process.execPath, MAIN], {
    stdin: "pipe",
    stdout: "ignore",
    stderr: "pipe",
  });
  const keys = { api_key: "maker-1", api_secret: "guess", account_id: "acc_1" };
  demo.stdin.write(`${JSON.stringify({ url: exchange.url, makers: [keys], takers: [] })}\n`);
  demo.stdin.flush();

  expect(await demo.exited).toBe(1);
  expect(await demo.stderr.text()).toBe("ExchangeError: Wrong API key or secret\n");
});
