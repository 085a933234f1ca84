import { afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { bare, detailed, invalid } from "./expectations.ts";
import { Scene } from "./scene.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members, type WireClient } from "./wire-client.ts";

/** Values that are in no message's place: of a wrong type, negative, fractional, huge. */
const NO_AMOUNTS: readonly unknown[] = [
  -1,
  0,
  1.5,
  0.1,
  2_147_483_648,
  4_294_967_297,
  Number.MAX_SAFE_INTEGER,
  2 ** 53,
  1e300,
  "10",
  "",
  true,
  null,
  [10],
  { value: 10 },
];

let venue: Venue;
let symbol: string;
beforeAll(async () => {
  venue = await Venue.warm();
  symbol = venue.symbol();
});

describe.each(ENCODINGS)("bad input in %s", (encoding) => {
  let scene: Scene;
  let bad: WireClient;
  beforeEach(async () => {
    scene = await Scene.set(venue, symbol, encoding);
    ({ bad } = scene);
  });
  afterEach(async () => {
    await scene.expectUndisturbed();
    scene[Symbol.dispose]();
  });

  test.each(["price", "quantity"])("for %s gets 40001 that names it", async (field) => {
    for (const value of NO_AMOUNTS) {
      const error = await bad.refusal("order.place", { ...scene.order, [field]: value });
      expect([value, error]).toEqual([value, invalid(field)]);
    }
  });

  test("numbers written oddly are what they are worth", async () => {
    const literals: [string, boolean][] = [
      ["1e1", true],
      ["10.0", true],
      ["1E+1", true],
      ["10.00000000000000001", true],
      ["1e400", false],
      ["-0", false],
      ["-10", false],
      ["010", false],
      ["0x10", false],
      ["NaN", false],
      ["Infinity", false],
      ["+10", false],
    ];
    for (const [literal, good] of literals) {
      const params = JSON.stringify({ ...scene.order, price: "P" }).replace('"P"', literal);
      bad.sendFrame(`{"id":"odd","method":"order.place","params":${params}}`);
      await bad.until(() => bad.strays.length > 0, literal);
      const [answer] = bad.strays.splice(0) as [Members];
      const result = answer.result as Members | undefined;
      expect([literal, result?.price]).toEqual([literal, good ? 10 : undefined]);
      if (result === undefined) {
        expect((answer.error as Members).code).toBeOneOf([40000, 40001]);
      } else {
        await bad.result("order.cancel", { order_id: result.order_id });
      }
    }
  });

  test.each([
    ["side", ["buy", "", "BUYS", 1, null, ["BUY"], true]],
    ["type", ["limit", "", "ICEBERG", 1, null, {}]],
    ["time_in_force", ["gtc", "GTX", "", 1]],
    ["post_only", ["true", 1, 0, {}]],
    ["symbol", [1, null, "", "x".repeat(33), ["SYMBOL_1"], {}]],
    ["self_trade_prevention", ["none", "", 1, "CANCEL"]],
    ["account_id", [1, {}, "x".repeat(65)]],
  ] as [string, unknown[]][])("for %s gets 40001 that names it", async (field, values) => {
    for (const value of values) {
      const error = await bad.refusal("order.place", { ...scene.order, [field]: value });
      expect([value, error]).toEqual([value, invalid(field)]);
    }
  });

  test("that lacks something gets 40001 that names it", async () => {
    for (const field of ["symbol", "side", "type", "price", "quantity"]) {
      const params = Object.fromEntries(
        Object.entries(scene.order).filter(([name]) => name !== field),
      );
      expect(await bad.refusal("order.place", params)).toEqual(invalid(field));
    }
    for (const method of ["order.cancel", "order.amend", "order.status"]) {
      expect([method, (await bad.refusal(method, {})).code]).toEqual([method, 40001]);
      const both = {
        order_id: "ord_1",
        client_order_id: "a",
        ...(method === "order.amend" ? { price: 1 } : {}),
      };
      expect([method, (await bad.refusal(method, both)).code]).toEqual([method, 40001]);
    }
    expect((await bad.refusal("order.amend", { order_id: "ord_1" })).code).toBe(40001);
  });

  test("several faults are all listed, the first also by itself", async () => {
    const { error } = await bad.request("order.place", {
      ...scene.order,
      price: -1,
      quantity: 0,
      extra: 1,
    });
    const issues = error?.details?.issues as Members[];
    expect(issues.map(({ field }) => field).sort()).toEqual(["extra", "price", "quantity"]);
    const [first] = issues;
    expect(error).toEqual(detailed(40001, { field: first?.field, issue: first?.issue, issues }));
  });

  test("with members that nobody knows is refused and names them", async () => {
    const requests: [string, Members, string][] = [
      ["order.place", scene.order, "postOnly"],
      ["order.place", scene.order, "stop_prices"],
      ["order.cancel", { order_id: "ord_1" }, "reason"],
      ["order.amend", { order_id: "ord_1", price: 1 }, "side"],
      ["order.cancel_all", {}, "all"],
      ["order.status", { order_id: "ord_1" }, "verbose"],
      ["orders.open", {}, "symbols"],
      ["account.balances", {}, "currency"],
      ["account.positions", {}, "x"],
      ["ping", {}, "x"],
      ["time", {}, "x"],
    ];
    for (const [method, params, unknown] of requests) {
      const error = await bad.refusal(method, { ...params, [unknown]: true });
      expect([method, error]).toEqual([method, invalid(unknown)]);
    }
  });

  test("type and price must go together", async () => {
    const market = { symbol, side: "BUY", type: "MARKET", quantity: 1 };
    const wrong: [Members, string][] = [
      [{ ...market, price: 10 }, "price"],
      [{ ...scene.order, stop_price: 10 }, "stop_price"],
    ];
    for (const [params, field] of wrong) {
      const error = await bad.refusal("order.place", params);
      expect([params, error]).toEqual([params, invalid(field)]);
    }
  });

  test.each(["__proto__", "constructor", "toString", "prototype", "hasOwnProperty"])(
    "a member or method named %s is like any other unknown",
    async (name) => {
      const member = `{"id":1000001,"method":"ping","params":{"${name}":1}}`;
      bad.sendFrame(member);
      await bad.until(() => bad.strays.length > 0, "an answer");
      const [answer] = bad.strays.splice(0) as [Members];
      expect((answer.error as Members).code).toBeOneOf([40000, 40001]);
      expect((await bad.refusal(name)).code).toBe(40002);
      expect((await bad.refusal(`order.${name}`)).code).toBe(40002);
    },
  );

  test("methods that do not exist, or not here, get 40002", async () => {
    const here = [
      "order.plac",
      "Order.place",
      "",
      "order.place ",
      "subscribe",
      "book.snapshot",
      "symbols.list",
      "user_data.resume",
      "x".repeat(5_000),
    ];
    for (const method of here) {
      const error = await bad.refusal(method, {});
      expect([method.slice(0, 20), error.code]).toEqual([method.slice(0, 20), 40002]);
    }
    using reader = await venue.connect("/market-data", encoding, scene.attacker);
    for (const method of ["order.place", "orders.open", "account.balances"]) {
      expect([method, (await reader.refusal(method, {})).code]).toEqual([method, 40002]);
    }
    using events = await venue.connect("/user-data", encoding, scene.attacker);
    for (const method of ["order.place", "order.cancel_all", "order.batch", "subscribe"]) {
      expect([method, (await events.refusal(method, {})).code]).toEqual([method, 40002]);
    }
  });

  test("about symbols and orders that are not there", async () => {
    for (const name of [
      "SYMBOL_4095000",
      "SYMBOL_99999999999999999999",
      "SYMBOL_-1",
      "SYMBOL_01",
      "SYMBOL_1.5",
      "symbol_1",
      "SYMBOL_",
      "AAPL",
      "SYMBOL_0x1",
      " SYMBOL_1",
    ]) {
      const error = await bad.refusal("order.place", { ...scene.order, symbol: name });
      expect([name, error.code]).toEqual([name, 40003]);
      for (const method of ["order.cancel_all", "orders.open"]) {
        const asked = await bad.refusal(method, { symbol: name });
        expect([method, name, asked.code]).toEqual([method, name, 40003]);
      }
    }
    for (const id of [
      "ord_0",
      "ord_-1",
      "ord_01",
      "ord_1e3",
      "ord_",
      "1",
      "order",
      "ord_99999999999999999999",
      "ord_9007199254740991",
      "ord_1.5",
      "ORD_1",
    ]) {
      for (const method of ["order.cancel", "order.status"]) {
        const { code } = await bad.refusal(method, { order_id: id });
        expect([method, id, code]).toEqual([method, id, code === 40001 ? 40001 : 40004]);
      }
    }
  });

  test("about another's account gets 40301", async () => {
    for (const account_id of [
      scene.victim.account_id,
      "acc_0",
      "acc_999999",
      "acc_x",
      "acc_01",
      "",
    ]) {
      const { code } = await bad.refusal("order.place", { ...scene.order, account_id });
      expect([account_id, code]).toEqual([account_id, account_id === "" ? 40001 : 40301]);
    }
    const own = await bad.result("order.place", {
      ...scene.order,
      account_id: scene.attacker.account_id,
    });
    await bad.result("order.cancel", { order_id: own.order_id });
  });

  test("about another's order finds nothing and moves nothing", async () => {
    const placed = await scene.bystander.result("order.place", {
      ...scene.order,
      client_order_id: `v-${encoding}`,
    });
    for (const which of [{ order_id: placed.order_id }, { client_order_id: `v-${encoding}` }]) {
      expect(await bad.refusal("order.cancel", which)).toEqual(bare(40004));
      expect(await bad.refusal("order.status", which)).toEqual(bare(40004));
      expect(await bad.refusal("order.amend", { ...which, quantity: 1 })).toEqual(bare(40004));
    }
    expect(await bad.result("order.cancel_all")).toEqual({ cancelled: 0 });
    expect(
      await scene.bystander.result("order.cancel", { order_id: placed.order_id }),
    ).toMatchObject({
      status: "CANCELLED",
    });
    const cancelled = () =>
      scene.watcher.of("user_data").some(({ status }) => status === "CANCELLED");
    await scene.watcher.until(cancelled, "the cancellation");
    const { available } = (await scene.bystander.result("account.balances")).cash as Members;
    const released = () =>
      scene.watcher
        .of("user_data")
        .some(({ event, available: told }) => event === "balance" && told === available);
    await scene.watcher.until(released, "the released cash");
    scene.watcher.pushes.length = 0;
  });
});
