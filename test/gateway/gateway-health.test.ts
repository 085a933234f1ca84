import { expect, test } from "bun:test";
import { Admission } from "../../src/gateway/admission.ts";
import { addGatewayHealth } from "../../src/gateway/gateway-health.ts";
import { Health } from "../../src/gateway/health.ts";
import { Lifecycle } from "../../src/lib/lifecycle.ts";

test("the gateway is degraded while no connection is possible, and failed during shutdown", () => {
  const lifecycle = new Lifecycle();
  const admission = new Admission(2, 0);
  const clock = { now: 1 };
  const health = new Health();
  addGatewayHealth(health, { lifecycle, connections: admission, now: () => clock.now });
  const read = () => health.readiness().components.gateway;

  expect(read()).toEqual({ status: "ok", since: 1 });
  clock.now = 2;
  admission.enter("192.0.2.1");
  admission.enter("192.0.2.2");
  const reason = "gateway.max_connections = 2 are open: new ones are refused";
  expect(read()).toEqual({ status: "degraded", reason, since: 2 });
  clock.now = 3;
  admission.leave("192.0.2.1");
  expect(read()).toEqual({ status: "ok", since: 3 });
  clock.now = 4;
  lifecycle.drain();
  expect(read()).toEqual({ status: "failed", reason: "shutting down", since: 4 });
});
