import { beforeAll, describe, expect, test } from "bun:test";
import { ANY_NUMBER, expectConsecutive } from "./expectations.ts";
import { TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

const COUNT = 2_000;

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.warm();
});

describe.each(ENCODINGS)("%s requests sent without waiting", (encoding) => {
  test("are each answered once, and have time priority in the order in which they were sent", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    const { user } = ann;
    await venue.server.ask("POST", `/accounts/${user.account_id}/deposit`, { cash: 1_000_000 });
    await venue.server.ask("POST", `/accounts/${bob.user.account_id}/deposit`, {
      positions: { [symbol]: COUNT },
    });
    const bid = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
    const answers = await Promise.all(
      Array.from({ length: COUNT }, (_, n) =>
        ann.orders.ask({
          id: `q-${n}`,
          method: "order.place",
          params: { ...bid, client_order_id: `c-${n}` },
        }),
      ),
    );
    expect(answers.map(({ id, result }) => [id, result?.client_order_id])).toEqual(
      answers.map((_, n) => [`q-${n}`, `c-${n}`]),
    );
    expect(new Set(answers.map(({ result }) => result?.order_id)).size).toBe(COUNT);

    await bob.place("SELL", 10, COUNT);
    const fills = () =>
      ann.events.of("user_data").filter(({ last_fill }) => last_fill !== undefined);
    await ann.events.until(() => fills().length >= COUNT, "every fill");
    expect(fills().map(({ client_order_id }) => client_order_id)).toEqual(
      answers.map((_, n) => `c-${n}`),
    );
    expectConsecutive(fills().map(({ last_fill }) => (last_fill as Members).trade_id));
    expectConsecutive(ann.events.of("user_data").map(({ seq }) => seq));
    await ann.orders.result("ping");
    expect([ann.orders.strays, bob.orders.strays, ann.events.strays]).toEqual([[], [], []]);
  });

  test("of every kind are each answered once, those of a kind in order", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const asked: [string, Members, (result: Members | undefined, code?: number) => boolean][] = [];
    for (let n = 0; n < COUNT / 5; n++) {
      const which = { client_order_id: `mix-${n}` };
      const bid = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 2, ...which };
      asked.push(
        ["order.place", bid, (result) => result?.status === "ACCEPTED"],
        ["order.amend", { ...which, quantity: 1 }, (result) => result?.quantity === 1],
        ["order.place", { ...bid, price: -1 }, (_, code) => code === 40001],
        ["order.status", which, (result) => result?.client_order_id === `mix-${n}`],
        ["order.cancel", which, (result) => result?.status === "CANCELLED"],
      );
    }
    const answers = await Promise.all(
      asked.map(([method, params], id) => ann.orders.ask({ id, method, params })),
    );
    const wrong = answers.filter(({ result, error }, n) => !asked[n]?.[2](result, error?.code));
    expect(wrong).toEqual([]);
    expect(ann.orders.strays).toEqual([]);
    expect(await ann.orders.result("orders.open")).toEqual({ orders: [], seq: ANY_NUMBER });
  });

  test("from four connections of one account keep every invariant", async () => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann } = pair;
    const clients = await Promise.all(
      Array.from({ length: 4 }, () => venue.connect("/orders", encoding, ann.user)),
    );
    const bid = { symbol, side: "BUY", type: "LIMIT", price: 1_000, quantity: 1 };
    // The cash pays for exactly a thousand of the sixteen hundred.
    const answers = await Promise.all(
      clients.flatMap((client) =>
        Array.from({ length: 400 }, () => client.request("order.place", bid)),
      ),
    );
    const codes = answers.map(({ result, error }) => result?.status ?? error?.code);
    expect(codes.filter((code) => code === "ACCEPTED")).toBeArrayOfSize(1_000);
    expect(codes.filter((code) => code === 40906)).toBeArrayOfSize(600);
    const { cash } = await ann.orders.result("account.balances");
    expect(cash).toEqual({ available: 0, reserved: 1_000_000, total: 1_000_000 });
    expect(await ann.orders.result("order.cancel_all")).toEqual({ cancelled: 1_000 });
    for (const client of clients) client[Symbol.dispose]();
  });
});
