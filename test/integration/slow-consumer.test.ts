import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "../lib/eventually.ts";
import { expectConsecutive } from "./expectations.ts";
import { metricOf } from "./metric.ts";
import { RawConnection } from "./raw-connection.ts";
import { TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import { ENCODINGS, type Members } from "./wire-client.ts";

/** More than the socket buffers of both sides and the server's own can hold together. */
const FLOOD_BYTES = 32 * 1024 * 1024;

/** About 20 MB of trades. */
const TRADES_MAX = 150_000;
const BURST_TRADES = 1_000;
/** A hundred orders. */
const BATCH_TRADES = 50;

let venue: Venue;
beforeAll(async () => {
  // Each is told for as long as it has not read: half a second, as fast as two processors can.
  const limits = ["backpressure_limit_bytes = 65536", "slow_consumer_ms = 500"];
  venue = await Venue.open({ config: `[gateway]\n${limits.join("\n")}\n` });
});
afterAll(() => venue[Symbol.asyncDispose]());

const metric = (name: string): Promise<number> => metricOf(venue.server.url, name);

/** A connection that asks for the given things and then reads nothing. */
async function sleeper(path: string, requests: readonly Members[]): Promise<RawConnection> {
  const connection = await RawConnection.open(venue.server.port);
  await connection.upgrade(path);
  connection.socket.pause();
  for (const request of requests) {
    connection.sendFrame(0x81, Buffer.from(JSON.stringify(request)));
  }
  return connection;
}

test.each(ENCODINGS)(
  "who does not read pushes is closed; who reads gets all (%s)",
  async (encoding) => {
    using pair = await TwoTraders.meet(venue, encoding, encoding);
    const { symbol, ann, bob } = pair;
    const closedBefore = await metric('waiver_disconnects_total{reason="slow_consumer"}');
    const subscribe = {
      id: 1,
      method: "subscribe",
      params: { channels: ["trades"], symbols: [symbol] },
    };
    using slow = await sleeper("/market-data", [subscribe]);
    using reader = await venue.open("/market-data", encoding);
    await reader.result("subscribe", { channels: ["trades"], symbols: [symbol] });
    expect(await metric('waiver_connections{endpoint="market-data"}')).toBe(2);

    let trades = 0;
    const price = 10;
    const order = { symbol, type: "LIMIT", price, quantity: 1, self_trade_prevention: "NONE" };
    const pairOfOrders = ["SELL", "BUY"].map((side) => ({ ...order, side }));
    const orders = Array(BATCH_TRADES).fill(pairOfOrders).flat();
    while ((await metric('waiver_connections{endpoint="market-data"}')) === 2) {
      const burst = Array.from({ length: BURST_TRADES / BATCH_TRADES }, () =>
        ann.orders.result("order.batch", { orders }),
      );
      await Promise.all(burst);
      trades += BURST_TRADES;
      expect(trades).toBeLessThan(TRADES_MAX);
    }
    await reader.until(() => reader.of("trades").length === trades, "every trade");
    expectConsecutive(reader.of("trades").map(({ trade_id }) => trade_id));
    expect(await bob.place("BUY", price, 1)).toMatchObject({ status: "ACCEPTED" });
    slow.socket.resume();
    expect(await slow.closeCode()).toBe(4008);
    expect(await metric('waiver_disconnects_total{reason="slow_consumer"}')).toBe(closedBefore + 1);
  },
);

test("a client that asks for much and does not read is closed, and its memory is freed", async () => {
  const user = await venue.user();
  using reader = await venue.connect("/market-data", "json", user);
  const answer_bytes = JSON.stringify(await reader.result("symbols.list")).length;
  const before = await metric("waiver_resident_memory_bytes");
  const closedBefore = await metric('waiver_disconnects_total{reason="slow_consumer"}');
  const request = { id: 1, method: "symbols.list", params: {} };
  const { api_key, api_secret } = user;
  // A stranger's address could not pay for so much.
  const login = { id: 0, method: "auth.login", params: { api_key, api_secret } };
  const requests = Array(Math.ceil(FLOOD_BYTES / answer_bytes)).fill(request);
  using slow = await sleeper("/market-data", [login, ...requests]);
  await eventually(async () => {
    using other = await venue.open("/market-data", "msgpack");
    expect((await other.result("ping")).timestamp).toBeNumber();
    return (await metric('waiver_disconnects_total{reason="slow_consumer"}')) > closedBefore;
  });
  expect((await metric("waiver_resident_memory_bytes")) - before).toBeLessThan(256 * 1024 * 1024);
  slow.socket.resume();
  expect(await slow.closeCode()).toBe(4008);
});
