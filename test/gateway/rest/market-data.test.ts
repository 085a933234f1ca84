/** Market data over REST, of a whole exchange. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Issue } from "../../../src/protocol/issue.ts";
import { openRealExchange } from "../real-exchange.ts";
import { type RestClient, restClient } from "./rest-client.ts";

let real: Awaited<ReturnType<typeof openRealExchange>>;
let rest: RestClient;
let symbol = "";
let ticker = "";

beforeAll(async () => {
  real = await openRealExchange({ WAIVER_GATEWAY__RATE_LIMITS__MARKET_DATA_PER_SECOND: "100000" });
  rest = restClient(real.url);
  const { symbols } = (await rest.result("GET", "/symbols")) as { symbols: Listed[] };
  ({ symbol, ticker } = symbols[0]);
  const maker = await real.createUser({ positions: { [symbol]: 100 } });
  const taker = await real.createUser();
  const order = { symbol, type: "LIMIT", price: 100 };
  const place = async (key: typeof maker, more: object) =>
    (await real.connectAs(key)).ask("order.place", { ...order, ...more });
  await place(maker, { side: "SELL", quantity: 10 });
  await place(taker, { side: "BUY", quantity: 4 });
});
afterAll(async () => {
  expect(real.warnings).toEqual([]);
  await real[Symbol.asyncDispose]();
});

interface Listed {
  symbol: string;
  ticker: string;
  team: string;
  position: string;
  state: string;
}

/** What the method answers on a connection. */
async function onSocket(method: string, params: object = {}): Promise<unknown> {
  const socket = real.connect("market-data");
  const { result } = await socket.ask(method, params);
  socket.close();
  return result;
}

const invalid = (field: string, fault: Omit<Issue, "field">) => ({
  status: 400,
  body: { code: 40001, message: "Invalid parameters", details: { field, ...fault } },
});

test("each route gives the same answer as its method", async () => {
  for (const [path, method, params] of [
    ["/symbols", "symbols.list", {}],
    ["/symbols?query=kc", "symbols.list", { query: "kc" }],
    [`/symbols/${ticker}`, "symbols.get", { symbol }],
    [`/symbols/${symbol}/book`, "book.snapshot", { symbol }],
    [`/symbols/${ticker}/book?levels=1`, "book.snapshot", { symbol, levels: 1 }],
    [`/symbols/${symbol}/trades?limit=1`, "trades.recent", { symbol, limit: 1 }],
    [`/symbols/${symbol}/candles?interval=1m`, "candles.list", { symbol, interval: "1m" }],
  ] as const) {
    expect(await rest.told("GET", path)).toEqual({
      status: 200,
      body: await onSocket(method, params),
    });
  }
});

test.each([
  ["/symbols", "?query=&team=&position=&state="],
  ["/symbols", "?team&state"],
  [`/symbols/${symbol}/book`, "?levels="],
  [`/symbols/${symbol}/trades`, "?limit="],
  [`/symbols/${symbol}/candles?interval=1m`, "&limit=&before="],
])("%s%s is as without what has no value", async (path, query) => {
  expect(await rest.told("GET", path + query)).toEqual(await rest.told("GET", path));
});

test("the time can be read without a login", async () => {
  const { timestamp } = await rest.result("GET", "/time");
  expect(Math.abs(Number(timestamp) - Date.now())).toBeLessThan(60_000);
});

test("a ticker has the same values as the channel", async () => {
  const told = await rest.result("GET", `/symbols/${ticker}/ticker`);
  expect(told).toMatchObject({
    ...{ symbol, open: 100, high: 100, low: 100, last: 100, volume: 4, change: 0 },
    ...{ bid: null, ask: [100, 6] },
  });
  const socket = real.connect("market-data");
  await socket.ask("subscribe", { channels: ["ticker"], symbols: [symbol] });
  await socket.ask("ping");
  const push = socket.received.find(({ stream }) => stream === "ticker");
  socket.close();
  const { timestamp: _, ...steady } = told;
  expect(push?.data).toMatchObject(steady);

  const { tickers } = (await rest.result("GET", "/tickers")) as { tickers: Listed[] };
  const { symbols } = (await rest.result("GET", "/symbols")) as { symbols: Listed[] };
  expect(tickers.map((each) => each.symbol).sort()).toEqual(symbols.map((s) => s.symbol).sort());
  expect(tickers.find((each) => each.symbol === symbol)).toMatchObject(steady);
});

test("symbols are selected by team, position and state", async () => {
  const all = (await rest.result("GET", "/symbols")) as { symbols: Listed[] };
  const { team, position } = all.symbols[0];
  for (const query of [`team=${team.toLowerCase()}`, `position=${position}`, "state=TRADING"]) {
    const [name, value] = query.split("=") as ["team" | "position" | "state", string];
    const { symbols } = (await rest.result("GET", `/symbols?${query}`)) as { symbols: Listed[] };
    const expected = all.symbols.filter((each) => each[name] === value.toUpperCase());
    expect(symbols).toEqual(expected);
    expect(symbols.length).toBeGreaterThan(0);
  }
  expect(await rest.result("GET", "/symbols?state=HALTED")).toEqual({ symbols: [] });
  expect(await rest.result("GET", "/symbols?team=NOBODY")).toEqual({ symbols: [] });
});

test("a client that has the current symbols gets 304", async () => {
  const first = await rest.ask("GET", "/symbols");
  const tag = first.headers.get("ETag") ?? "";
  expect(tag).toMatch(/^W\/"[0-9a-z]+"$/);
  for (const known of [tag, `"x", ${tag}`, tag.slice(2), "*"]) {
    const again = await rest.ask("GET", "/symbols", { headers: { "If-None-Match": known } });
    expect([again.status, again.body, again.headers.get("ETag")]).toEqual([304, null, tag]);
    expect(again.headers.get("Vary")).toBe(first.headers.get("Vary"));
  }
  const other = await rest.ask("GET", "/symbols", { headers: { "If-None-Match": '"x"' } });
  expect([other.status, other.body]).toEqual([200, first.body]);
});

test("HEAD is GET without the body", async () => {
  const { status, headers, body } = await rest.ask("HEAD", `/symbols/${symbol}`);
  const whole = JSON.stringify(await rest.result("GET", `/symbols/${symbol}`));
  expect([status, headers.get("Content-Length"), body]).toEqual([200, `${whole.length}`, null]);
});

test("no cache keeps an answer", async () => {
  for (const path of ["/time", "/symbols", "/nothing", "/orders", "/symbols/NOBODY1"]) {
    expect((await rest.ask("GET", path)).headers.get("Cache-Control")).toBe("no-store");
  }
});

describe("a refusal names its field", () => {
  test.each([
    ["levels=0", "levels", { issue: "Levels must be positive integer", got: "0" }],
    ["levels=1e3", "levels", { issue: "Levels must be positive integer", got: '"1e3"' }],
    ["levels=1.5", "levels", { issue: "Levels must be positive integer", got: '"1.5"' }],
    ["levels=-1", "levels", { issue: "Levels must be positive integer", got: "-1" }],
    ["levels=1001", "levels", { issue: "Levels must be positive integer up to 1000", got: "1001" }],
    [
      "levels=99999999999999999999",
      "levels",
      { issue: "Levels must be positive integer up to 1000", got: "100000000000000000000" },
    ],
    ["levels=1&levels=1", "levels", { issue: "Given more than once" }],
    ["level=1", "level", { issue: "Unknown parameter" }],
    ["symbol=SYMBOL_2", "symbol", { issue: "Unknown parameter" }],
    ["__proto__=1", "__proto__", { issue: "Unknown parameter" }],
    ["levels=%zz", "levels", { issue: "Percent-encoding is broken: %zz" }],
    ["levels=%ff", "levels", { issue: "Percent-encoding is broken: %ff" }],
    ["%=1", "query", { issue: "Percent-encoding is broken: %" }],
    ["levels=%00", "levels", { issue: "Levels must be positive integer", got: '"\\u0000"' }],
    ["=1", "", { issue: "Unknown parameter" }],
    ["level=", "level", { issue: "Unknown parameter" }],
    ["levels=&levels=1", "levels", { issue: "Given more than once" }],
  ])("?%s", async (query, field, fault) => {
    const told = await rest.told("GET", `/symbols/${symbol}/book?${query}`);
    expect(told).toEqual(invalid(field, fault));
  });

  test("a required one", async () => {
    expect(await rest.told("GET", `/symbols/${symbol}/candles`)).toEqual(
      invalid("interval", { issue: "Required" }),
    );
  });

  test("a required one without a value", async () => {
    expect(await rest.told("GET", `/symbols/${symbol}/candles?interval=`)).toEqual(
      invalid("interval", { issue: "Required" }),
    );
  });

  test("several faults at once", async () => {
    const path = `/symbols/${symbol}/candles?limit=x&interval=2m&before=0`;
    const { body } = await rest.ask("GET", path);
    const { issues } = (body as { details: { issues: { field: string }[] } }).details;
    expect(issues.map(({ field }) => field).sort()).toEqual(["before", "interval", "limit"]);
  });
});

test.each([
  ["SYMBOL_99999", 404, 40003],
  ["NOBODY", 404, 40003],
  ["%00", 404, 40003],
  ["a%2Fb", 404, 40003],
  ["%zz", 400, 40001],
  ["%ff", 400, 40001],
  ["x".repeat(33), 400, 40001],
  ["..", 404, 40002],
  ["%2e%2e", 404, 40002],
])("the symbol %s", async (name, status, code) => {
  for (const rest of ["/book", "/ticker", "/trades", "/candles?interval=1m"]) {
    const answer = await fetch(`http://${real.url}/api/v1/symbols/${name}${rest}`);
    expect([answer.status, ((await answer.json()) as { code: number }).code]).toEqual(
      name === ".." ? [404, 40002] : [status, code],
    );
  }
});

test("a path that is too long is refused, and other requests are not affected", async () => {
  const answer = await fetch(`http://${real.url}/api/v1/symbols/${"x".repeat(100_000)}`);
  expect(answer.status).toBe(431);
  expect((await rest.told("GET", `/symbols/${symbol}`)).status).toBe(200);
});

test("unknown paths give 404, and wrong methods 405", async () => {
  expect(await rest.told("GET", "/nothing")).toEqual({
    status: 404,
    body: { code: 40002, message: "There is no /api/v1/nothing" },
  });
  const { status, headers } = await rest.ask("DELETE", "/symbols");
  expect([status, headers.get("Allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
  const options = await rest.ask("OPTIONS", "/symbols");
  expect([options.status, options.headers.get("Allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
});

test("an invalid login is refused, also where no login is needed", async () => {
  const key = await real.createUser();
  for (const wrong of [
    { ...key, api_secret: "x" },
    { ...key, api_key: "x" },
    { ...key, api_key: "" },
  ]) {
    expect(await restClient(real.url, wrong).told("GET", "/time")).toEqual({
      status: 401,
      body: { code: 40101, message: "Wrong API key or secret" },
    });
  }
});

test.each(["openapi", "asyncapi"])("the %s document, once for whoever keeps it", async (name) => {
  const first = await rest.ask("GET", `/${name}.json`);
  expect(first.body).toHaveProperty(name);
  const tag = first.headers.get("ETag") ?? "";
  const again = await rest.ask("GET", `/${name}.json`, { headers: { "If-None-Match": tag } });
  expect([again.status, again.body]).toEqual([304, null]);
});
