import { expect, test } from "bun:test";
import { join } from "node:path";
import { openRealExchange } from "../gateway/real-exchange.ts";
import { restClient } from "../gateway/rest/rest-client.ts";

const MAIN = join(import.meta.dir, "../../src/main.ts");

test("an exchange closes for maintenance and opens again, across a restart", async () => {
  await using real = await openRealExchange({
    WAIVER_MAINTENANCE__CANCEL_ONLY_MS: "1000",
    WAIVER_MAINTENANCE__REOPEN: "auction",
    WAIVER_MAINTENANCE__REOPEN_MS: "1000",
    WAIVER_ADMIN_TOKEN: "token",
  });
  const keys = await real.createUser();
  const [symbol] = real.exchange.symbols();
  const trader = await real.connectAs(keys);
  const place = { symbol, side: "BUY", type: "LIMIT", quantity: 1, price: 10 };
  const waiver = async (...args: string[]) => {
    const child = Bun.spawn(
      [
        process.execPath,
        MAIN,
        ...args,
        "--json",
        "--url",
        `http://${real.url}`,
        "--token",
        "token",
      ],
      { stderr: "inherit" },
    );
    return JSON.parse(await new Response(child.stdout).text());
  };
  const rest = async (path: string) => {
    const answer = await fetch(`http://${real.url}/api/v1${path}`);
    const retryAfter = answer.headers.get("Retry-After");
    return { status: answer.status, retryAfter, body: (await answer.json()) as object };
  };

  const from = Date.now() + 3000;
  const iso = (time: number): string => new Date(time).toISOString();
  const window = await waiver(
    ...["maintenance", "schedule", "--from", iso(from), "--to", iso(from + 4000), "New disks"],
  );
  expect(window).toEqual({
    id: "mnt_1",
    starts_at: from,
    ends_at: from + 4000,
    message: "New disks",
    phase: "scheduled",
  });
  expect(await waiver("maintenance", "list")).toMatchObject({ maintenance: [{ id: "mnt_1" }] });
  expect((await rest("/maintenance")).body).toMatchObject({ maintenance: [{ id: "mnt_1" }] });

  // While it comes near, orders are taken, then only cancels, then nothing.
  const codes: unknown[] = [];
  let refusal: Record<string, unknown> = {};
  while (codes.at(-1) !== 50301) {
    refusal = (await trader.ask("order.place", place)) as typeof refusal;
    // Notices may come between the request and its answer.
    while (refusal.stream !== undefined) refusal = (await trader.ask("ping")) as typeof refusal;
    const { error } = refusal as { error?: { code: number } };
    if (error !== undefined && error.code !== 42901 && error.code !== codes.at(-1)) {
      codes.push(error.code);
    }
  }
  expect(codes).toEqual([40909, 50301]);
  expect(refusal.error).toEqual({
    code: 50301,
    message: "Closed for maintenance: New disks",
    details: { retry_after_ms: expect.any(Number), reason: "New disks" },
  });
  const notices = trader.received.filter(({ stream }) => stream === "status");
  expect(notices.map(({ data }) => (data as { phase: string }).phase)).toEqual([
    "scheduled",
    "cancel_only",
    "closed",
  ]);
  expect(notices[0]).toEqual({
    stream: "status",
    data: {
      event: "maintenance",
      window: "mnt_1",
      phase: "scheduled",
      starts_at: from,
      ends_at: from + 4000,
      message: "New disks",
      timestamp: expect.any(Number),
      tick: expect.any(Number),
    },
  });

  await real.restart();
  const asUser = restClient(real.url, keys);
  const order = await asUser.ask("POST", "/orders", { body: place });
  expect(order).toMatchObject({
    status: 503,
    body: { code: 50301, message: "Closed for maintenance: New disks" },
  });
  expect(order.headers.get("Retry-After")).toMatch(/^[1-4]$/);
  const upgrade = await fetch(`http://${real.url}/orders`, {
    headers: {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    },
  });
  expect([upgrade.status, upgrade.headers.has("Retry-After")]).toEqual([503, true]);
  // What needs no trading is served by every door.
  for (const path of ["/time", "/symbols", `/symbols/${symbol}/book`, "/account/balances"]) {
    expect([path, (await asUser.ask("GET", path)).status]).toEqual([path, 200]);
  }
  const watcher = await real.connect("market-data");
  expect(await watcher.ask("book.snapshot", { symbol })).toMatchObject({ result: { symbol } });
  watcher.close();
  expect((await rest("/maintenance")).body).toMatchObject({ maintenance: [{ phase: "closed" }] });
  const ready = async () => {
    const answer = await fetch(`http://${real.url}/readyz`);
    const { components } = (await answer.json()) as { components: Record<string, object> };
    return { status: answer.status, maintenance: components.maintenance };
  };
  expect(await ready()).toEqual({
    status: 503,
    maintenance: {
      status: "failed",
      reason: "Closed for maintenance: New disks",
      since: expect.any(Number),
    },
  });

  while ((await ready()).status !== 200);
  expect(await ready()).toMatchObject({ status: 200, maintenance: { status: "ok" } });
  const later = await real.connectAs(keys);
  const state = async () =>
    (
      (await (await fetch(`http://${real.url}/api/v1/symbols/${symbol}`)).json()) as {
        state: string;
      }
    ).state;
  expect(await state()).toBe("AUCTION");
  while ((await state()) !== "TRADING");
  expect(await later.ask("order.place", place)).toMatchObject({ result: { status: "ACCEPTED" } });
  while ((await waiver("maintenance", "list")).maintenance.length > 0);
  expect(real.warnings).toEqual([]);
}, 60_000);
