import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { checkParams } from "../../src/protocol/check.ts";
import { methodExamples } from "../../src/protocol/examples.ts";
import { ISSUES_MAX, type Issue, invalidParameters } from "../../src/protocol/issue.ts";
import { METHOD_NAMES, type MethodName, methods } from "../../src/protocol/schemas.ts";

const limit = { symbol: "SYMBOL_1", side: "BUY", type: "LIMIT", price: 150, quantity: 10 };
const market = { symbol: "SYMBOL_1", side: "BUY", type: "MARKET", quantity: 10 };

const issue = (field: string, text: string, got?: string): Issue => ({
  field,
  issue: text,
  ...(got !== undefined && { got }),
});

test.each(METHOD_NAMES)("%s takes the params of its example", (name) => {
  expect(checkParams(name, methodExamples[name].params)).toBeNull();
});

describe("order.place", () => {
  test.each<[string, object, Issue[]]>([
    ["price -5", { ...limit, price: -5 }, [issue("price", "Price must be positive integer", "-5")]],
    ["price 0", { ...limit, price: 0 }, [issue("price", "Price must be positive integer", "0")]],
    [
      "price 1.5",
      { ...limit, price: 1.5 },
      [issue("price", "Price must be positive integer", "1.5")],
    ],
    [
      "price NaN",
      { ...limit, price: NaN },
      [issue("price", "Price must be positive integer", "NaN")],
    ],
    [
      "price as text",
      { ...limit, price: "150" },
      [issue("price", "Price must be positive integer", '"150"')],
    ],
    ["price null", { ...limit, price: null }, [issue("price", "Required for a LIMIT order")]],
    [
      "price too large",
      { ...limit, price: 2 ** 31 },
      [issue("price", "Price must be positive integer up to 2147483647", "2147483648")],
    ],
    [
      "quantity a list",
      { ...limit, quantity: [1] },
      [issue("quantity", "Quantity must be positive integer", "an array")],
    ],
    [
      "side in small letters",
      { ...limit, side: "buy" },
      [issue("side", "Side must be BUY or SELL", '"buy"')],
    ],
    [
      "no side",
      { ...limit, side: undefined },
      [issue("side", "Side must be BUY or SELL", "undefined")],
    ],
    [
      "empty symbol",
      { ...limit, symbol: "" },
      [issue("symbol", "Symbol must be string of 1 to 32 ASCII characters", '""')],
    ],
    [
      "client order id with a space",
      { ...limit, client_order_id: "a b" },
      [
        issue(
          "client_order_id",
          "Client order id must be string matching ^[!#-\\[\\]-~]{1,64}$",
          '"a b"',
        ),
      ],
    ],
    [
      "post_only 1",
      { ...limit, post_only: 1 },
      [issue("post_only", "Post only must be true or false", "1")],
    ],
    ["misspelt option", { ...limit, postonly: true }, [issue("postonly", "Unknown parameter")]],
    [
      "__proto__",
      JSON.parse('{"__proto__": {"symbol": "SYMBOL_1"}}'),
      [
        issue("symbol", "Required"),
        issue("side", "Required"),
        issue("type", "Required"),
        issue("quantity", "Required"),
        issue("__proto__", "Unknown parameter"),
      ],
    ],
    [
      "LIMIT without a price",
      { ...market, type: "LIMIT" },
      [issue("price", "Required for a LIMIT order")],
    ],
    [
      "LIMIT with a stop price",
      { ...limit, stop_price: 1 },
      [issue("stop_price", "Not allowed for a LIMIT order")],
    ],
    [
      "MARKET with a price",
      { ...market, price: 1 },
      [issue("price", "Not allowed for a MARKET order")],
    ],
    [
      "STOP with price, without stop price",
      { ...limit, type: "STOP" },
      [
        issue("price", "Not allowed for a STOP order"),
        issue("stop_price", "Required for a STOP order"),
      ],
    ],
    [
      "STOP_LIMIT without its prices",
      { ...market, type: "STOP_LIMIT" },
      [
        issue("price", "Required for a STOP_LIMIT order"),
        issue("stop_price", "Required for a STOP_LIMIT order"),
      ],
    ],
    [
      "GTD without its end",
      { ...limit, time_in_force: "GTD" },
      [issue("expire_at", "Required for a GTD order")],
    ],
    [
      "MARKET GTD",
      { ...market, time_in_force: "GTD", expire_at: 1 },
      [issue("time_in_force", "Not allowed for a MARKET order, which never rests")],
    ],
    [
      "MARKET GTD without its end",
      { ...market, time_in_force: "GTD" },
      [issue("time_in_force", "Not allowed for a MARKET order, which never rests")],
    ],
    [
      "an end without GTD",
      { ...limit, expire_at: 1 },
      [issue("expire_at", "Not allowed unless time_in_force is GTD")],
    ],
    [
      "an end of an IOC order",
      { ...limit, time_in_force: "IOC", expire_at: 1 },
      [issue("expire_at", "Not allowed unless time_in_force is GTD")],
    ],
  ])("%s", (_name, params, expected) => {
    expect(checkParams("order.place", params)).toEqual(expected);
  });

  test.each<[string, object]>([
    ["MARKET", market],
    ["MARKET GTC, which never rests all the same", { ...market, time_in_force: "GTC" }],
    ["MARKET post-only", { ...market, post_only: true }],
    ["post-only IOC", { ...limit, post_only: true, time_in_force: "IOC" }],
    ["MARKET FOK", { ...market, time_in_force: "FOK" }],
    ["post-only", { ...limit, post_only: true, time_in_force: "GTC" }],
    ["not post-only IOC", { ...limit, post_only: false, time_in_force: "IOC" }],
    ["STOP", { ...market, type: "STOP", stop_price: 140 }],
    ["STOP_LIMIT", { ...limit, type: "STOP_LIMIT", stop_price: 140 }],
    ["GTD", { ...limit, time_in_force: "GTD", expire_at: 1 }],
    ["STOP GTD", { ...market, type: "STOP", stop_price: 1, time_in_force: "GTD", expire_at: 1 }],
    ["ids of another form", { ...limit, symbol: "?", account_id: "me" }],
    ["largest", { ...limit, price: 2 ** 31 - 1, quantity: 2 ** 31 - 1 }],
  ])("takes %s", (_name, params) => {
    expect(checkParams("order.place", params)).toBeNull();
  });
});

describe("the order that a request is about", () => {
  const either = issue("order_id", "Exactly one of order_id and client_order_id is required");

  test.each(["order.cancel", "order.amend", "order.status"] as const)("%s names one", (method) => {
    const change = method === "order.amend" ? { price: 1 } : {};
    expect(checkParams(method, { ...change })).toEqual([either]);
    expect(checkParams(method, { ...change, order_id: "ord_1", client_order_id: "a" })).toEqual([
      either,
    ]);
    expect(checkParams(method, { ...change, order_id: "anything" })).toBeNull();
    expect(checkParams(method, { ...change, client_order_id: "a" })).toBeNull();
  });

  test("an amendment changes something", () => {
    expect(checkParams("order.amend", { order_id: "ord_1" })).toEqual([
      issue("price", "One of price, quantity and stop_price is required"),
    ]);
  });
});

describe("order.batch", () => {
  test("accepts any orders: each is checked by itself, and does not affect the others", () => {
    const orders = [limit, { ...limit, price: 0 }, { ...limit, extra: 1 }, null, 7, "order", []];
    expect(checkParams("order.batch", { orders })).toBeNull();
    expect(orders.map((order) => checkParams("order.place", order)?.[0].field ?? null)).toEqual([
      null,
      "price",
      "extra",
      "params",
      "params",
      "params",
      "params",
    ]);
  });

  test("takes 1 to 100 orders", () => {
    const orders = (count: number) => ({ orders: new Array(count).fill(limit) });
    const wrong = [issue("orders", "Orders must be an array of 1 to 100 items", "an array")];
    expect(checkParams("order.batch", orders(100))).toBeNull();
    expect(checkParams("order.batch", orders(0))).toEqual(wrong);
    expect(checkParams("order.batch", orders(101))).toEqual(wrong);
  });
});

test("the path of a fault names an item of a list by its index", () => {
  expect(checkParams("subscribe", { channels: ["book", "bok"], symbols: ["*", ""] })).toEqual([
    issue(
      "channels.1",
      "Channels item must be book or depth or trades or bbo or ticker or candles or status or heartbeat",
      '"bok"',
    ),
    issue("symbols.1", "Symbols item must be string of 1 to 32 ASCII characters", '""'),
  ]);
});

describe("subscribe", () => {
  test.each(["subscribe", "unsubscribe"] as const)("%s names symbols unless", (method) => {
    const symbols = ["SYMBOL_1", "PMAHOMES"];
    const needed = [issue("symbols", "Required unless heartbeat is the only channel")];
    const refused = [issue("symbols", "Not allowed when heartbeat is the only channel")];
    expect(checkParams(method, { channels: ["heartbeat"] })).toBeNull();
    expect(checkParams(method, { channels: ["heartbeat"], symbols: null })).toBeNull();
    expect(checkParams(method, { channels: ["heartbeat"], symbols })).toEqual(refused);
    expect(checkParams(method, { channels: ["book", "heartbeat"], symbols })).toBeNull();
    expect(checkParams(method, { channels: ["book", "heartbeat"] })).toEqual(needed);
    expect(checkParams(method, { channels: ["candles"], symbols, interval: "5m" })).toBeNull();
    expect(checkParams(method, { channels: ["candles"], symbols, interval: "2m" })).toEqual([
      issue("interval", "Interval must be 1m or 5m or 15m or 1h or 1d", '"2m"'),
    ]);
  });
});

describe("auth.login", () => {
  const api_key = "k";
  const api_secret = "s";
  const timestamp = 1_640_995_200_000;
  const signature = "0123456789abcdefABCDEF0123456789".repeat(2);
  const either = [
    issue("api_secret", "Exactly one of api_secret and signature, with its timestamp, is required"),
  ];

  test.each<[string, object, Issue[] | null]>([
    ["the secret", { api_key, api_secret }, null],
    ["a signature", { api_key, timestamp, signature }, null],
    ["the secret and nulls", { api_key, api_secret, timestamp: null, signature: null }, null],
    ["neither", { api_key }, either],
    ["a timestamp alone", { api_key, timestamp }, either],
    ["both", { api_key, api_secret, timestamp, signature }, either],
    [
      "a signature without its timestamp",
      { api_key, signature },
      [issue("timestamp", "Required with signature")],
    ],
    [
      "the secret with a timestamp",
      { api_key, api_secret, timestamp },
      [issue("timestamp", "Not allowed without signature")],
    ],
    [
      "a signature that is none",
      { api_key, timestamp, signature: "zz" },
      [issue("signature", "Signature must be string matching ^[0-9a-fA-F]{64}$")],
    ],
  ])("%s", (_name, params, expected) => {
    expect(checkParams("auth.login", params)).toEqual(expected);
  });
});

describe("null for an optional member", () => {
  test("is taken out of the params, and nothing else", () => {
    const params = { ...limit, client_order_id: null, post_only: null, expire_at: null };
    expect(checkParams("order.place", params)).toBeNull();
    expect<object>(params).toEqual(limit);
  });

  test("in an order of a batch is removed when that order is checked", () => {
    const orders = [
      { ...limit, stop_price: null },
      { ...limit, price: null },
    ];
    expect(checkParams("order.batch", { orders })).toBeNull();
    expect(orders.map((order) => checkParams("order.place", order))).toEqual([
      null,
      [issue("price", "Required for a LIMIT order")],
    ]);
    expect<object[]>(orders).toEqual([limit, market].map((order) => ({ ...order, type: "LIMIT" })));
  });

  test("does not hide another fault", () => {
    expect(checkParams("order.place", { ...limit, post_only: null, price: 0, x: null })).toEqual([
      issue("x", "Unknown parameter"),
      issue("price", "Price must be positive integer", "0"),
    ]);
  });

  test("is a fault where the member is required", () => {
    expect(checkParams("order.place", { ...limit, side: null })).toEqual([
      issue("side", "Side must be BUY or SELL", "null"),
    ]);
    expect(checkParams("subscribe", { channels: [null], symbols: [null] })).toHaveLength(2);
  });

  test("changes nothing, whatever the method", () => {
    fc.assert(
      fc.property(fc.constantFrom<MethodName>(...METHOD_NAMES), fc.nat(), (method, drawn) => {
        const { properties, required = [] } = methods[method].params;
        const names = Object.keys(properties).filter(
          (name) => !(required as readonly string[]).includes(name),
        );
        const { params } = methodExamples[method];
        const nulls = Object.fromEntries(
          names.filter((_, i) => ((drawn >> i) & 1) === 1).map((name) => [name, null]),
        );
        const given = { ...nulls, ...params };
        expect(checkParams(method, given)).toBeNull();
        expect<object>(given).toEqual(params);
      }),
    );
  });
});

describe("lengths are counted in characters, as the published schemas do", () => {
  test.each<[string, MethodName, (text: string) => object, number]>([
    ["free text", "symbols.list", (query) => ({ query }), 64],
    ["a secret", "auth.login", (api_secret) => ({ api_key: "k", api_secret }), 256],
  ])("%s", (_name, method, paramsOf, max) => {
    expect(checkParams(method, paramsOf("🏈".repeat(max)))).toBeNull();
    expect(checkParams(method, paramsOf("x".repeat(max)))).toBeNull();
    expect(checkParams(method, paramsOf("🏈".repeat(max + 1)))).toHaveLength(1);
    expect(checkParams(method, paramsOf("x".repeat(max + 1)))).toHaveLength(1);
  });

  test("names are ASCII, where the two counts are one", () => {
    expect(checkParams("order.status", { order_id: "ord_é" })).toEqual([
      issue("order_id", "Order id must be string of 1 to 64 ASCII characters", '"ord_é"'),
    ]);
  });
});

test("a secret is never repeated in an error", () => {
  expect(checkParams("auth.login", { api_key: "k", api_secret: "s".repeat(300) })).toEqual([
    issue("api_secret", "Api secret must be string of 1 to 256 characters"),
  ]);
});

test("an error repeats no more of the input than it needs", () => {
  const junk = Object.fromEntries(
    Array.from({ length: 1000 }, (_, i) => [`${i}_${"x".repeat(500)}`, "y".repeat(500)]),
  );
  const issues = checkParams("order.place", { ...junk, ...limit, symbol: "z".repeat(500) }) ?? [];
  expect(issues).toHaveLength(ISSUES_MAX);
  expect(JSON.stringify(issues).length).toBeLessThan(10_000);
  const { details } = invalidParameters("", [...issues, ...issues]);
  expect(details?.issues).toEqual(issues);
});

test("several faults are listed; a single one is reported by itself", () => {
  const one = issue("price", "Required");
  const two = issue("side", "Required");
  expect(invalidParameters("order.place", [one])).toEqual({
    code: 40001,
    message: "Invalid order parameters",
    details: { ...one },
  });
  expect(invalidParameters("subscribe", [one, two])).toEqual({
    code: 40001,
    message: "Invalid parameters",
    details: { ...one, issues: [one, two] },
  });
});

test("any params are answered", () => {
  const anything = fc.oneof(
    fc.anything({ withNullPrototype: true, withSparseArray: true }),
    fc.json().map((text): unknown => JSON.parse(text)),
    fc.record({ symbol: fc.anything(), price: fc.anything(), __proto__: fc.anything() }),
  );
  fc.assert(
    fc.property(fc.constantFrom<MethodName>(...METHOD_NAMES), anything, (method, params) => {
      const issues = checkParams(method, params);
      if (issues !== null) expect(issues.length).toBeGreaterThan(0);
    }),
    { numRuns: 2000 },
  );
});
