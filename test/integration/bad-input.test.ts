import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { encode } from "@msgpack/msgpack";
import { bare, detailed, invalid, resting } from "./expectations.ts";
import { RawConnection } from "./raw-connection.ts";
import { type User, Venue } from "./venue.ts";
import { ENCODINGS, type Members, type WireClient } from "./wire-client.ts";

const MIB = 1024 * 1024;

let venue: Venue;
let symbol: string;
let victim: User;
let attacker: User;

beforeAll(async () => {
  venue = await Venue.open();
  symbol = venue.symbol();
  victim = await venue.user({ cash: 1_000_000 });
});
afterAll(() => venue[Symbol.asyncDispose]());

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);

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

describe.each(ENCODINGS)("bad input in %s", (encoding) => {
  let bystander: WireClient;
  let watcher: WireClient;
  let bad: WireClient;

  beforeEach(async () => {
    attacker = await venue.user({ cash: 1_000_000 });
    bystander = await venue.connect("/orders", encoding, victim);
    watcher = await venue.connect("/user-data", encoding, victim);
    bad = await venue.connect("/orders", encoding, attacker);
  });

  /** Whatever a test sent, nobody else noticed, and the connection that sent it still trades. */
  afterEach(async () => {
    const own = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
    const frames = bystander.frames[encoding];
    const placed = await bystander.result("order.place", own);
    expect(placed).toEqual(resting(own));
    expect(bystander.frames[encoding]).toBe(frames + 1);
    await bystander.result("order.cancel", { order_id: placed.order_id });
    await watcher.until(() => watcher.of("user_data").length >= 4, "the bystander's events");
    const strange = watcher
      .of("user_data")
      .filter(({ event, order_id }) => event === "order" && order_id !== placed.order_id);
    expect([strange, bystander.strays, watcher.strays]).toEqual([[], [], []]);
    if (bad.isOpen) {
      const order = await bad.result("order.place", own);
      await bad.result("order.cancel", { order_id: order.order_id });
      expect(await bad.result("orders.open")).toEqual({ orders: [] });
      expect((await bad.result("account.balances")).cash).toEqual({
        available: 1_000_000,
        reserved: 0,
        total: 1_000_000,
      });
    }
    for (const client of [bystander, watcher, bad]) client[Symbol.dispose]();
  });

  const order = () => ({ symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 });

  test("that is no message gets 40000", async () => {
    const texts = [
      "",
      " ",
      "{",
      "[",
      "nul",
      "{'a':1}",
      '{"id":1,}',
      "\u0000",
      '{"id":1}x',
      "\ufeff{}x",
    ];
    const values = ["[]", "null", "1", '"ping"', "true", '[{"id":1,"method":"ping","params":{}}]'];
    for (const frame of [...texts, ...values]) {
      const answer = await bad.answerTo(frame);
      expect([frame, answer.error?.code]).toEqual([frame, 40000]);
      expect(Object.keys(answer)).toEqual(["error"]);
    }
  });

  test("that is no MessagePack gets 40000", async () => {
    const whole = encode({ id: 1, method: "ping", params: {} });
    const placing = encode({ id: 1, method: "order.place", params: order() });
    const frames = [
      bytes(),
      bytes(0xc1),
      bytes(0xc0),
      bytes(0x01),
      bytes(0x90),
      bytes(0xa4, 0x70, 0x69, 0x6e, 0x67),
      bytes(0xdf, 0xff, 0xff, 0xff, 0xff),
      bytes(0xdd, 0xff, 0xff, 0xff, 0xff),
      bytes(0xdb, 0xff, 0xff, 0xff, 0xff, 0x41),
      bytes(0xc6, 0x7f, 0xff, 0xff, 0xff),
      bytes(0x81, 0xa2, 0x69, 0x64),
      bytes(0x81, 0x01, 0x02),
      bytes(...whole, 0xc0),
      bytes(...whole, ...whole),
      bytes(0x82, 0xa2, 0x69, 0x64, 0x01, 0xa6, 0x6d, 0x65, 0x74, 0x68, 0x6f, 0x64, 0xa1, 0xff),
      ...Array.from(placing.keys(), (length) => placing.slice(0, length)),
    ];
    for (const frame of frames) {
      const answer = await bad.answerTo(frame);
      const hex = Buffer.from(frame).toString("hex");
      expect([hex, answer]).toEqual([hex, { error: expect.objectContaining({ code: 40000 }) }]);
    }
  });

  test("of random bytes is answered, each frame once", async () => {
    let state = 0x2545f491;
    const random = (): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return state >>> 0;
    };
    const frames = 500;
    for (let frame = 0; frame < frames; frame++) {
      // No leading map, so that no frame is a whole message that asks for no answer.
      const tail = Array.from({ length: random() % 200 }, () => random() & 0xff);
      bad.sendFrame(bytes(0x90 | (random() & 0x3f), ...tail));
    }
    await bad.result("ping");
    await bad.until(() => bad.strays.length >= frames, "an answer to each");
    expect(new Set(bad.strays.map((stray) => JSON.stringify(stray))).size).toBeLessThan(20);
    expect(bad.strays.filter((stray) => (stray as Members).result !== undefined)).toEqual([]);
    expect(bad.strays).toBeArrayOfSize(frames);
    bad.strays.length = 0;
  });

  test("with a bad id or envelope gets 40001 or 40000, and no id of its own making", async () => {
    const ids = [-1, 1.5, 2 ** 53, "x".repeat(65), null, true, {}, [1]];
    for (const id of ids) {
      bad.send({ id, method: "ping", params: {} });
      await bad.until(() => bad.strays.length > 0, `an answer to id ${JSON.stringify(id)}`);
      const [answer] = bad.strays.splice(0);
      expect([id, answer]).toEqual([id, { error: expect.objectContaining({ code: 40001 }) }]);
    }
    const envelopes: Members[] = [
      { id: 101 },
      { id: 102, method: 7, params: {} },
      { id: 103, method: null },
      { id: 104, method: "ping", params: [] },
      { id: 105, method: "ping", params: null },
      { id: 106, method: "ping", params: "x" },
      { id: 107, method: "ping", params: {}, jsonrpc: "2.0" },
      { id: 108, method: "ping", parms: {} },
    ];
    for (const envelope of envelopes) {
      const answer = await bad.ask(envelope as Members & { id: number });
      expect(answer).toEqual({ id: Number(envelope.id), error: answer.error ?? bare(40001) });
      expect([envelope, answer.error?.code]).toEqual([envelope, 40001]);
    }
  });

  test("ids of every allowed kind come back as they were", async () => {
    for (const id of [
      0,
      1,
      2 ** 32,
      Number.MAX_SAFE_INTEGER,
      "",
      "a",
      "x".repeat(64),
      'q"\\\n',
      "ü🏈",
      "1",
    ]) {
      expect((await bad.ask({ id, method: "ping", params: {} })).id).toBe(id);
      const params = { ...order(), quantity: -1 };
      expect((await bad.ask({ id, method: "order.place", params })).id).toBe(id);
      const placed = await bad.ask({ id, method: "order.place", params: order() });
      expect([placed.id, placed.result?.status]).toEqual([id, "ACCEPTED"]);
      const { order_id } = placed.result ?? {};
      expect((await bad.ask({ id, method: "order.cancel", params: { order_id } })).id).toBe(id);
    }
  });

  test("a request without an id is carried out and answered without one", async () => {
    bad.send({ method: "order.place", params: order() });
    bad.send({ method: "order.place", params: { ...order(), quantity: -1 } });
    await bad.until(() => bad.strays.length === 2, "two answers");
    const answers = bad.strays.splice(0);
    expect(answers).toContainEqual({ result: resting(order()) });
    expect(answers).toContainEqual({ error: invalid("quantity") });
    expect(await bad.result("order.cancel_all")).toEqual({ cancelled: 1 });
  });

  test.each(["price", "quantity"])("for %s gets 40001 that names it", async (field) => {
    for (const value of NO_AMOUNTS) {
      const error = await bad.refusal("order.place", { ...order(), [field]: value });
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
      const params = JSON.stringify({ ...order(), price: "P" }).replace('"P"', literal);
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
    ["time_in_force", ["gtc", "GTD", "", 1, null]],
    ["post_only", ["true", 1, 0, null, {}]],
    ["symbol", [1, null, "", "x".repeat(33), ["SYMBOL_1"], {}]],
    ["self_trade_prevention", ["none", "", 1, null, "CANCEL"]],
    ["account_id", [1, null, {}, "x".repeat(65)]],
  ] as [string, unknown[]][])("for %s gets 40001 that names it", async (field, values) => {
    for (const value of values) {
      const error = await bad.refusal("order.place", { ...order(), [field]: value });
      expect([value, error]).toEqual([value, invalid(field)]);
    }
  });

  test("that lacks something gets 40001 that names it", async () => {
    for (const field of ["symbol", "side", "type", "price", "quantity"]) {
      const params = Object.fromEntries(Object.entries(order()).filter(([name]) => name !== field));
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
      ...order(),
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
    const requests: [string, Members][] = [
      ["order.place", { ...order(), postOnly: true }],
      ["order.place", { ...order(), stop_prices: 1 }],
      ["order.cancel", { order_id: "ord_1", reason: "x" }],
      ["order.amend", { order_id: "ord_1", price: 1, side: "BUY" }],
      ["order.cancel_all", { all: true }],
      ["order.status", { order_id: "ord_1", verbose: true }],
      ["orders.open", { symbols: [] }],
      ["account.balances", { currency: "USD" }],
      ["account.positions", { symbol: "SYMBOL_1", x: 1 }],
      ["ping", { x: 1 }],
      ["time", { x: 1 }],
    ];
    for (const [method, params] of requests) {
      const { error } = await bad.request(method, params);
      expect([method, error]).toEqual([
        method,
        invalid(
          Object.keys(params).at(-1) === "x"
            ? String(error?.details?.field)
            : (Object.keys(params).at(-1) ?? ""),
        ),
      ]);
    }
  });

  test("type and price must go together", async () => {
    const market = { symbol, side: "BUY", type: "MARKET", quantity: 1 };
    const wrong: [Members, string][] = [
      [{ ...market, price: 10 }, "price"],
      [{ ...market, time_in_force: "GTC" }, "time_in_force"],
      [{ ...market, post_only: true }, "post_only"],
      [{ ...order(), stop_price: 10 }, "stop_price"],
      [{ ...order(), post_only: true, time_in_force: "IOC" }, "post_only"],
      [{ ...order(), post_only: true, time_in_force: "FOK" }, "post_only"],
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
    using reader = await venue.connect("/market-data", encoding, attacker);
    for (const method of ["order.place", "orders.open", "account.balances"]) {
      expect([method, (await reader.refusal(method, {})).code]).toEqual([method, 40002]);
    }
    using events = await venue.connect("/user-data", encoding, attacker);
    for (const method of ["order.place", "order.cancel_all", "orders.open", "subscribe"]) {
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
      const error = await bad.refusal("order.place", { ...order(), symbol: name });
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
    for (const account_id of [victim.account_id, "acc_0", "acc_999999", "acc_x", "acc_01", ""]) {
      const { code } = await bad.refusal("order.place", { ...order(), account_id });
      expect([account_id, code]).toEqual([account_id, account_id === "" ? 40001 : 40301]);
    }
    const own = await bad.result("order.place", { ...order(), account_id: attacker.account_id });
    await bad.result("order.cancel", { order_id: own.order_id });
  });

  test("about another's order finds nothing and moves nothing", async () => {
    const placed = await bystander.result("order.place", {
      ...order(),
      client_order_id: `v-${encoding}`,
    });
    for (const which of [{ order_id: placed.order_id }, { client_order_id: `v-${encoding}` }]) {
      expect(await bad.refusal("order.cancel", which)).toEqual(bare(40004));
      expect(await bad.refusal("order.status", which)).toEqual(bare(40004));
      expect(await bad.refusal("order.amend", { ...which, quantity: 1 })).toEqual(bare(40004));
    }
    expect(await bad.result("order.cancel_all")).toEqual({ cancelled: 0 });
    expect(await bystander.result("order.cancel", { order_id: placed.order_id })).toMatchObject({
      status: "CANCELLED",
    });
    const cancelled = () => watcher.of("user_data").some(({ status }) => status === "CANCELLED");
    await watcher.until(cancelled, "the cancellation");
    const { available } = (await bystander.result("account.balances")).cash as Members;
    const released = () =>
      watcher
        .of("user_data")
        .some(
          ({ event, cash }) => event === "balance" && (cash as Members).available === available,
        );
    await watcher.until(released, "the released cash");
    watcher.pushes.length = 0;
  });

  test("deeper than anything needs is refused", async () => {
    for (const depth of [17, 100, 10_000, 100_000]) {
      const json = `{"id":1,"method":"ping","params":${"[".repeat(depth)}${"]".repeat(depth)}}`;
      bad.sendFrame(json);
      await bad.until(() => bad.strays.length > 0, `an answer to depth ${depth}`);
      const [text] = bad.strays.splice(0) as [Members];
      expect((text.error as Members).code).toBeOneOf([40000, 40001]);
      const head = encode({ id: 1, method: "ping", params: null }).slice(0, -1);
      bad.sendFrame(bytes(...head, ...new Uint8Array(depth).fill(0x91), 0xc0));
      await bad.until(() => bad.strays.length > 0, `an answer to depth ${depth}`);
      const [packed] = bad.strays.splice(0) as [Members];
      expect((packed.error as Members).code).toBeOneOf([40000, 40001]);
    }
  });

  test("of half a megabyte, in one string or many members, is refused in good time", async () => {
    const long = "x".repeat(MIB / 2);
    const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`m${n}`, n]));
    const started = bad.responses.length;
    for (const params of [
      { symbol: long },
      { ...order(), client_order_id: long },
      { ...order(), ...many },
      { [long]: 1 },
    ]) {
      const error = await bad.refusal("order.place", params);
      expect(error.code).toBe(40001);
      expect(JSON.stringify(error).length).toBeLessThan(10_000);
    }
    expect(bad.responses.length).toBe(started + 4);
  });

  test("of 17 MB closes the connection with 1009, whatever it holds", async () => {
    for (const fill of [" ", "x"]) {
      using big = await venue.connect("/orders", encoding, attacker);
      const text = fill.repeat(17_000_000);
      big.sendFrame(encoding === "json" ? text : new Uint8Array(17_000_000));
      expect((await big.closed).code).toBe(1009);
    }
  });

  test("over the frame limit is 1009 too, and a frame at the limit is not", async () => {
    const message = JSON.stringify({ id: 1, method: "ping", params: {} });
    expect((await bad.ask({ id: "at", method: "ping", params: {} })).id).toBe("at");
    bad.sendFrame(message + " ".repeat(MIB - message.length));
    await bad.until(() => bad.strays.length > 0, "an answer to a whole MiB");
    expect(bad.strays.splice(0)).toEqual([{ id: 1, result: { timestamp: expect.any(Number) } }]);
    using over = await venue.connect("/orders", encoding, attacker);
    over.sendFrame(message + " ".repeat(MIB - message.length + 1));
    expect((await over.closed).code).toBe(1009);
  });
});

describe("what breaks the WebSocket protocol closes that connection alone", () => {
  async function closeCodeAfter(send: (connection: RawConnection) => void) {
    using connection = await RawConnection.open(venue.server.port);
    expect((await connection.upgrade("/orders")).status).toBe(101);
    using bystander = await venue.connect("/orders", "json", victim);
    send(connection);
    const code = await connection.closeCode();
    expect((await bystander.result("ping")).timestamp).toBeNumber();
    return code;
  }

  test("a reserved opcode", async () => {
    const code = await closeCodeAfter((connection) => connection.sendFrame(0x83, bytes(1)));
    expect(code).toBeOneOf([1002, undefined]);
  });

  test("an unmasked frame", async () => {
    const code = await closeCodeAfter((connection) => {
      connection.socket.write(bytes(0x81, 0x02, 0x7b, 0x7d));
    });
    expect(code).toBeOneOf([1002, undefined]);
  });

  test("text that is not UTF-8", async () => {
    const code = await closeCodeAfter((connection) =>
      connection.sendFrame(0x81, bytes(0xff, 0xfe)),
    );
    expect(code).toBeOneOf([1007, 1002, 1003, undefined]);
  });

  test("a continuation of nothing", async () => {
    const code = await closeCodeAfter((connection) => connection.sendFrame(0x80, bytes(1)));
    expect(code).toBeOneOf([1002, undefined]);
  });

  test("a peer that hangs up in the middle of a frame", async () => {
    using connection = await RawConnection.open(venue.server.port);
    await connection.upgrade("/orders");
    connection.socket.write(bytes(0x81, 0xfe, 0x40));
    connection.socket.destroy();
    using bystander = await venue.connect("/orders", "json", victim);
    expect((await bystander.result("ping")).timestamp).toBeNumber();
  });

  test("one message in many fragments is one message", async () => {
    using connection = await RawConnection.open(venue.server.port);
    await connection.upgrade("/orders");
    const text = Buffer.from('{"id":1,"method":"ping","params":{}}');
    connection.sendFrame(0x01, text.subarray(0, 5));
    for (let at = 5; at < text.length; at++) connection.sendFrame(0x00, text.subarray(at, at + 1));
    connection.sendFrame(0x80, bytes());
    connection.sendFrame(0x88, bytes(0x03, 0xe8));
    expect(await connection.closeCode()).toBe(1000);
  });
});
