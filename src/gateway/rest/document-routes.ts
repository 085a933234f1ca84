/** The published documents, for people who write clients. */
import { REST_PATH } from "../../protocol/schemas/rest.ts";
import { compressedOnce } from "../http/compression.ts";
import { taggedResponse, tagOf } from "../http/etag.ts";
import { lazy } from "../http/lazy.ts";
import { type CallerParts, callerRateHeaders } from "../http/rate-headers.ts";
import { type RouteName, route } from "../http/route.ts";
import type { RouteGroup } from "../http/routes.ts";

/** Makers of the documents. Their modules are loaded with the first request, because most exchanges are never asked. */
const DOCUMENTS: Readonly<Record<RouteName, () => Promise<object>>> = {
  [`GET ${REST_PATH}/openapi.json`]: async () =>
    (await import("../../protocol/documents/open-api.ts")).openApiDocument(),
  [`GET ${REST_PATH}/asyncapi.json`]: async () =>
    (await import("../../protocol/documents/async-api.ts")).asyncApiDocument(),
};

/** What one document costs its address, which may send a certain number of requests a second: documents are long. */
const WEIGHT = 20;

/** `callers` finds the bucket of a user who asks. */
export function documentRoutes(callers: CallerParts): RouteGroup {
  const routes = Object.entries(DOCUMENTS).map(([name, make]) => {
    const text = lazy(async () => JSON.stringify(await make()));
    const tag = lazy(async () => tagOf(await text()));
    return route(name as RouteName, {}, async ({ request, server }) => {
      const headers = await callerRateHeaders(callers, request, server);
      const response = taggedResponse(
        request,
        await text(),
        "application/json",
        headers,
        await tag(),
      );
      return compressedOnce(name, response);
    });
  });
  return {
    weight: WEIGHT,
    refusalHeaders: (request, server) => callerRateHeaders(callers, request, server),
    routes,
  };
}
