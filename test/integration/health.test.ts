import { afterAll, beforeAll, expect, test } from "bun:test";
import { TwoTraders } from "./two-traders.ts";
import { Venue } from "./venue.ts";
import type { Members } from "./wire-client.ts";

let venue: Venue;
beforeAll(async () => {
  venue = await Venue.open();
});
afterAll(() => venue[Symbol.asyncDispose]());

const get = (path: string, init?: RequestInit) => fetch(venue.server.url + path, init);

/** Samples of a Prometheus text page by name with labels; throws on a line that is no such text. */
function parsePrometheus(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  const helped = new Set<string>();
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
    if (comment !== null) {
      const [, kind, name = "", rest = ""] = comment;
      if (kind === "HELP") helped.add(name);
      else types.set(name, rest);
      continue;
    }
    const sample =
      /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*\})? (-?[\d.e+-]+|[+-]Inf|NaN)$/.exec(
        line,
      );
    if (sample === null) throw new Error(`no Prometheus text: ${line}`);
    const [, name = "", labels = "", value = ""] = sample;
    const family = name.replace(/_(?:bucket|sum|count)$/, "");
    const type = types.get(name) ?? types.get(family);
    if (type === undefined || !/^(?:counter|gauge|histogram|summary)$/.test(type)) {
      throw new Error(`no type: ${line}`);
    }
    if (!helped.has(name) && !helped.has(family)) throw new Error(`no help: ${line}`);
    if (samples.has(name + labels)) throw new Error(`twice: ${line}`);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

test("/healthz answers 200", async () => {
  const reply = await get("/healthz");
  expect([reply.status, await reply.json()]).toEqual([200, { status: "ok" }]);
});

test("/readyz tells each component and since when", async () => {
  const reply = await get("/readyz");
  const { status, components } = (await reply.json()) as { status: string; components: Members };
  expect([reply.status, status]).toEqual([200, "ok"]);
  for (const component of Object.values(components)) {
    expect(component).toEqual({ status: "ok", since: expect.any(Number) });
  }
  expect(Object.keys(components)).toEqual(
    expect.arrayContaining(["persistence", "players", "identity", "webhooks"]),
  );
});

test("/metrics is Prometheus text and counts what happens", async () => {
  const before = await get("/metrics");
  expect(before.headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
  const first = parsePrometheus(await before.text());
  using pair = await TwoTraders.meet(venue, "json", "msgpack");
  await pair.ann.place("BUY", 10, 3);
  await pair.bob.place("SELL", 10, 1);
  await pair.bob.orders.refusal("order.place", { symbol: "?" });
  const second = parsePrometheus(await (await get("/metrics")).text());
  const grown = (name: string) => (second.get(name) ?? 0) - (first.get(name) ?? 0);
  expect({
    trades: grown("waiver_trades_total"),
    open: grown("waiver_open_orders"),
    used: grown('waiver_table_used{table="orders"}'),
    limit: second.get('waiver_table_limit{table="orders"}'),
    orders: grown('waiver_connections{endpoint="orders"}'),
    userData: grown('waiver_connections{endpoint="user-data"}'),
    accounts: grown("waiver_accounts"),
    refused: grown('waiver_errors_total{code="40001"}'),
    logins: grown("waiver_logins_total"),
  }).toEqual({
    ...{ trades: 1, open: 1, used: 1, limit: 2_097_151 },
    ...{ orders: 2, userData: 2, accounts: 2, refused: 1, logins: 4 },
  });
  expect(second.get("waiver_tick_seconds_count")).toBe(
    second.get('waiver_tick_seconds_bucket{le="+Inf"}'),
  );
});

test("other paths are 404 with an error body, other verbs are refused", async () => {
  const unknown = await get("/api/v2/nothing");
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({
    code: expect.any(Number),
    message: expect.any(String),
  });
  for (const path of ["/healthz", "/readyz", "/metrics"]) {
    const reply = await get(path, { method: "POST", body: "x" });
    expect([path, Math.floor(reply.status / 100)]).toEqual([path, 4]);
  }
});

test("nothing private is on the open pages", async () => {
  const user = await venue.user({ cash: 5 });
  using client = await venue.connect("/orders", "json", user);
  await client.result("ping");
  const pages = await Promise.all(
    ["/metrics", "/readyz", "/healthz"].map(async (path) => (await get(path)).text()),
  );
  const secrets = [user.api_key, user.api_secret, await venue.server.adminToken()];
  for (const secret of secrets) {
    expect(pages.some((page) => page.includes(secret))).toBe(false);
    expect(venue.server.output).not.toContain(secret);
  }
});
