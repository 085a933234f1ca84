/** Liveness, readiness and metrics: open to all. */
import type { Metrics } from "../../analytics/metrics.ts";
import type { Health } from "../health.ts";
import { route } from "./route.ts";
import type { RouteGroup } from "./routes.ts";

export interface StatusParts {
  health: Health;
  metrics: Metrics;
}

export function statusRoutes({ health, metrics }: StatusParts): RouteGroup {
  return {
    routes: [
      route("GET /healthz", {}, () => ({ status: "ok" })),
      route("GET /readyz", {}, () => health.respond()),
      route("GET /metrics", {}, () => metrics.respond()),
    ],
  };
}
