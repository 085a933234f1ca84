/**
 * Liveness, readiness and metrics: open to all. Whoever watches the exchange is never refused: behind a proxy, or on the
 * same machine, its address may be one that attackers have too.
 */
import type { Metrics } from "../../analytics/metrics.ts";
import type { Health } from "../health.ts";
import { route } from "./route.ts";
import type { RouteGroup } from "./routes.ts";

export interface StatusParts {
  health: Health;
  metrics: Metrics;
}

/** Metrics are many, and are written anew each time. */
const METRICS_WEIGHT = 10;

export function statusRoutes({ health, metrics }: StatusParts): RouteGroup[] {
  return [
    {
      weight: 0,
      routes: [
        route("GET /healthz", {}, () => ({ status: "ok" })),
        route("GET /readyz", {}, () => health.respond()),
      ],
    },
    { weight: METRICS_WEIGHT, routes: [route("GET /metrics", {}, () => metrics.respond())] },
  ];
}
