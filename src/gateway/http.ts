/** What is served over plain HTTP. */
import type { Metrics } from "../analytics/metrics.ts";
import { ErrorCode } from "../protocol/errors.ts";
import type { Health } from "./health.ts";
import { errorResponse } from "./server.ts";

export interface HttpParts {
  health: Health;
  metrics: Metrics;
  admin(request: Request): Promise<Response>;
}

export function createHttp({ health, metrics, admin }: HttpParts) {
  return (request: Request, path: string): Response | Promise<Response> => {
    if (path.startsWith("/admin/v1/")) return admin(request);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return errorResponse(ErrorCode.UNKNOWN_METHOD, `${request.method} is not served here`, 405);
    }
    switch (path) {
      case "/healthz":
        return Response.json({ status: "ok" });
      case "/readyz":
        return health.respond();
      case "/metrics":
        return metrics.respond();
      default:
        return errorResponse(ErrorCode.UNKNOWN_METHOD, `Nothing is served at ${path}`);
    }
  };
}
