/** Every method by every door: the same results, the same errors, the same effects. */
import { beforeAll, describe, expect, test } from "bun:test";
import { METHOD_NAMES, type MethodName, methods } from "../../src/protocol/schemas.ts";
import { DOORS, type DoorName, type Outcome, restRequest, type Visitor, visit } from "./door.ts";
import { type Key, type User, Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.warm();
});

/** Of a connection, so not for REST. */
const OF_CONNECTIONS: readonly MethodName[] = [
  ...(["auth.login", "ping", "orders.cancel_all_after", "subscribe", "unsubscribe"] as const),
  ...(["subscriptions", "depth.resume", "user_data.resume"] as const),
];

/** Asked one after the other; `S` is the symbol, `A` the account, `O1` the first order's id. */
type Step = readonly [method: MethodName, params: Members];

const limit = (more: Members): Members => ({
  ...{ symbol: "S", side: "BUY", type: "LIMIT", price: 100, quantity: 10 },
  ...more,
});
const place = (more: Members): Step => ["order.place", limit(more)];

const GOOD: readonly Step[] = [
  ["symbols.get", { symbol: "S" }],
  ["symbols.list", { query: "S" }],
  ["symbols.list", { query: "S", state: "TRADING" }],
  ["symbols.list", { team: "nobody" }],
  place({ client_order_id: "first" }),
  place({ client_order_id: "first" }),
  place({ client_order_id: "a/b%?&=+'", price: 99, post_only: true, account_id: "A" }),
  ["order.status", { order_id: "O1" }],
  ["order.status", { client_order_id: "a/b%?&=+'" }],
  ["order.amend", { order_id: "O1", price: 101, quantity: 12 }],
  ["order.amend", { client_order_id: "first", quantity: 11 }],
  ["orders.open", {}],
  ["orders.open", { symbol: "S", limit: 1 }],
  place({ client_order_id: "stop", type: "STOP", price: undefined, stop_price: 300 }),
  ["order.amend", { client_order_id: "stop", stop_price: 310 }],
  ["order.cancel", { client_order_id: "stop", symbol: "S" }],
  place({ client_order_id: "both", type: "STOP_LIMIT", stop_price: 300 }),
  place({ client_order_id: "dated", time_in_force: "GTD", expire_at: 4_000_000_000_000 }),
  ["book.snapshot", { symbol: "S" }],
  ["book.snapshot", { symbol: "S", levels: 1 }],
  place({ side: "SELL", price: 101, quantity: 3, self_trade_prevention: "NONE" }),
  place({ side: "SELL", price: 101, quantity: 1 }),
  place({ side: "SELL", price: 500, time_in_force: "IOC" }),
  ["trades.recent", { symbol: "S" }],
  ["trades.recent", { symbol: "S", limit: 1 }],
  ["candles.list", { symbol: "S", interval: "1d", limit: 2 }],
  ["tickers.get", { symbol: "S" }],
  ["account.trades", { symbol: "S", limit: 1 }],
  ["account.trades", {}],
  ["account.equity", {}],
  // Of days: where a minute ends between two doors, they have different numbers of points.
  ["account.equity", { interval: "1d", limit: 1 }],
  ["account.equity", { interval: "1d", before: 4_000_000_000_000 }],
  ["account.equity", { interval: "1m", before: 60_000 }],
  ["account.balances", {}],
  ["account.positions", {}],
  ["order.batch", { orders: [limit({ price: 50 }), limit({ price: 0 }), limit({ symbol: "X" })] }],
  ["order.cancel", { order_id: "O1" }],
  ["orders.history", {}],
  ["orders.history", { symbol: "S", limit: 1 }],
  ["order.cancel_all", { symbol: "S" }],
  ["order.cancel_all", {}],
  ["orders.open", {}],
];

const REFUSED: readonly Step[] = [
  // Shape.
  ["order.place", {}],
  place({ symbol: undefined }),
  place({ side: "buy" }),
  place({ price: 1.5 }),
  place({ quantity: "10" }),
  place({ kind: "LIMIT" }),
  place({ type: "MARKET" }),
  place({ time_in_force: "GTD" }),
  place({ client_order_id: "a b" }),
  place({ symbol: "x".repeat(33) }),
  ["order.amend", { order_id: "ord_1" }],
  ["order.amend", { order_id: "ord_1", price: -1 }],
  ["order.batch", { orders: [] }],
  ["orders.open", { limit: 0 }],
  ["orders.open", { limit: 1001 }],
  ["orders.open", { before: "x" }],
  ["orders.history", { symbol: "x".repeat(33) }],
  ["account.trades", { since: 1 }],
  ["account.equity", { interval: "5m" }],
  ["account.equity", { limit: 1001 }],
  ["symbols.list", { state: "OPEN" }],
  ["book.snapshot", { symbol: "S", levels: 1001 }],
  ["candles.list", { symbol: "S", interval: "2m" }],
  ["candles.list", { symbol: "S" }],
  // Account, symbol, order.
  place({ account_id: "acc_0" }),
  place({ account_id: "me" }),
  place({ symbol: "NOBODY" }),
  ["book.snapshot", { symbol: "SYMBOL_99999" }],
  ["trades.recent", { symbol: "NOBODY" }],
  ["candles.list", { symbol: "NOBODY", interval: "1m" }],
  ["tickers.get", { symbol: "NOBODY" }],
  ["symbols.get", { symbol: "NOBODY" }],
  ["orders.open", { symbol: "NOBODY" }],
  ["orders.history", { symbol: "NOBODY" }],
  ["account.trades", { symbol: "NOBODY" }],
  ["order.cancel_all", { symbol: "NOBODY" }],
  ["order.status", { order_id: "ord_999999999" }],
  ["order.status", { client_order_id: "nobody" }],
  ["order.cancel", { order_id: "me" }],
  ["order.cancel", { order_id: "ord_1", symbol: "NOBODY" }],
  ["order.cancel", { order_id: "ord_1", symbol: "SYMBOL_99999" }],
  ["order.cancel", { client_order_id: "nobody" }],
  ["order.amend", { order_id: "ord_999999999", price: 1 }],
  // What the market says.
  place({ price: 10_000_000 }),
  place({ side: "SELL", quantity: 100_000 }),
  place({ type: "MARKET", price: undefined }),
  place({ time_in_force: "FOK" }),
  place({ side: "SELL", client_order_id: "offer" }),
  place({ client_order_id: "offer" }),
  place({ post_only: true }),
  place({}),
  place({ time_in_force: "FOK", quantity: 11 }),
  ["order.cancel_all", {}],
  ["order.cancel", { client_order_id: "offer" }],
  ["order.amend", { client_order_id: "offer", price: 1 }],
];

const CASES = { "what is served": GOOD, "what is refused": REFUSED };

/** What each door's visitor came to, and was told on the account's stream, in words that all share. */
interface Story {
  readonly outcomes: unknown[];
  readonly events: unknown[];
}

async function play(door: DoorName, steps: readonly Step[]): Promise<Story> {
  const symbol = venue.symbol();
  const user = await venue.user({ cash: 1_000_000, positions: { [symbol]: 1000 } });
  using visitor = await visit(venue, door, user);
  using watcher = await venue.connect("/user-data", "json", user);
  const words = new Words(symbol, user);
  const outcomes: unknown[] = [];
  for (const [method, params] of steps) {
    outcomes.push([method, params, words.shared(await visitor.ask(method, words.own(params)))]);
  }
  // The stream is told before a later answer.
  await watcher.request("account.balances");
  return { outcomes, events: words.shared(watcher.of("user_data")) as unknown[] };
}

/** Puts a door's own names for those that the steps use, and back. */
class Words {
  readonly #own: ReadonlyMap<string, string>;
  readonly #orders: string[] = [];

  constructor(symbol: string, { account_id }: Pick<User, "account_id">) {
    this.#own = new Map([
      ["S", symbol],
      ["A", account_id],
    ]);
  }

  own(params: Members): Members {
    const text = JSON.stringify(params, (_, value) => {
      if (value === "O1") return this.#orders[0];
      return this.#own.get(value) ?? value;
    });
    return JSON.parse(text);
  }

  /** Without what is a matter of chance: ids by the order of their appearance, times and ticks not at all. */
  shared(value: unknown): unknown {
    return JSON.parse(JSON.stringify(value), (name, member) => {
      if (CHANCE.has(name)) return typeof member;
      if (PLAYER.has(name)) return "the player's";
      if (typeof member !== "string") return member;
      for (const [word, own] of this.#own) if (member === own) return word;
      return member.startsWith("ord_") ? this.#order(member) : member;
    });
  }

  #order(id: string): string {
    if (!this.#orders.includes(id)) this.#orders.push(id);
    return `O${this.#orders.indexOf(id) + 1}`;
  }
}

const CHANCE = new Set(["timestamp", "created_at", "tick", "trade_id", "next", "start"]);
const PLAYER = new Set(["ticker", "player_id", "player_name", "team", "position", "number"]);

describe.each(Object.entries(CASES))("%s", (_, steps) => {
  test("a trading session has the same outcomes over JSON, MessagePack and REST", async () => {
    const stories: Story[] = [];
    for (const door of DOORS) stories.push(await play(door, steps));
    const [first, ...others] = stories;
    for (const other of others) expect(other).toEqual(first);
  });
});

test("the steps call every method, and each meets only the error that it expects", async () => {
  const asked = new Set([...GOOD, ...REFUSED].map(([method]) => method));
  const routed = METHOD_NAMES.filter((method) => restRequest(method, {}) !== null);
  expect([...routed, ...OF_CONNECTIONS].sort()).toEqual([...METHOD_NAMES].sort());
  // Those that are of no account and no symbol have a test of their own.
  expect([...asked, "time", "tickers.list"].sort()).toEqual(routed.sort());
  const codes = (outcomes: unknown[]) =>
    outcomes.map((outcome) => (outcome as [unknown, unknown, Outcome])[2]);
  const good = codes((await play("rest", GOOD)).outcomes).filter((outcome) => "error" in outcome);
  expect(good).toEqual([{ error: expect.objectContaining({ code: 40908 }) }]);
  const refused = codes((await play("rest", REFUSED)).outcomes);
  const taken = refused.filter((outcome) => "result" in outcome);
  expect(taken).toEqual([
    { result: expect.objectContaining({ side: "SELL", status: "ACCEPTED" }) },
    { result: { cancelled: 1 } },
  ]);
});

test("all tickers, and the time", async () => {
  const key = await venue.user();
  const tickers: unknown[] = [];
  for (const door of DOORS) {
    using visitor = await visit(venue, door, key);
    const text = JSON.stringify(await visitor.ask("tickers.list", {}));
    tickers.push(JSON.parse(text, (name, value) => (name === "timestamp" ? "time" : value)));
    expect(await visitor.ask("time", {})).toEqual({
      result: { timestamp: expect.any(Number) },
    });
  }
  expect(tickers[1]).toEqual(tickers[0]);
  expect(tickers[2]).toEqual(tickers[0]);
});

/** What each door says to one who may not. */
async function refusals(key: Key | undefined, asked: readonly Step[]): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const door of DOORS) {
    using visitor = await visit(venue, door, key);
    const outcomes: Outcome[] = [];
    for (const [method, params] of asked) outcomes.push(await visitor.ask(method, params));
    all.push(outcomes);
  }
  return all;
}

/** One right request of each method that REST has, but for the order, which nobody has. */
function oneOfEach(): Step[] {
  const words = new Words(venue.symbol(), { account_id: "acc_1" });
  const firsts = [...new Map(GOOD.toReversed().map((step) => [step[0], step])).values()];
  return firsts.map(([method, params]): Step => {
    const target = params.order_id === undefined ? {} : { order_id: "ord_1" };
    return [method, words.own({ ...params, ...target })];
  });
}

test("without a login every encoding and REST answer with the same error", async () => {
  const steps = oneOfEach();
  const [first, ...others] = await refusals(undefined, steps);
  for (const other of others) {
    expect(withoutChance(other)).toEqual(withoutChance(first));
  }
  const kinds = (first as Outcome[]).map((outcome, n) => [
    steps[n]?.[0],
    "error" in outcome ? outcome.error.code : 0,
  ]);
  const isOpen = (method: MethodName) => methods[method].permission === "market_data";
  expect(kinds).toEqual(steps.map(([method]) => [method, isOpen(method) ? 0 : 40100]));
});

test("without the permission every encoding and REST answer with the same error", async () => {
  const key = await venue.user({ permissions: ["market_data"] });
  const steps = oneOfEach();
  const [first, ...others] = await refusals(key, steps);
  for (const other of others) expect(withoutChance(other)).toEqual(withoutChance(first));
  for (const [n, [method]] of steps.entries()) {
    const outcome = (first as Outcome[])[n];
    if (methods[method].permission !== "trade") continue;
    expect(outcome).toMatchObject({ error: { code: 40300, details: { permission: "trade" } } });
  }
});

function withoutChance(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (name, member) =>
    CHANCE.has(name) ? typeof member : member,
  );
}

const isRateRefusal = (outcome: Outcome): boolean =>
  "error" in outcome && [42901, 42902].includes(outcome.error.code);

test("beyond a rate limit every encoding and REST answer with the same error", async () => {
  const asks: readonly Step[] = [
    ["order.place", { symbol: "SYMBOL_99999", side: "BUY", type: "LIMIT", price: 1, quantity: 1 }],
    ["orders.open", {}],
  ];
  for (const step of asks) {
    const told: unknown[] = [];
    for (const door of DOORS) {
      const limits = { orders_per_second: 1, burst_limit: 1, market_data_per_second: 1 };
      using visitor: Visitor = await visit(venue, door, await venue.user({ rate_limits: limits }));
      let outcome = await visitor.ask(...step);
      // A slow one is let in again.
      while (!isRateRefusal(outcome)) outcome = await visitor.ask(...step);
      const text = JSON.stringify(outcome);
      told.push(JSON.parse(text, (name, value) => (name === "retry_after_ms" ? "ms" : value)));
    }
    expect(told[0]).toMatchObject({ error: { details: { retry_after_ms: "ms" } } });
    expect(told).toEqual([told[0], told[0], told[0]]);
  }
});

test("methods that REST does not have answer the same in both encodings", async () => {
  const told: unknown[] = [];
  for (const encoding of ENCODINGS) {
    const symbol = venue.symbol();
    const user = await venue.user();
    using visitor = await visit(venue, encoding, user);
    const words = new Words(symbol, user);
    const outcomes: unknown[] = [];
    for (const [method, params] of [
      ["ping", {}],
      ["orders.cancel_all_after", { timeout_ms: 60_000 }],
      ["orders.cancel_all_after", { timeout_ms: 0 }],
      ["orders.cancel_all_after", { timeout_ms: -1 }],
      ["subscribe", { channels: ["trades", "bbo"], symbols: ["S"] }],
      ["subscriptions", {}],
      ["unsubscribe", { channels: ["trades"], symbols: ["S"] }],
      ["subscribe", { channels: ["trades"] }],
      ["subscribe", { channels: ["trades"], symbols: ["NOBODY"] }],
      ["depth.resume", { symbol: "S", from_seq: 5 }],
      ["user_data.resume", { from_seq: 1 }],
      ["user_data.resume", { from_seq: 1, account_id: "acc_0" }],
      ["auth.login", { api_key: "x", api_secret: "y" }],
      ["auth.login", { api_key: "x" }],
    ] as const) {
      const text = JSON.stringify(words.shared(await visitor.ask(method, words.own(params))));
      outcomes.push([method, JSON.parse(text.replaceAll(`.${symbol}`, ".S"))]);
    }
    told.push(outcomes);
  }
  expect(told[1]).toEqual(told[0]);
  const tried = new Set((told[0] as [MethodName, unknown][]).map(([method]) => method));
  expect([...tried].sort()).toEqual([...OF_CONNECTIONS].sort());
});
