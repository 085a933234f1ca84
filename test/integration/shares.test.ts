/** What one account may hold of what all share: refused beyond it by name, raised by the operator, kept in the journal. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { detailed } from "./expectations.ts";
import { TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";

const CONFIG = `
[market]
max_account_orders = 4
max_account_pages = 2
max_account_positions = 1
`;

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open({ config: CONFIG });
});
afterAll(() => venue[Symbol.asyncDispose]());

const beyond = (limit: string) => detailed(40910, { limit });

test("an account's shares, and more of them by the operator's word, after kill -9 too", async () => {
  const pair = await TwoTraders.meet(venue, "json", "msgpack");
  const { symbol, ann, bob } = pair;
  const other = venue.symbol();
  const bid = (price: number, where = symbol) =>
    ({ symbol: where, side: "BUY", type: "LIMIT", price, quantity: 1 }) as const;
  const stop = { symbol, side: "BUY", type: "STOP", stop_price: 2000, quantity: 1 } as const;
  await ann.place("BUY", 1, 1);
  await ann.place("BUY", 300, 1);
  const pages = beyond("price ranges of an account");
  expect(await ann.orders.refusal("order.place", bid(600))).toEqual(pages);
  expect(await ann.orders.refusal("order.place", stop)).toEqual(pages);
  await ann.place("BUY", 2, 1);
  await ann.place("BUY", 301, 1);
  expect(await ann.orders.refusal("order.place", bid(3))).toEqual(
    beyond("open orders of an account"),
  );
  await bob.place("BUY", 600, 1);

  const user = await venue.user({ cash: 100_000 });
  using client = await venue.connect("/orders", "json", user);
  await client.result("order.place", { ...bid(1, other), time_in_force: "IOC" });
  expect(await client.refusal("order.place", bid(1))).toEqual(beyond("positions of an account"));
  const path = `/accounts/${user.account_id}/limits`;
  expect(await venue.server.admin("POST", path, { positions: 2 })).toMatchObject({ status: 200 });
  await client.result("order.place", bid(1));

  pair[Symbol.dispose]();
  await venue.crash();
  using back = await venue.connect("/orders", "json", user);
  await back.result("order.place", bid(2));
  const third = venue.symbol();
  expect(await back.refusal("order.place", bid(1, third))).toEqual(
    beyond("positions of an account"),
  );
});
