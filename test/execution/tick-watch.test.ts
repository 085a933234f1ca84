import { expect, test } from "bun:test";
import { Metrics } from "../../src/analytics/metrics.ts";
import { TickWatch } from "../../src/execution/tick-watch.ts";
import { ClientAddresses } from "../../src/gateway/client-addresses.ts";
import { Health } from "../../src/gateway/health.ts";
import { Refusals } from "../../src/gateway/http/refusals.ts";
import { RequestGate } from "../../src/gateway/http/request-gate.ts";
import { statusRoutes } from "../../src/gateway/http/status-routes.ts";
import { openAccount } from "../core/command-builder.ts";
import { serveRoutes } from "../gateway/http/route-server.ts";
import { until } from "../lib/until.ts";
import { createRig } from "./rig.ts";

/** Two looks a second. */
const LATE = 4;
const STUCK = 20;

function open() {
  const rig = createRig();
  const watch = new TickWatch({ loop: rig.loop, tick: rig.core.view.tick });
  const look = (times: number): void => {
    for (let i = 0; i < times; i++) watch.look();
  };
  return { ...rig, watch, look };
}

test("an exchange with nothing to do is not stuck", () => {
  const { watch, look } = open();
  look(1000);
  expect(watch.reason()).toBeNull();
});

test("a tick whose flush does not end is late after two seconds and stuck after ten, until it has", async () => {
  const { client, journal, loop, watch, look } = open();
  look(1);
  journal.isHolding = true;
  const house = client();
  house.send("open", openAccount({ account: 1 }));
  await until(() => journal.isWaiting);
  // The first look sees that the tick has moved.
  look(LATE);
  expect([watch.isLate, watch.reason()]).toEqual([false, null]);
  look(1);
  expect([watch.isLate, watch.reason()]).toEqual([
    true,
    "tick 1 has not ended for 2 s although commands wait: new orders are refused",
  ]);
  look(STUCK - LATE - 1);
  expect(watch.isStuck).toBe(false);
  look(1);
  expect([watch.isLate, watch.isStuck]).toEqual([true, true]);
  expect(watch.reason()).toBe(
    "tick 1 has not ended for 10 s although commands wait: look whether the journal's disk answers, and restart the exchange",
  );
  look(2);
  expect(watch.reason()).toContain("for 11 s");
  journal.letGo();
  await loop.drained();
  expect(house.told).toEqual(["open: done 1"]);
  look(1);
  expect([watch.isLate, watch.isStuck, watch.reason()]).toEqual([false, false, null]);
});

test("commands that gather behind one another are no stuck tick while ticks end", async () => {
  const { client, journal, watch, look } = open();
  journal.isHolding = true;
  const house = client();
  house.send("1", openAccount({ account: 1 }));
  for (let account = 2; account < 8; account++) {
    await until(() => journal.isWaiting);
    house.send(String(account), openAccount({ account }));
    look(LATE - 1);
    expect(watch.reason()).toBeNull();
    journal.letGo();
  }
});

test("/healthz fails while the tick is stuck, and only then; /readyz names the core", async () => {
  const { client, journal, loop, watch, look } = open();
  const health = new Health();
  health.addReason(
    "core",
    () => watch.reason(),
    () => 7,
    () => (watch.isStuck ? "failed" : "degraded"),
  );
  const monotonic = () => performance.now();
  const [addresses, refusals] = [new ClientAddresses([]), new Refusals(monotonic)];
  const gate = new RequestGate({ addresses, refusals, perSecond: 1000, monotonic });
  const metrics = new Metrics();
  const routes = statusRoutes({ health, metrics, gate, monotonic, tickWatch: watch });
  await using served = serveRoutes(routes);
  const ask = async (path: string) => {
    const reply = await fetch(served.url + path);
    return [reply.status, await reply.json()];
  };
  journal.isHolding = true;
  client().send("open", openAccount({ account: 1 }));
  await until(() => journal.isWaiting);
  look(STUCK);
  expect(await ask("/healthz")).toEqual([200, { status: "ok" }]);
  expect(await ask("/readyz")).toMatchObject([200, { status: "degraded" }]);
  look(1);
  const reason = expect.stringMatching(/^tick 1 has not ended for 10 s /);
  expect(await ask("/healthz")).toEqual([503, { status: "failed", reason }]);
  const core = { status: "failed", reason, since: 7 };
  expect(await ask("/readyz")).toEqual([503, { status: "failed", components: { core } }]);
  journal.letGo();
  await loop.drained();
  look(1);
  expect(await ask("/healthz")).toEqual([200, { status: "ok" }]);
});
