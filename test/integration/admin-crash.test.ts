import { expect, test } from "bun:test";
import { ANY_NUMBER } from "./expectations.ts";
import { SeededRandom } from "./load-generator.ts";
import { type User, Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

const SEED = Date.now() % 2 ** 31;
const ROUNDS = 3;

test(`users and deposits survive kill -9 in the middle of creating them (seed ${SEED})`, async () => {
  process.stdout.write(`admin crash: seed ${SEED}\n`);
  const random = new SeededRandom(SEED);
  await using venue = await Venue.open();
  const symbol = venue.symbol();
  const users: User[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { server } = venue;
    const created: User[] = [];
    const enough = 1 + random.below(20);
    const { promise: killing, resolve: kill } = Promise.withResolvers<void>();
    const calls = Array.from({ length: 64 }, async (_, n) => {
      const body = { name: `r${round}-${n}`, cash: 1_000, positions: { [symbol]: 10 } };
      const user = await server.ask<User>("POST", "/users", body);
      created.push(user);
      if (created.length >= enough) kill();
    });
    const settled = Promise.allSettled(calls);
    await killing;
    await server.kill();
    await settled;
    users.push(...created);

    await venue.restart();
    for (const user of users) {
      using client = await venue.connect("/orders", "json", user);
      expect([user.user_id, await client.result("account.balances")]).toEqual([
        user.user_id,
        {
          account_id: user.account_id,
          cash: { available: 1_000, reserved: 0, total: 1_000 },
          seq: ANY_NUMBER,
        },
      ]);
      expect(await client.result("account.positions")).toEqual({
        account_id: user.account_id,
        positions: [{ symbol, available: 10, reserved: 0, total: 10 }],
        seq: ANY_NUMBER,
      });
    }
    expect(new Set(users.map(({ account_id }) => account_id)).size).toBe(users.length);
    const next = await venue.user({ cash: 1_000, positions: { [symbol]: 10 } });
    users.push(next);
    using trader = await venue.connect("/orders", "msgpack", next);
    const order = { symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 };
    const { order_id } = await trader.result("order.place", order);
    await trader.result("order.cancel", { order_id });
    const { users: listed } = await venue.server.ask<{ users: Members[] }>("GET", "/users");
    const accounts = listed.flatMap(({ account_ids }) => account_ids as string[]);
    expect(new Set(accounts).size).toBe(accounts.length);
  }
});
