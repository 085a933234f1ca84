/**
 * Liveness, readiness and metrics, for everybody. Health checks are never refused, only answered later when their address
 * asks too often: behind a proxy, or on the same machine, attackers may have the same address. Metrics are long, so they are
 * refused then.
 */
import type { Metrics } from "../../analytics/metrics.ts";
import type { TickWatch } from "../../execution/tick-watch.ts";
import type { MonotonicClock } from "../../lib/clocks.ts";
import { TokenBucket } from "../../trading/token-bucket.ts";
import type { Health } from "../health.ts";
import type { RequestGate } from "./request-gate.ts";
import { jsonResponse } from "./responses.ts";
import { route } from "./route.ts";
import type { RouteGroup } from "./routes.ts";

export interface StatusParts extends MonotonicClock {
  health: Health;
  /** When it is stuck, the process should be ended and started again. */
  tickWatch: Pick<TickWatch, "isStuck" | "reason">;
  metrics: Metrics;
  gate: Pick<RequestGate, "hold">;
}

/** Writing the metrics takes a millisecond, so they are written at most this many times a second. */
const METRICS_PER_SECOND = 50;
/** How many times they may be written at once, after a pause. */
const METRICS_BURST = 10;
const METRICS_WEIGHT = 10;

export function statusRoutes({
  health,
  metrics,
  gate,
  monotonic,
  tickWatch,
}: StatusParts): RouteGroup[] {
  const writes = new TokenBucket(METRICS_PER_SECOND, METRICS_BURST, monotonic());
  let page: ReturnType<Metrics["page"]> | null = null;
  return [
    {
      weight: 0,
      routes: [
        route("GET /healthz", {}, async ({ request, server }) => {
          await gate.hold(request, server);
          const reason = tickWatch.isStuck ? tickWatch.reason() : null;
          if (reason === null) return { status: "ok" };
          return jsonResponse({ status: "failed", reason }, { status: 503 });
        }),
        route("GET /readyz", {}, async ({ request, server }) => {
          await gate.hold(request, server);
          return health.respond();
        }),
      ],
    },
    {
      weight: METRICS_WEIGHT,
      routes: [
        route("GET /metrics", {}, async () => {
          if (page === null || writes.take(monotonic()) === 0) page = metrics.page();
          const { text, type } = await page;
          return new Response(text, { headers: { "Content-Type": type } });
        }),
      ],
    },
  ];
}
