/** `GET /api/v1/maintenance`: what is scheduled, for everybody, also while the exchange is closed. */
import { type PayingParts, payingCaller } from "../gateway/http/paying-caller.ts";
import { route } from "../gateway/http/route.ts";
import type { RouteGroup } from "../gateway/http/routes.ts";
import type { Maintenance } from "./maintenance.ts";

export function maintenanceRoutes(
  maintenance: Pick<Maintenance, "list">,
  payers: PayingParts,
): RouteGroup {
  return {
    weight: 0,
    routes: [
      route("GET /api/v1/maintenance", {}, async (call) => {
        await payingCaller(payers, call, 1);
        return { maintenance: maintenance.list() };
      }),
    ],
  };
}
