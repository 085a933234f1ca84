/** The component "gateway" of `/readyz`: failed while it shuts down, degraded while nobody can connect. */
import type { WallClock } from "../lib/clocks.ts";
import type { Lifecycle } from "../lib/lifecycle.ts";
import { type Health, HealthState } from "./health.ts";

export interface GatewayHealthParts extends WallClock {
  lifecycle: Pick<Lifecycle, "isOpen">;
  connections: {
    /** Why nobody can connect; null while there is room. */
    reason(): string | null;
  };
}

export function addGatewayHealth(health: Health, parts: GatewayHealthParts): void {
  const { lifecycle, connections, now } = parts;
  const state = new HealthState(now);
  health.add("gateway", () => {
    const reason = connections.reason();
    if (!lifecycle.isOpen) state.set("failed", "shutting down");
    else if (reason !== null) state.set("degraded", reason);
    else state.set("ok");
    return state.read();
  });
}
