/** Makes the REST door: the routes under `/api/v1`. */
import { REST_PATH, restRoutes } from "../../protocol/schemas/rest.ts";
import { Cors } from "../http/cors.ts";
import type { RouteGroup } from "../http/routes.ts";
import { type RestParts, RestRoute, type ServedRoute } from "./rest-route.ts";

export interface RestOptions {
  /** Origins of pages, beside the exchange's own, that may read what is answered. */
  allowedOrigins: readonly string[];
}

export function createRestRoutes(parts: RestParts, { allowedOrigins }: RestOptions): RouteGroup {
  const routes: Readonly<Record<string, ServedRoute>> = restRoutes;
  return {
    under: REST_PATH,
    // Each is paid for by its caller.
    weight: 0,
    routes: Object.entries(routes).map(([name, spec]) => new RestRoute(name, spec, parts)),
    ...(allowedOrigins.length > 0 && { cors: new Cors(allowedOrigins) }),
  };
}
