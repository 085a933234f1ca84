/**
 * The trading page: one document at every path that has a view, and the files that it loads, whose names change with their
 * content. The page is made when it is first asked for.
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

/** Paths of the views. The page itself finds the view for a path. */
const VIEWS: readonly RouteName[] = [
  "GET /",
  "GET /players/:symbol",
  "GET /account",
  "GET /account/:part",
  "GET /settings",
];
/** Scripts, styles and connections are the exchange's own, and no text can become a script or a style. */
const POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

/** A file never changes under its name. */
const FOR_EVER = "public, max-age=31536000, immutable";

/** What one file costs its address, which may send a certain number of requests a second: files are long. */
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
      // Of all requests that wait, only the first reports the failure. The next request tries again.
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

/** Paths for programs. Refusals there are always JSON. */
const FOR_PROGRAMS = /^\/(?:api|admin|assets)(?:\/|$)/;

/** Whether a person followed a link or typed an address: browsers then ask for HTML, programs do not. */
function isOfPerson(request: Request): boolean {
  const isLook = request.method === "GET" || request.method === "HEAD";
  const accepts = request.headers.get("accept") ?? "";
  return isLook && accepts.includes("text/html") && !FOR_PROGRAMS.test(pathOf(request));
}

/** The answer for a path without a view: the document, which says so and offers a way back. */
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
