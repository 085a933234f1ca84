import { expect, test } from "bun:test";
import { openRealExchange } from "../gateway/real-exchange.ts";
import { restClient } from "../gateway/rest/rest-client.ts";
import { eventually } from "../lib/eventually.ts";
import { AS_OPERATORS_DO } from "./server-process.ts";

/** Long enough for one order, however busy the machine is. */
const CANCEL_ONLY_MS = 2000;
const HOUR_MS = 3_600_000;

test("an exchange closes for maintenance and opens again, across a restart", async () => {
  await using real = await openRealExchange({
    WAIVER_MAINTENANCE__CANCEL_ONLY_MS: String(CANCEL_ONLY_MS),
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
      [...AS_OPERATORS_DO, ...args, "--json", "--url", `http://${real.url}`, "--token", "token"],
      { stderr: "inherit" },
    );
    return JSON.parse(await new Response(child.stdout).text());
  };
  const rest = async (path: string) => {
    const answer = await fetch(`http://${real.url}/api/v1${path}`);
    const retryAfter = answer.headers.get("Retry-After");
    return { status: answer.status, retryAfter, body: (await answer.json()) as object };
  };

  const tomorrow = Date.now() + 24 * HOUR_MS;
  const iso = (time: number): string => new Date(time).toISOString();
  const times = ["--from", iso(tomorrow), "--to", iso(tomorrow + HOUR_MS)];
  expect(await waiver("maintenance", "schedule", ...times, "Old disks")).toEqual({
    id: "mnt_1",
    starts_at: tomorrow,
    ends_at: tomorrow + HOUR_MS,
    message: "Old disks",
    phase: "scheduled",
  });
  expect(await waiver("maintenance", "list")).toMatchObject({ maintenance: [{ id: "mnt_1" }] });
  expect((await rest("/maintenance")).body).toMatchObject({ maintenance: [{ id: "mnt_1" }] });
  await waiver("maintenance", "cancel", "mnt_1");

  const from = Date.now() + 2 * CANCEL_ONLY_MS;
  const ends_at = from + HOUR_MS;
  const scheduled = await fetch(`http://${real.url}/admin/v1/maintenance`, {
    method: "POST",
    headers: { Authorization: "Bearer token" },
    body: JSON.stringify({ starts_at: from, ends_at, message: "New disks" }),
  });
  expect(await scheduled.json()).toMatchObject({ id: "mnt_2", phase: "scheduled" });

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
  const notices = trader.received.filter(
    ({ stream, data }) => stream === "status" && (data as { window?: string }).window === "mnt_2",
  );
  expect(notices.map(({ data }) => (data as { phase: string }).phase)).toEqual([
    "scheduled",
    "cancel_only",
    "closed",
  ]);
  expect(notices[0]).toEqual({
    stream: "status",
    data: {
      event: "maintenance",
      window: "mnt_2",
      phase: "scheduled",
      starts_at: from,
      ends_at,
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
  expect(order.headers.get("Retry-After")).toMatch(/^3[56]\d\d$/);
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
  await watcher.ask("subscribe", { channels: ["status"], symbols: [symbol] });
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

  await waiver("maintenance", "cancel", "mnt_2");
  await eventually(async () => (await ready()).status === 200);
  expect(await ready()).toMatchObject({ status: 200, maintenance: { status: "ok" } });
  const later = await real.connectAs(keys);
  const states = () =>
    watcher.received
      .map(({ stream, data }) => stream === "status" && (data as { state?: string }).state)
      .filter((state) => typeof state === "string");
  while (states().at(-1) !== "TRADING") await new Promise(setImmediate);
  expect(states()).toEqual(["CANCEL_ONLY", "AUCTION", "TRADING"]);
  watcher.close();
  expect(await later.ask("order.place", place)).toMatchObject({ result: { status: "ACCEPTED" } });
  await eventually(async () => (await waiver("maintenance", "list")).maintenance.length === 0);
  expect(real.warnings).toEqual([]);
});
