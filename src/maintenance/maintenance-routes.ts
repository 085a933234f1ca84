/** `GET /api/v1/maintenance`: the scheduled windows, for everybody, also while the exchange is closed. */

import { callerRateHeaders } from "../gateway/http/rate-headers.ts";
import { route } from "../gateway/http/route.ts";
import type { RouteGroup } from "../gateway/http/routes.ts";
import { type PayingParts, servePaying } from "../gateway/http/serve-paying.ts";
import { REST_PATH } from "../protocol/schemas/rest.ts";
import type { Maintenance } from "./maintenance.ts";

export function maintenanceRoutes(
  maintenance: Pick<Maintenance, "list">,
  payers: PayingParts,
): RouteGroup {
  return {
    weight: 0,
    refusalHeaders: (request, server) => callerRateHeaders(payers, request, server),
    routes: [
      route(`GET ${REST_PATH}/maintenance`, {}, (call) =>
        servePaying(payers, call, 1, () => ({ maintenance: maintenance.list() })),
      ),
    ],
  };
}
