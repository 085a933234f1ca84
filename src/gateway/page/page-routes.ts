/**
 * The trading page: one document at every path that the page has a view for, and what it loads, under names that change
 * with the content. It is made when somebody first asks for it.
 */
import { ErrorCode } from "../../protocol/errors.ts";
import { compressedOnce } from "../http/compression.ts";
import { taggedResponse } from "../http/etag.ts";
import { pathOf } from "../http/request-target.ts";
import { httpError } from "../http/responses.ts";
import { type HttpRequest, type RouteName, route } from "../http/route.ts";
import type { RouteGroup } from "../http/routes.ts";
import { ASSETS, type Page, pageOf } from "./page.ts";
import type { PageFile } from "./page-file.ts";

/** The views have these paths; the page itself knows which is which. */
const VIEWS: readonly RouteName[] = [
  "GET /",
  "GET /players/:symbol",
  "GET /account",
  "GET /account/:part",
  "GET /settings",
];
/** Scripts, styles and connections are the exchange's own, and no text becomes script or style. */
const POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

/** A file is what its name says for ever. */
const FOR_EVER = "public, max-age=31536000, immutable";

/** What one file costs, of the requests that its address may send in a second: files are long. */
const WEIGHT = 10;

export interface PageSource {
  /** Makes the files of the page, one of them HTML. */
  load(): Promise<readonly PageFile[]>;
  /** Called with the reason when they cannot be made. */
  onFailure(error: unknown): void;
}

export function pageRoutes(source: PageSource): RouteGroup {
  let loading: Promise<Page> | undefined;
  const page = async (): Promise<Page> => {
    const mine = (loading ??= source.load().then(pageOf));
    const made = await mine.catch((error: unknown) => {
      // Only the first of all who wait reports it. The next request tries again.
      if (loading === mine) {
        loading = undefined;
        source.onFailure(error);
      }
      return null;
    });
    if (made !== null) return made;
    throw httpError(ErrorCode.OVERLOADED, "The page cannot be made; the exchange's log says why");
  };
  return {
    weight: WEIGHT,
    routes: [
      ...VIEWS.map((name) => route(name, {}, async ({ request }) => view(request, await page()))),
      route(`GET ${ASSETS}:name`, {}, async ({ params }) => asset(params.name, await page())),
    ],
    otherwise: (request) => (isOfPerson(request) ? page().then(nothingHere) : undefined),
  };
}

/** Paths for programs: their refusals are always JSON. */
const FOR_PROGRAMS = /^\/(?:api|admin|assets)(?:\/|$)/;

/** Whether a person followed a link or typed an address: browsers then ask for HTML, programs for anything. */
function isOfPerson(request: Request): boolean {
  const isLook = request.method === "GET" || request.method === "HEAD";
  const accepts = request.headers.get("accept") ?? "";
  return isLook && accepts.includes("text/html") && !FOR_PROGRAMS.test(pathOf(request));
}

/** For a path without a view: the document, which says so and offers a way back. */
function nothingHere({ document }: Page): Response {
  const headers = { "Cache-Control": "no-store", "Content-Security-Policy": POLICY };
  return new Response(document, {
    status: 404,
    headers: { ...headers, "Content-Type": "text/html; charset=utf-8" },
  });
}

function view(request: HttpRequest, { document }: Page): Response {
  const headers = { "Cache-Control": "no-cache", "Content-Security-Policy": POLICY };
  const response = taggedResponse(request, document, "text/html; charset=utf-8", headers);
  return compressedOnce("page", response);
}

function asset(name: string, { assets }: Page): Response {
  const file = assets.get(name);
  if (file === undefined) throw httpError(ErrorCode.UNKNOWN_METHOD, "The page has no such file");
  const headers = { "Content-Type": file.type, "Cache-Control": FOR_EVER };
  return compressedOnce(`page ${file.name}`, new Response(file.bytes, { headers }));
}
