import { afterAll, beforeAll, expect, test } from "bun:test";
import { RawConnection } from "./raw-connection.ts";
import { Venue } from "./venue.ts";

/** Of the venue; a peer is given up after two of them. */
const HEARTBEAT_S = 1;
const FRAMES_AT_ONCE = 500;

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open({ config: `[gateway]\nheartbeat_interval = ${HEARTBEAT_S}\n` });
});
afterAll(() => venue[Symbol.asyncDispose]());

test.each([
  ["empty text frames", 0x81],
  ["empty binary frames", 0x82],
  ["pings", 0x89],
  ["pongs", 0x8a],
])(
  "who goes on sending %s is closed with 1008, and others are served meanwhile",
  async (_, first) => {
    const user = await venue.user({ cash: 1_000_000 });
    using other = await venue.connect("/orders", "json", user);
    using flooder = await RawConnection.open(venue.server.port);
    await flooder.upgrade("/market-data");
    const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
    while (!flooder.ended) {
      for (let n = 0; n < FRAMES_AT_ONCE; n++) flooder.sendFrame(first, new Uint8Array());
      expect(await other.result("order.place", order)).toMatchObject({ status: "ACCEPTED" });
    }
    expect(await flooder.closeCode()).toBeOneOf([1008, undefined]);
    // Whoever comes from the same address can log in all the same.
    using late = await venue.connect("/orders", "json", user);
    expect(await late.result("order.place", order)).toMatchObject({ status: "ACCEPTED" });
  },
);

test("a peer that answers no ping is given up, and its orders are cancelled", async () => {
  const user = await venue.user({ cash: 1_000_000 });
  using watcher = await venue.connect("/orders", "json", user);
  using mute = await RawConnection.open(venue.server.port);
  await mute.upgrade("/user-data");
  const { api_key, api_secret } = user;
  const params = { api_key, api_secret, cancel_on_disconnect: true };
  const login = JSON.stringify({ id: 1, method: "auth.login", params });
  mute.sendFrame(0x81, Buffer.from(login));
  const order = { symbol: venue.symbol(), side: "BUY", type: "LIMIT", price: 10, quantity: 1 };
  // Each of them is pushed to the mute one, which proves nothing about it.
  await watcher.result("order.place", order);
  while (!mute.ended) await watcher.result("order.place", { ...order, time_in_force: "IOC" });
  let open = 1;
  while (open > 0) open = ((await watcher.result("orders.open")).orders as object[]).length;
  expect(open).toBe(0);
});
