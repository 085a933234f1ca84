/**
 * The documents as pages: `/docs` for REST, `/docs/streams` for the WebSockets. Everything that they load comes from
 * the exchange, so they work without a network. They are made, and what they need is loaded, when somebody first asks
 * for them.
 */
import { resolve } from "node:path";
import { compressedOnce } from "../http/compression.ts";
import { isKnown, taggedResponse } from "../http/etag.ts";
import { lazyText } from "../http/lazy-text.ts";
import { type Incoming, type Route, type RouteName, route } from "../http/route.ts";
import type { RouteGroup } from "../http/routes.ts";
import styles from "./docs.css" with { type: "text" };
import { type Page, pageText, policyOf } from "./page.ts";
import { referenceFile } from "./reference-file.ts";
import { referencePage, START_SCRIPT } from "./reference-page.ts";

/** What one page costs its address, of as many as it may send in a second. */
const WEIGHT = 10;
/** The same of the reference, which has three megabytes. */
const REFERENCE_WEIGHT = 200;

/** Where programs that write programs look, and the root of the documents. */
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
  let made: Promise<{ text: string; policy: Record<string, string> }> | undefined;
  return route(name, {}, async ({ request }) => {
    made ??= make().then((all) => ({ text: pageText(all), policy: policyOf(all) }));
    const { text, policy } = await made;
    return compressedOnce(name, taggedResponse(request, text, "text/html; charset=utf-8", policy));
  });
}

function text(name: RouteName, type: string, make: () => Promise<string>): Route {
  const made = lazyText(make);
  return route(name, {}, async ({ request }) =>
    compressedOnce(name, taggedResponse(request, await made(), `${type}; charset=utf-8`)),
  );
}

/** Scalar's reference with all that it needs. It is too long to be kept, or read, each time. */
function referenceScript({ request }: Incoming): Response {
  const file = Bun.file(resolve(import.meta.dir, referenceFile()));
  const tag = `W/"${file.size.toString(36)}-${file.lastModified.toString(36)}"`;
  const headers = { "Cache-Control": "no-cache", ETag: tag };
  if (isKnown(request, tag)) return new Response(null, { status: 304, headers });
  const all = { ...headers, "Content-Type": "text/javascript" };
  return compressedOnce(`reference ${tag}`, new Response(file, { headers: all }));
}
