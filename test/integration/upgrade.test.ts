import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { bare, orderState } from "./expectations.ts";
import { RawConnection } from "./raw-connection.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Path, WireClient } from "./wire-client.ts";

const PATHS: readonly Path[] = ["/orders", "/market-data", "/user-data"];
const PROTOCOL = "Sec-WebSocket-Protocol";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

async function upgrade(target: string, headers: Record<string, string> = {}) {
  using connection = await RawConnection.open(venue.server.port);
  return await connection.upgrade(target, headers);
}

describe.each(PATHS)("an upgrade of %s", (path) => {
  test("without a subprotocol gets none", async () => {
    const { status, headers } = await upgrade(path);
    expect([status, headers.get(PROTOCOL.toLowerCase())]).toEqual([101, undefined]);
  });

  test.each([
    ["waiver.json", "waiver.json"],
    ["waiver.msgpack", "waiver.msgpack"],
    ["waiver.msgpack, waiver.json", "waiver.msgpack"],
    ["waiver.json, waiver.msgpack", "waiver.json"],
    ["other, waiver.msgpack,waiver.json", "waiver.msgpack"],
    ["graphql-ws,  waiver.json", "waiver.json"],
  ])("with %p is answered with %p", async (offered, chosen) => {
    const { status, headers } = await upgrade(path, { [PROTOCOL]: offered });
    expect([status, headers.get(PROTOCOL.toLowerCase())]).toEqual([101, chosen]);
  });

  test.each(["waiver.xml", "a, b", "WAIVER.JSON", "waiver.json2"])(
    "with nothing but %p is refused",
    async (offered) => {
      const { status, body } = await upgrade(path, { [PROTOCOL]: offered });
      expect(status).toBe(400);
      expect(JSON.parse(body)).toEqual(bare(40000));
    },
  );
});

describe("an upgrade from a page", () => {
  const config = '[gateway]\nallowed_origins = ["https://shop.example"]\n';

  test("of the exchange's own or an allowed origin passes, from another one it is 403", async () => {
    await using picky = await Venue.open({ config });
    const from = async (Host: string, Origin: string) => {
      using connection = await RawConnection.open(picky.server.port);
      return await connection.upgrade("/market-data", { Host, Origin });
    };
    for (const [host, origin] of [
      ["exchange.example:8080", "http://exchange.example:8080"],
      ["exchange.example", "https://exchange.example"],
      ["exchange.example:443", "https://exchange.example"],
      ["exchange.example", "https://shop.example"],
    ] as const) {
      expect([host, origin, (await from(host, origin)).status]).toEqual([host, origin, 101]);
    }
    for (const origin of ["https://evil.example", "http://shop.example", "null", "", "http://["]) {
      const { status, body } = await from("exchange.example", origin);
      expect([origin, status, JSON.parse(body)]).toEqual([origin, 403, bare(40300)]);
    }
  });
});

test("other paths are no endpoints", async () => {
  for (const path of ["/", "/order", "/orders/1", "/Orders", "/market_data"]) {
    expect([path, (await upgrade(path)).status]).not.toEqual([path, 101]);
  }
});

test("an endpoint asked for without an upgrade says what it wants", async () => {
  for (const path of PATHS) {
    const reply = await fetch(venue.server.url + path);
    expect([path, Math.floor(reply.status / 100)]).toEqual([path, 4]);
  }
});

describe.each(ENCODINGS)("a connection with pushes in %s", (encoding) => {
  const other = encoding === "json" ? "msgpack" : "json";

  test("negotiated in the query gets its pushes so", async () => {
    const search = encoding === "json" ? "" : "?encoding=msgpack";
    using client = await WireClient.openPlain(venue.server.url, "/market-data", search, encoding);
    expect(client.protocol).toBe("");
    const symbol = venue.symbol();
    await client.result("subscribe", { channels: ["book"], symbols: [symbol] });
    await client.until(() => client.pushes.length > 0, "the book");
    expect(client.frames).toEqual({ json: 0, msgpack: 0, [encoding]: 2 });
  });

  test(`answers ${other} requests in ${other} all the same`, async () => {
    const search = encoding === "json" ? "" : "?encoding=msgpack";
    using client = await WireClient.openPlain(venue.server.url, "/market-data", search, other);
    const symbol = venue.symbol();
    await client.result("subscribe", { channels: ["book"], symbols: [symbol] });
    await client.until(() => client.pushes.length > 0, "the book");
    expect(client.frames).toEqual({ json: 1, msgpack: 1 });
  });

  test(`places orders and acknowledges in ${other}`, async () => {
    const user = await venue.user({ cash: 10_000 });
    const search = encoding === "json" ? "" : "?encoding=msgpack";
    using client = await WireClient.openPlain(venue.server.url, "/orders", search, other);
    await client.login(user);
    const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
    expect(await client.request("order.place", order)).toEqual({
      id: 2,
      result: orderState({ ...order, filled_quantity: 0, status: "ACCEPTED" }),
    });
    expect(client.frames).toEqual({ json: 0, msgpack: 0, [other]: 2 });
  });
});

test("pushes of one topic reach subscribers of both encodings alike", async () => {
  const symbol = venue.symbol();
  const user = await venue.user({ cash: 10_000 });
  using json = await venue.open("/market-data", "json");
  using msgpack = await venue.open("/market-data", "msgpack");
  for (const client of [json, msgpack]) {
    await client.result("subscribe", { channels: ["book", "bbo"], symbols: [symbol] });
  }
  using trader = await venue.connect("/orders", "json", user);
  const order = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
  await trader.result("order.place", order);
  for (const client of [json, msgpack]) {
    await client.until(() => client.pushes.length >= 4, "the changed book");
  }
  expect(json.pushes).toEqual(msgpack.pushes);
});
