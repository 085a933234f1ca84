import { expect, test } from "bun:test";
import { ANY_NUMBER } from "./expectations.ts";
import { Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

test("equity, profit, fees and their history are the same over WebSockets and REST, and survive a kill -9", async () => {
  const config = "[market]\nmaker_fee_bps = 100\ntaker_fee_bps = 200\n";
  await using venue = await Venue.open({ config });
  const symbol = venue.symbol();
  const ann = await venue.user({ cash: 100_000 });
  const bob = await venue.user({ cash: 100_000, positions: { [symbol]: 50 } });
  const trade = async (buyer: typeof ann, seller: typeof ann, price: number, quantity: number) => {
    using bids = await venue.connect("/orders", "json", buyer);
    using asks = await venue.connect("/orders", "msgpack", seller);
    const order = { symbol, type: "LIMIT", price, quantity };
    await bids.result("order.place", { ...order, side: "BUY" });
    await asks.result("order.place", { ...order, side: "SELL" });
  };
  await trade(ann, bob, 1000, 10);
  await trade(bob, ann, 1100, 4);
  const fees = 100 + 88;
  const expected = {
    account_id: ann.account_id,
    equity: 100_000 + 1000 - fees,
    cash: 100_000 - 10_000 + 4400 - fees,
    value: 6600,
    deposits: 100_000,
    realised: 400 - fees,
    unrealised: 600,
    fees,
    day_change: 1000 - fees,
    fee_rates: { maker_bps: 100, taker_bps: 200 },
    positions: [
      {
        ...{ symbol, quantity: 6, cost: 6000, average_price: 1000, last: 1100, value: 6600 },
        ...{ realised: 400 - fees, unrealised: 600, fees },
      },
    ],
    timestamp: ANY_NUMBER,
    tick: ANY_NUMBER,
  };
  const byRest = async (query: string) => {
    const headers = { "X-API-KEY": ann.api_key, "X-API-SECRET": ann.api_secret };
    const answer = await fetch(`${venue.server.url}/api/v1/account/equity${query}`, { headers });
    return (await answer.json()) as Members & { history: Members[] };
  };
  const look = async () => {
    using orders = await venue.connect("/orders", "json", ann);
    using watcher = await venue.connect("/user-data", "msgpack", ann);
    expect(await orders.result("account.equity")).toEqual(expected);
    expect(await watcher.result("account.equity")).toEqual(expected);
    expect(await byRest("")).toEqual({ ...expected } as never);
    const { interval, history } = await byRest("?interval=1d&limit=5");
    const { equity, cash, value, deposits, realised, unrealised } = expected;
    const now = { equity, cash, value, deposits, realised, unrealised, fees };
    expect([interval, history[0]]).toEqual(["1d", { start: ANY_NUMBER, ...now }]);
    const minutes = await byRest("?interval=1m&limit=1");
    expect(minutes.history).toHaveLength(1);
    expect(Number(minutes.history[0]?.start) % 60_000).toBe(0);
  };
  await look();
  await venue.crash();
  await look();
  await venue.server.ask("POST", "/snapshot");
  await venue.crash();
  await look();
  // A withdrawal is no loss.
  await venue.server.ask("POST", `/accounts/${ann.account_id}/deposit`, { cash: -50_000 });
  const { deposits, equity, day_change } = await byRest("");
  expect([deposits, equity, day_change]).toEqual([50_000, expected.equity - 50_000, 1000 - fees]);
});
