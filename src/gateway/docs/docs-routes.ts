/**
 * The documents as pages: `/docs` for REST, `/docs/streams` for the WebSockets. Everything that they load comes from the
 * exchange, so they work without a network. Each is made, and what it needs is loaded, when it is first asked for.
 */
import { resolve } from "node:path";
import { compressedOnce } from "../http/compression.ts";
import { isKnown, taggedResponse } from "../http/etag.ts";
import { lazy } from "../http/lazy.ts";
import { type Incoming, type Route, type RouteName, route } from "../http/route.ts";
import type { RouteGroup } from "../http/routes.ts";
import styles from "./docs.css" with { type: "text" };
import { type Page, pageText, policyOf } from "./page.ts";
import { referenceFile } from "./reference-file.ts";
import { referencePage, START_SCRIPT } from "./reference-page.ts";

/** What one page costs its address, which may send a certain number of requests a second. */
const WEIGHT = 10;
/** The same for the reference, which has three megabytes. */
const REFERENCE_WEIGHT = 200;

/** The text for AI agents has two paths: the usual one, and one below the documents. */
const LLMS_PATHS = ["/llms.txt", "/docs/llms.txt"] as const;

export function docsRoutes(): RouteGroup[] {
  const pages = {
    weight: WEIGHT,
    routes: [
      page("GET /docs", async () => referencePage),
      page("GET /docs/streams", async () => (await import("./streams-page.ts")).streamsPage()),
      text("GET /docs/start.js", "text/javascript", async () => START_SCRIPT),
      text("GET /docs/docs.css", "text/css", async () => styles),
      ...LLMS_PATHS.map((path) =>
        text(`GET ${path}`, "text/plain", async () => (await import("./llms-text.ts")).llmsText()),
      ),
    ],
  };
  const reference = route("GET /docs/reference.js", {}, referenceScript);
  return [pages, { weight: REFERENCE_WEIGHT, routes: [reference] }];
}

function page(name: RouteName, make: () => Promise<Page>): Route {
  const made = lazy(async () => {
    const all = await make();
    return { text: pageText(all), policy: policyOf(all) };
  });
  return route(name, {}, async ({ request }) => {
    const { text, policy } = await made();
    return compressedOnce(name, taggedResponse(request, text, "text/html; charset=utf-8", policy));
  });
}

function text(name: RouteName, type: string, make: () => Promise<string>): Route {
  const made = lazy(make);
  return route(name, {}, async ({ request }) =>
    compressedOnce(name, taggedResponse(request, await made(), `${type}; charset=utf-8`)),
  );
}

/** Scalar's reference with all that it needs. The file is too long to be kept in memory, or hashed for each request. */
function referenceScript({ request }: Incoming): Response {
  const file = Bun.file(resolve(import.meta.dir, referenceFile()));
  const tag = `W/"${file.size.toString(36)}-${file.lastModified.toString(36)}"`;
  const headers = { "Cache-Control": "no-cache", ETag: tag };
  if (isKnown(request, tag)) return new Response(null, { status: 304, headers });
  const all = { ...headers, "Content-Type": "text/javascript" };
  return compressedOnce(`reference ${tag}`, new Response(file, { headers: all }));
}
