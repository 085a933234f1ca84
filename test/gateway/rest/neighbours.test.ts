/** Users and strangers behind one address. */
import { expect, test } from "bun:test";
import { openRealExchange } from "../real-exchange.ts";

test("a user who exceeds his own limit takes nothing from strangers at his address", async () => {
  await using real = await openRealExchange({
    WAIVER_GATEWAY__RATE_LIMITS__ORDERS_PER_SECOND: "1",
    WAIVER_GATEWAY__RATE_LIMITS__BURST_LIMIT: "1",
    WAIVER_GATEWAY__RATE_LIMITS__HTTP_REQUESTS_PER_SECOND: "100",
  });
  const url = `http://127.0.0.1:${real.exchange.port}`;
  const { api_key, api_secret } = await real.createUser();
  const [symbol] = real.exchange.symbols();
  const place = () =>
    fetch(`${url}/api/v1/orders`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        ...{ "X-API-KEY": api_key, "X-API-SECRET": api_secret },
      },
      body: JSON.stringify({ symbol, side: "BUY", type: "LIMIT", price: 1, quantity: 1 }),
    });
  let refused = 0;
  // Each would cost his address half of what it may ask for in a second.
  while (refused < 60) {
    const { status, headers } = await place();
    if (status !== 429) continue;
    refused++;
    expect(headers.get("connection")).not.toBe("close");
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(headers.get("x-ratelimit-remaining")).toBe("0");
  }
  expect((await fetch(`${url}/api/v1/nothing`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`)).status).toBe(200);
  expect((await fetch(`${url}/api/v1/symbols`)).status).toBe(200);
});
