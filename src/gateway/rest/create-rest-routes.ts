/** Makes the routes of the REST API, under `/api/v1`. */
import type { OrderTraces } from "../../analytics/order-traces.ts";
import { REST_PATH, restRoutes } from "../../protocol/schemas/rest.ts";
import { BodyBudget } from "../http/body-budget.ts";
import { callerRateHeaders } from "../http/rate-headers.ts";
import type { RouteGroup } from "../http/routes.ts";
import { documentRoutes } from "./document-routes.ts";
import { RequestFees } from "./request-fees.ts";
import { RequestWatch } from "./request-watch.ts";
import { type RestParts, RestRoute, type ServedRoute } from "./rest-route.ts";

export interface RestDoorParts extends Omit<RestParts, "fees" | "bodies" | "watch"> {
  /** Null: no order is traced. */
  orderTraces: OrderTraces | null;
  /** Bytes that the exchange holds for clients of WebSockets. */
  connections: { readonly unreadBytes: number; readonly halfReadBytes: number };
}

/** `bytesTotal`: the most bytes that clients may make the exchange hold. */
export function createRestRoutes(parts: RestDoorParts, bytesTotal: number): RouteGroup[] {
  const { connections } = parts;
  const heldByOthers = (): number => connections.unreadBytes + connections.halfReadBytes;
  const bodies = new BodyBudget({ bytesTotal, heldByOthers });
  const all = {
    ...parts,
    fees: new RequestFees(parts),
    bodies,
    watch: new RequestWatch(parts.orderTraces),
  };
  const routes: Readonly<Record<string, ServedRoute>> = restRoutes;
  return [
    {
      under: REST_PATH,
      // Each route charges its caller.
      weight: 0,
      refusalHeaders: (request, server) => callerRateHeaders(parts, request, server),
      routes: Object.entries(routes).map(([name, spec]) => new RestRoute(name, spec, all)),
    },
    documentRoutes(parts),
  ];
}
