import { describe, expect, test } from "bun:test";
import { openGateway } from "../rig.ts";

describe("a frame that is no request", () => {
  test("is answered, and the connection goes on", async () => {
    await using rig = await openGateway();
    const { session, ...socket } = rig.connect("orders");
    for (const text of [
      "",
      "{",
      "null",
      "[]",
      "1",
      '"x"',
      '{"id":1}',
      '{"id":-1,"method":"ping"}',
    ]) {
      rig.dispatcher.onText(session, text);
    }
    for (const bytes of [[], [0xc1], [0x81], [0xc0], [0x90], [0x81, 0xa2, 0x69, 0x64, 0x05]]) {
      rig.dispatcher.onBinary(session, new Uint8Array(bytes));
    }
    rig.dispatcher.onText(session, '{"id":9,"method":"ping"}');
    const codes = socket.received.map(({ binary, message }) => {
      const { id, error } = message as { id?: number; error?: { code: number } };
      return [binary, id, error?.code];
    });
    const malformed = 40000;
    const invalid = 40001;
    expect(codes).toEqual([
      ...[1, 2, 3, 4, 5, 6].map(() => [false, undefined, malformed]),
      [false, 1, invalid],
      [false, undefined, invalid],
      ...[1, 2, 3, 4, 5].map(() => [true, undefined, malformed]),
      [true, 5, invalid],
      [false, 9, undefined],
    ]);
    expect(rig.bugs).toEqual([]);
  });
});

test("a frame that is no message is told what is wrong with it", async () => {
  await using rig = await openGateway();
  const told = async (frame: string | number[]) => {
    const socket = rig.connect("orders", typeof frame === "string" ? "json" : "msgpack");
    if (typeof frame === "string") rig.dispatcher.onText(socket.session, frame);
    else rig.dispatcher.onBinary(socket.session, new Uint8Array(frame));
    const [{ error }] = socket.take() as [{ error: { code: number; details: object } }];
    return [error.code, error.details];
  };
  const is = (issue: string) => [40000, { field: "message", issue }];
  expect(await told("{")).toEqual(is("JSON Parse error: Expected '}'"));
  expect(await told("[]")).toEqual(is("A message must be an object"));
  expect(await told([0xc1])).toEqual(is("a type that no message has"));
  expect(await told([0x81, 0xa1])).toEqual(is("the message is cut off"));
  expect(await told([0xc0])).toEqual(is("A message must be an object"));
  // What it repeats of the frame is cut.
  const [, long] = await told(`{"id":${"x".repeat(5000)}}`);
  expect(JSON.stringify(long).length).toBeLessThan(250);
});

test("a method is served where it belongs, and unknown elsewhere", async () => {
  await using rig = await openGateway();
  const details = { method: "order.place", endpoints: ["orders"] };
  const unknown = { code: 40002, message: "Unknown method" };
  const ask = (endpoint: "orders" | "market-data", method: string) =>
    rig.ask(rig.connect(endpoint), { method, params: {} });
  expect(await ask("market-data", "order.place")).toEqual({ error: { ...unknown, details } });
  for (const method of ["order.destroy", "toString", "__proto__", ""]) {
    expect(await ask("orders", method)).toEqual({ error: { ...unknown, details: { method } } });
  }
  expect(await ask("orders", "time")).toEqual({ result: { timestamp: 1000 } });
});

test("the shape of a request is looked at before who sent it", async () => {
  await using rig = await openGateway();
  const params = { symbol: "SYMBOL_0", side: "BUY", type: "LIMIT", quantity: 1, price: 0.5, x: 1 };
  for (const encoding of ["json", "msgpack"] as const) {
    const socket = rig.connect("orders", encoding);
    expect(await rig.ask(socket, { id: 1, method: "order.place", params })).toEqual({
      id: 1,
      error: {
        code: 40001,
        message: "Invalid order parameters",
        details: {
          field: "x",
          issue: "Unknown parameter",
          issues: [
            { field: "x", issue: "Unknown parameter" },
            { field: "price", issue: "Price must be positive integer", got: "0.5" },
          ],
        },
      },
    });
  }
});

test("a handler that throws is answered with 50000, and told to whoever looks after it", async () => {
  await using rig = await openGateway();
  const socket = rig.connect("orders");
  const { serve } = rig.service;
  rig.service.serve = () => {
    throw new Error("a bug");
  };
  for (const encoding of ["json", "msgpack"] as const) {
    expect(await rig.ask(socket, { id: 1, method: "time" }, encoding)).toEqual({
      id: 1,
      error: { code: 50000, message: "Internal error" },
    });
  }
  rig.service.serve = serve;
  expect(rig.bugs).toEqual(["Error: a bug", "Error: a bug"]);
  expect(await rig.ask(socket, { id: 2, method: "time" })).toEqual({
    id: 2,
    result: { timestamp: 1000 },
  });
});

test("an unknown method is repeated only in part", async () => {
  await using rig = await openGateway();
  const socket = rig.connect("orders");
  rig.send(socket, { id: 1, method: "x".repeat(50_000) });
  const details = { method: `${"x".repeat(64)}…` };
  expect(socket.take()).toEqual([
    { id: 1, error: { code: 40002, message: "Unknown method", details } },
  ]);
  // Half an emoji would be no text.
  const packed = rig.connect("orders", "msgpack");
  rig.send(packed, { id: 1, method: `${"x".repeat(63)}🏈 and more` });
  expect(packed.take()).toMatchObject([{ error: { details: { method: `${"x".repeat(63)}…` } } }]);
});

test("who does not read is not answered any more, but told so, until he reads", async () => {
  await using rig = await openGateway();
  const client = rig.connect("market-data");
  const ask = (id: number, method: string) =>
    rig.dispatcher.onText(client.session, JSON.stringify({ id, method }));
  const code = (message: unknown) =>
    (message as { error?: { code: number } }).error?.code ?? "result";
  client.unread = 2 ** 21;
  ask(1, "symbols.list");
  ask(2, "ping");
  client.unread = 0;
  ask(3, "symbols.list");
  expect(client.take().map(code)).toEqual([42902, 42902, "result"]);
});
