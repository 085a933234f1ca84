import { beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "../lib/eventually.ts";
import { metricsOf } from "./metric.ts";
import { TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.warm();
});

describe.each(ENCODINGS)("a connection that ends, in %s,", (encoding) => {
  test("leaves its orders in the book, each once and in order, and no reservation astray", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    for (let round = 0; round < 5; round++) {
      const client = await venue.connect("/orders", encoding, ann.user);
      for (let n = 0; n < 100; n++) {
        const client_order_id = `r${round}-${n}`;
        const order = {
          symbol,
          side: "BUY",
          type: "LIMIT",
          price: 10,
          quantity: 1,
          client_order_id,
        };
        client.send({ id: n, method: "order.place", params: order });
      }
      client.send({ id: "last", method: "ping", params: {} });
      if (round % 2 === 0) await client.close();
      client[Symbol.dispose]();
    }
    let before = -1;
    let open: Members[] = [];
    while (open.length !== before) {
      before = open.length;
      open = (await ann.orders.result("orders.open")).orders as Members[];
    }
    const ids = open.map(({ client_order_id }) => String(client_order_id));
    for (let round = 0; round < 5; round++) {
      const of = ids.filter((id) => id.startsWith(`r${round}-`));
      // Newest first.
      expect(of.toReversed()).toEqual(of.map((_, n) => `r${round}-${n}`));
    }
    const { cash } = await ann.orders.result("account.balances");
    expect(cash).toMatchObject({ reserved: open.length * 10 });
  });

  test("is forgotten: hundreds of them leave nothing behind", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const count = async () => {
      const lines = (await metricsOf(venue.server.url))
        .split("\n")
        .filter((line) => line.startsWith("waiver_connections{"));
      return lines.reduce((sum, line) => sum + Number(line.split(" ")[1]), 0);
    };
    const before = await count();
    for (let round = 0; round < 10; round++) {
      const clients = await Promise.all(
        Array.from({ length: 30 }, async (_, n) => {
          if (n % 3 === 0) return venue.connect("/orders", encoding, ann.user);
          if (n % 3 === 1) return venue.connect("/user-data", encoding, ann.user);
          const reader = await venue.open("/market-data", encoding);
          await reader.result("subscribe", { channels: ["book", "trades"], symbols: [symbol] });
          return reader;
        }),
      );
      const { order_id } = await ann.place("BUY", 10, 1);
      await ann.orders.result("order.cancel", { order_id });
      for (const client of clients) client[Symbol.dispose]();
    }
    await eventually(async () => {
      expect((await ann.orders.result("ping")).timestamp).toBeNumber();
      return (await count()) <= before;
    });
    expect(await count()).toBe(before);
  });
});
