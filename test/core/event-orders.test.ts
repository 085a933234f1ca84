/** What events tell of orders, read by what only some orders have: terms, client order ids, or neither. */
import { expect, test } from "bun:test";
import type { ExchangeEvent, OrderView } from "../reference/exchange-event.ts";
import {
  amend,
  at,
  buy,
  depositCash,
  depositShares,
  listSymbol,
  openAccount,
  type PlaceOptions,
  sell,
} from "./command-builder.ts";
import { CoreRun } from "./run.ts";
import { createTestCore } from "./test-core.ts";

const core = createTestCore(1);
const LONG = "x".repeat(64);

/** What is told of an order besides what it asks for in common with others. */
type Extras = Pick<OrderView, "stopPrice" | "expireAt" | "clientId" | "createdAt" | "postOnly">;

const extrasOf = ({ stopPrice, expireAt, clientId, createdAt, postOnly }: OrderView): Extras => ({
  stopPrice,
  expireAt,
  clientId,
  createdAt,
  postOnly,
});

type Asked = Omit<PlaceOptions, "account" | "side">;

const common: Asked = { price: 100, quantity: 10 };
/** Orders that rest, or come in when something trades at 100, and what is told of each. */
const kinds: Record<string, [options: Asked, told: Partial<Extras>]> = {
  plain: [common, {}],
  "post-only": [{ ...common, postOnly: true }, { postOnly: true }],
  GTD: [{ ...common, timeInForce: "GTD", expireAt: 9e12 }, { expireAt: 9e12 }],
  named: [{ ...common, clientId: LONG }, { clientId: LONG }],
  "GTD, named": [
    { ...common, timeInForce: "GTD", expireAt: 9_000, clientId: "a" },
    { expireAt: 9_000, clientId: "a" },
  ],
  "a stop": [{ ...common, type: "STOP_LIMIT", stopPrice: 100 }, { stopPrice: 100 }],
  "a stop, GTD, named": [
    {
      ...common,
      type: "STOP_LIMIT",
      stopPrice: 100,
      timeInForce: "GTD",
      expireAt: 9_000,
      clientId: "b",
    },
    { stopPrice: 100, expireAt: 9_000, clientId: "b" },
  ],
};
const names = Object.keys(kinds);
const none: Extras = { stopPrice: 0, expireAt: 0, clientId: "", createdAt: 0, postOnly: false };

/** A market that last traded at 100, so that stops come in at once. */
function market(): CoreRun {
  core.reset();
  const run = new CoreRun(core);
  run.setUp(listSymbol({ symbol: 0 }));
  for (const account of [1, 2]) {
    run.setUp(openAccount({ account }), depositCash({ account, amount: 100_000 }));
    run.setUp(depositShares({ account, amount: 100 }));
  }
  run.setUp(
    sell({ account: 1, price: 100, quantity: 1 }),
    buy({ account: 2, price: 100, quantity: 1 }),
  );
  return run;
}

const tradesIn = (events: readonly ExchangeEvent[]) =>
  events.filter((event) => event.event === "TRADE");

test.each(names.flatMap((maker) => names.map((taker) => [maker, taker] as const)))(
  "a trade of %s with %s that comes in",
  (makerName, takerName) => {
    const [[makerAsks = common, makerTold = {}] = [], [takerAsks = common, takerTold = {}] = []] = [
      kinds[makerName],
      kinds[takerName],
    ];
    const run = market();
    run.beginTick();
    run.apply(at(5_000, sell({ ...makerAsks, account: 1 })));
    const events = run.apply(at(6_000, buy({ ...takerAsks, account: 2, postOnly: false })));
    const [trade] = tradesIn(events);
    expect(trade && [extrasOf(trade.maker), extrasOf(trade.taker)]).toEqual([
      { ...none, ...makerTold, createdAt: 5_000 },
      { ...none, ...takerTold, createdAt: 6_000, postOnly: false },
    ]);
  },
);

test.each(names)("%s, when it rests, again and after an amendment", (name) => {
  const [asks = common, told = {}] = kinds[name] ?? [];
  const run = market();
  run.beginTick();
  const order = sell({ ...asks, account: 1 });
  const expected = { ...none, ...told, createdAt: 5_000 };
  const events = [
    ...run.apply(at(5_000, order)),
    ...run.apply(at(6_000, amend({ account: 1, of: order, price: 101 }))),
    ...run.apply(at(6_000, amend({ account: 1, of: order, price: 101 }))),
    ...(asks.clientId === undefined ? [] : run.apply(at(7_000, order))),
  ];
  const orders = events.filter((event) => event.event === "ORDER");
  expect(orders.map(extrasOf)).toEqual(orders.map(() => expected));
});

test("a limit order's stop price has no effect and is not in the event", () => {
  const run = market();
  const bids = [{}, { timeInForce: "GTD", expireAt: 9_000 }] as const;
  const events = bids.flatMap((terms) =>
    run.apply(buy({ account: 1, price: 50, quantity: 1, stopPrice: 70, ...terms })),
  );
  const told = events.filter((event) => event.event === "ORDER").map(({ stopPrice }) => stopPrice);
  expect(told).toEqual([0, 0]);
});
