/** `GET /api/v1/maintenance`: what is scheduled, for everybody, also while the exchange is closed. */
import { route } from "../gateway/http/route.ts";
import type { RouteGroup } from "../gateway/http/routes.ts";
import type { Maintenance } from "./maintenance.ts";

export function maintenanceRoutes(maintenance: Pick<Maintenance, "list">): RouteGroup {
  return {
    routes: [route("GET /api/v1/maintenance", {}, () => ({ maintenance: maintenance.list() }))],
  };
}
