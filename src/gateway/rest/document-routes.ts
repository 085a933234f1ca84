/** The published documents, for whoever wants to write a client. */
import { REST_PATH } from "../../protocol/schemas/rest.ts";
import { compressedOnce } from "../http/compression.ts";
import { taggedResponse } from "../http/etag.ts";
import { lazyText } from "../http/lazy-text.ts";
import { type Route, type RouteName, route } from "../http/route.ts";

/** Their modules are loaded with the first request: most exchanges are never asked. */
const DOCUMENTS: Readonly<Record<RouteName, () => Promise<object>>> = {
  [`GET ${REST_PATH}/openapi.json`]: async () =>
    (await import("../../protocol/documents/open-api.ts")).openApiDocument(),
  [`GET ${REST_PATH}/asyncapi.json`]: async () =>
    (await import("../../protocol/documents/async-api.ts")).asyncApiDocument(),
};

export function documentRoutes(): Route[] {
  return Object.entries(DOCUMENTS).map(([name, make]) => {
    const text = lazyText(async () => JSON.stringify(await make()));
    return route(name as RouteName, {}, async ({ request }) =>
      compressedOnce(name, taggedResponse(request, await text(), "application/json")),
    );
  });
}
