import { beforeAll, describe, expect, test } from "bun:test";
import { encode } from "@msgpack/msgpack";
import { invalid, resting } from "./expectations.ts";
import { SeededRandom } from "./load-generator.ts";
import { encodeInSomeForm } from "./message-pack-forms.ts";
import { CASH, TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import type { Members, Response } from "./wire-client.ts";

const SEED = Number(Bun.env.WAIVER_FORMS_SEED ?? Date.now() % 2 ** 31);

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.warm();
});

describe(`any valid MessagePack of a message is that message (WAIVER_FORMS_SEED=${SEED})`, () => {
  test("when it logs in, places, amends, asks and cancels", async () => {
    const random = new SeededRandom(SEED);
    using pair = await TwoTraders.meet(venue, "msgpack", "json");
    const { symbol, ann } = pair;
    const { api_key, api_secret } = ann.user;
    let serial = 0;
    const ask = async (method: string, params: Members): Promise<Response> => {
      const id = random.below(2) === 0 ? `form-${serial++}` : 1_000_000 + serial++;
      const frame = encodeInSomeForm({ id, method, params }, random);
      const hex = Buffer.from(frame).toString("hex");
      const { promise, resolve } = Promise.withResolvers<Response>();
      ann.orders.sendFrame(frame);
      const found = () =>
        ann.orders.strays.some((stray) => {
          const response = stray as Response;
          if (response.id === id) resolve(response);
          return response.id === id;
        });
      await ann.orders.until(found, `an answer to ${hex}`);
      ann.orders.strays.length = 0;
      return promise;
    };

    for (let round = 0; round < 150; round++) {
      const client_order_id = `form-${round}`;
      const options: Members[] = [
        {},
        { post_only: true },
        { time_in_force: "GTC" },
        { self_trade_prevention: "NONE", post_only: false },
        { account_id: ann.user.account_id },
      ];
      const price = 1 + random.below(5_000);
      const quantity = 1 + random.below(20);
      const order = { symbol, side: "BUY", type: "LIMIT", price, quantity, client_order_id };
      const option = options[random.below(options.length)] ?? {};
      const placed = option.post_only === true ? { ...order, post_only: true } : order;
      expect((await ask("order.place", { ...order, ...option })).result).toEqual(resting(placed));
      const amended = await ask("order.amend", { client_order_id, quantity: quantity + 1 });
      expect(amended.result).toEqual(resting({ ...placed, quantity: quantity + 1 }));
      const { order_id } = amended.result ?? {};
      expect((await ask("order.status", { order_id })).result).toEqual(amended.result);
      const cancelled = await ask("order.cancel", { order_id });
      expect(cancelled.result).toEqual(
        resting({ ...placed, quantity: quantity + 1, status: "CANCELLED", reason: "USER" }),
      );
      if (round % 10 === 0) {
        const login = await ask("auth.login", { api_key, api_secret });
        expect(login.result?.authenticated).toBe(true);
        const wrong = await ask("order.place", { ...order, price: 3_000_000_000 });
        expect(wrong.error).toEqual(invalid("price"));
      }
    }
    const { cash } = await ann.orders.result("account.balances");
    expect(cash).toEqual({ available: CASH, reserved: 0, total: CASH });
  });

  test("`nil` for an optional member leaves it out, and a fraction is not a price", async () => {
    using pair = await TwoTraders.meet(venue, "msgpack", "json");
    const { symbol, ann } = pair;
    const order = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
    for (const price of [10.5, Number.NaN, Number.POSITIVE_INFINITY, -0.1]) {
      expect(await ann.orders.refusal("order.place", { ...order, price })).toEqual(
        invalid("price"),
      );
    }
    const nil = { ...order, client_order_id: null };
    expect(await ann.orders.result("order.place", nil)).toEqual(resting(order));
    const wide = encode(
      { id: 1, method: "order.place", params: { ...order, price: 2n ** 63n } },
      { useBigInt64: true },
    );
    expect((await answer(ann.orders, wide)).error?.code).toBeOneOf([40000, 40001]);
  });

  test("a member that is given twice counts once, as the last one, or is refused", async () => {
    using pair = await TwoTraders.meet(venue, "msgpack", "json");
    const { symbol, ann } = pair;
    const text = JSON.stringify({
      id: 77,
      method: "order.place",
      params: { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 },
    });
    ann.orders.sendFrame(text.replace('"quantity":1', '"quantity":1,"quantity":2'));
    await ann.orders.until(() => ann.orders.strays.length > 0, "an answer");
    const [response] = ann.orders.strays.splice(0) as [Response];
    // JSON leaves open what a repeated member means: refused or the last one, never both.
    expect(response.result?.quantity ?? response.error?.code).toBeOneOf([2, 40000, 40001]);
    const { orders } = await ann.orders.result("orders.open");
    expect((orders as Members[]).length).toBe(response.result === undefined ? 0 : 1);
  });
});

async function answer(
  client: TwoTraders["ann"]["orders"],
  frame: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  client.sendFrame(frame);
  await client.until(() => client.strays.length > 0, "an answer");
  return client.strays.splice(0)[0] as Response;
}

test("any valid JSON form of a message is accepted", async () => {
  using pair = await TwoTraders.meet(venue, "json", "json");
  const { symbol, ann } = pair;
  const forms = [
    ` \n\t{ "params" : {"quantity":1 , "price":10,"type":"LIMIT","side":"BUY","symbol":"${symbol}"}\r\n, "method":"order.place" , "id":901 } `,
    `{"id":902,"method":"\\u006frder.place","params":{"\\u0073ymbol":"${symbol}","side":"\\u0042UY","type":"LIMIT","price":10,"quantity":1}}`,
    `{"method":"order.place","params":{"symbol":"${symbol}","side":"BUY","type":"LIMIT","price":10.0,"quantity":1e0},"id":903}`,
  ];
  const order = { symbol, side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
  for (const [index, form] of forms.entries()) {
    ann.orders.sendFrame(form);
    await ann.orders.until(() => ann.orders.strays.length > 0, form);
    expect(ann.orders.strays.splice(0)).toEqual([{ id: 901 + index, result: resting(order) }]);
  }
});
