/**
 * All routes in one table for `Bun.serve`. Bun matches the path as the client sent it, undecoded and without resolving `.`
 * and `..`: `/public/../metrics` is a path of its own, which has no route. Nothing here routes by `request.url`, in which Bun
 * has resolved them.
 */
import { UntilRestart } from "../../lib/until-restart.ts";
import { storageAdvice } from "../../persistence/storage-advice.ts";
import { ErrorCode, errorBody, httpStatus } from "../../protocol/errors.ts";
import { clipped } from "../../protocol/issue.ts";
import { overloaded } from "../../trading/outcome.ts";
import { compressed } from "./compression.ts";
import type { Cors } from "./cors.ts";
import type { Refusals } from "./refusals.ts";
import { isUnread } from "./request-body.ts";
import { lastAnswer } from "./request-gate.ts";
import { pathOf } from "./request-target.ts";
import {
  errorResponse,
  HttpError,
  httpError,
  JSON_HEADERS,
  JsonAnswer,
  refusalOf,
  responseWith,
} from "./responses.ts";
import {
  type Answer,
  allowHeader,
  type HttpRequest,
  type HttpServer,
  type Route,
} from "./route.ts";
import type { ResponseHeaders } from "./security-headers.ts";

/** Routes that belong together. */
export interface RouteGroup {
  readonly routes: readonly Route[];
  /** The path that all routes are under, such as `/admin/v1`. The guard then also protects what has no route there. */
  readonly under?: string;
  /** Called before anything else. Throws `HttpError` to refuse. A request that passes costs nothing, a refused one 1. */
  guard?(request: Request): void;
  /**
   * What a request costs its address when the group has no guard; 1 by default. 0: the route itself charges for it, or it is
   * never refused. A request that no route serves costs 1 all the same.
   */
  readonly weight?: number;
  /** Lets pages of other origins read the answers; none by default. */
  readonly cors?: Cors;
  /** More headers for refusals of methods and paths that the group does not have. */
  refusalHeaders?(request: HttpRequest, server: HttpServer): Promise<ResponseHeaders>;
  /** Answers a browser's request for a path without a route; undefined: the usual refusal. Only one group may have it. */
  otherwise?(request: Request): Promise<Response> | undefined;
  /** How long an answer may take, seconds; Bun's own limit otherwise. */
  readonly timeoutS?: number;
}

export interface RouteHooks {
  /** Called once with an unexpected error. The client reads only that it was internal. */
  onBug(error: unknown): void;
  /** Called with the code of each error that is answered. */
  onRefused(code: number): void;
  /** Serves a request, at once or in its turn; false when too many wait. */
  enter(request: Request, server: HttpServer, run: () => void): boolean;
  /** Charges a request to its address. Throws `HttpError` when nothing is left. */
  charge(request: Request, server: HttpServer, weight: number): void;
  readonly refusals: Pick<Refusals, "delayOfUser" | "hold">;
  /** Whether the answer to a request is to be the last on its connection. */
  isLast(request: Request, server: HttpServer): boolean;
  /** Headers of every answer, unless it sets them itself. */
  readonly headers: ResponseHeaders;
}

type Fetch = (request: Request, server: HttpServer) => Promise<Response | undefined>;
type Serve = (request: HttpRequest, server: HttpServer) => Promise<Response | undefined>;

/** What a request costs if its route does not say. */
const WEIGHT = 1;
/**
 * What a request costs when another limit of its address refuses it, so that a client that goes on regardless is
 * stopped soon.
 */
const REFUSED_WEIGHT = 50;

/**
 * Makes `routes` and `fetch` of `Bun.serve`. Neither ever rejects. Throws when two routes are the same, and when a route that
 * reads bodies has no guard.
 */
export function createRoutes(
  groups: readonly RouteGroup[],
  hooks: RouteHooks,
): { routes: Record<string, Serve>; fetch: Fetch } {
  const routes: Record<string, Serve> = {};
  const context: RouteContext = {
    ...hooks,
    json: new Headers({ ...hooks.headers, ...JSON_HEADERS }),
  };
  const serve = (path: string, group: RouteGroup, answer: Route["answer"]): void => {
    if (Object.hasOwn(routes, path)) throw new Error(`two routes for ${path}`);
    const { cors } = group;
    const plain: Serve = (request, server) =>
      respond(context, request, server, () => {
        enter(hooks, group, request, server);
        return answer(request, server);
      });
    routes[path] = cors === undefined ? plain : readable(cors, plain);
  };
  for (const group of groups) {
    assertGuarded(group);
    for (const [path, methods] of byPath(group.routes)) {
      serve(path, group, (request, server) => dispatch(hooks, group, methods, request, server));
    }
    if (group.under === undefined) continue;
    for (const path of [group.under, `${group.under}/*`]) {
      serve(path, { ...group, weight: WEIGHT }, (request, server) =>
        refuse(group, request, server, notFound(request)),
      );
    }
  }
  const forPeople = groups.find(({ otherwise }) => otherwise !== undefined);
  const fetch: Fetch = (request, server) =>
    respond(context, request, server, () => {
      hooks.charge(request, server, WEIGHT);
      const page = forPeople?.otherwise?.(request);
      if (page === undefined) throw notFound(request);
      hooks.onRefused(ErrorCode.UNKNOWN_METHOD);
      return page;
    });
  return { routes, fetch };
}

/** A route that reads bodies needs a guard, which knows who pays for them. */
function assertGuarded({ guard, routes }: RouteGroup): void {
  const open = guard === undefined && routes.find(({ readsBody }) => readsBody === true);
  if (open) throw new Error(`${open.method} ${open.path} reads bodies without a guard`);
}

/** Lets a request in if its group's guard accepts it, or if it pays. */
function enter(
  { charge }: RouteHooks,
  group: RouteGroup,
  request: Request,
  server: HttpServer,
): void {
  const { weight = WEIGHT } = group;
  if (group.guard === undefined) {
    if (weight > 0) charge(request, server, weight);
    return;
  }
  try {
    group.guard(request);
  } catch (refusal) {
    charge(request, server, WEIGHT);
    throw refusal;
  }
}

/** Serves so that pages of allowed origins can read the answers. */
function readable(cors: Cors, serve: Serve): Serve {
  return async (request, server) => {
    const response = await serve(request, server);
    if (response !== undefined) cors.open(request, response);
    return response;
  };
}

/** The routes of each path, by method. */
function byPath(routes: readonly Route[]): Map<string, Map<string, Route>> {
  const paths = new Map<string, Map<string, Route>>();
  for (const route of routes) {
    const methods = paths.get(route.path) ?? new Map<string, Route>();
    if (methods.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
    paths.set(route.path, methods.set(route.method, route));
  }
  return paths;
}

function dispatch(
  { charge }: RouteHooks,
  group: RouteGroup,
  methods: ReadonlyMap<string, Route>,
  request: HttpRequest,
  server: HttpServer,
): Answer | Promise<Answer> {
  const { timeoutS } = group;
  // Bun omits the body when it answers a HEAD.
  const route = methods.get(request.method === "HEAD" ? "GET" : request.method);
  if (route === undefined || (route.takesDots !== true && hasDotSegment(request))) {
    if (group.weight === 0 && group.guard === undefined) charge(request, server, WEIGHT);
    const refusal = route === undefined ? wrongMethod(methods.keys()) : notFound(request);
    return refuse(group, request, server, refusal);
  }
  if (timeoutS !== undefined) server.timeout(request, timeoutS);
  return route.answer(request, server);
}

/** Throws the refusal, with the group's headers. The answer to OPTIONS has the same headers. */
async function refuse(
  group: RouteGroup,
  request: HttpRequest,
  server: HttpServer,
  refusal: HttpError,
): Promise<Response> {
  const told = refusal.with((await group.refusalHeaders?.(request, server)) ?? {});
  const { status, headers } = told.parts;
  if (request.method !== "OPTIONS" || status !== 405) throw told;
  return new Response(null, { status: 204, headers: { "Cache-Control": "no-store", ...headers } });
}

/** Whether a parameter of the path is `.` or `..`. Nothing has such a name, and a proxy in front may have resolved it. */
function hasDotSegment({ params }: HttpRequest): boolean {
  return Object.values(params).some((parameter) => parameter === "." || parameter === "..");
}

interface RouteContext extends RouteHooks {
  /** Headers of answers in JSON. */
  readonly json: Headers;
}

/** Resolves with the answer to a request, in its turn. Never rejects. */
function respond(
  context: RouteContext,
  request: Request,
  server: HttpServer,
  answer: () => Answer | Promise<Answer>,
): Promise<Response | undefined> {
  return new Promise((resolve) => {
    const isTaken = context.enter(request, server, () =>
      resolve(respondNow(context, request, server, answer)),
    );
    if (!isTaken) resolve(respondNow(context, request, server, refuseOverload));
  });
}

/** Refuses a request with two Host headers, which Bun joins. A proxy in front may have used the other one. */
function assertOneHost({ charge }: RouteHooks, request: Request, server: HttpServer): void {
  const host = request.headers.get("host");
  if (host === null || !host.includes(", ")) return;
  charge(request, server, WEIGHT);
  const message = `Host = ${clipped(host)}: expected one`;
  const headers = { Connection: "close" };
  throw httpError(ErrorCode.MALFORMED_MESSAGE, message, { headers });
}

function refuseOverload(): never {
  throw new HttpError(overloaded());
}

async function respondNow(
  context: RouteContext,
  request: Request,
  server: HttpServer,
  answer: () => Answer | Promise<Answer>,
): Promise<Response | undefined> {
  const { onBug, onRefused, refusals, headers } = context;
  try {
    assertOneHost(context, request, server);
    const given = await answer();
    if (given === undefined) return undefined;
    const response = await compressed(request, responseOf(given, context));
    return ending(context, request, server, response);
  } catch (error) {
    const known = refusalOf(error);
    if (known === null) onBug(error);
    const refusal = known ?? unforeseen(error);
    const { body, parts } = charged(context, request, server, refusal);
    onRefused(body.code);
    if (parts.delayMs !== undefined) await refusals.hold(parts.delayMs);
    return ending(context, request, server, withHeaders(errorResponse(body, parts), headers));
  }
}

/**
 * The response, with `Connection: close` when it is the last on its connection. It is also the last when a long body is
 * unread. Otherwise a client could send a body without an end behind a GET, and nobody would pay for it.
 */
function ending(
  { isLast }: RouteHooks,
  request: Request,
  server: HttpServer,
  response: Response,
): Response {
  const { headers } = response;
  if (isLast(request, server) || isUnread(request)) headers.set("Connection", "close");
  if (headers.get("Connection") === "close") headers.delete("Keep-Alive");
  return response;
}

function responseOf(given: object, { headers, json }: RouteContext): Response {
  if (given instanceof Response) return withHeaders(given, headers);
  if (given instanceof JsonAnswer) return responseWith(given.json, json, given);
  return responseWith(JSON.stringify(given), json);
}

/**
 * Returns the refusal. If it is for a limit, it is charged: to the user whose limit it was, so that others behind the same
 * address do not pay for it, or else to the address. When the address has nothing left, it is the last answer on its
 * connection.
 */
function charged(
  { charge, refusals }: RouteHooks,
  request: Request,
  server: HttpServer,
  refusal: HttpError,
): HttpError {
  const { body, parts } = refusal;
  if (httpStatus(body.code) !== 429 || parts.delayMs !== undefined) return refusal;
  if (parts.user !== undefined) {
    const delayMs = refusals.delayOfUser(parts.user);
    return delayMs === null ? refusal : lastAnswer(refusal, delayMs);
  }
  try {
    charge(request, server, REFUSED_WEIGHT);
    return refusal;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return lastAnswer(refusal, error.parts.delayMs ?? 0);
  }
}

function withHeaders(response: Response, headers: ResponseHeaders): Response {
  for (const name in headers) {
    if (!response.headers.has(name)) response.headers.set(name, headers[name] as string);
  }
  return response;
}

/** The refusal for an unexpected error. It says only whether it was the disk, and what was done all the same. */
function unforeseen(error: unknown): HttpError {
  const isDone = error instanceof UntilRestart;
  if (!isDone && storageAdvice(error) === null) return new HttpError(errorBody(ErrorCode.INTERNAL));
  return httpError(ErrorCode.STORAGE_FAILED, isDone ? error.message : "Storage failed");
}

function notFound(request: Request): HttpError {
  return httpError(ErrorCode.UNKNOWN_METHOD, `There is no ${clipped(pathOf(request))}`);
}

function wrongMethod(methods: Iterable<string>): HttpError {
  const headers = allowHeader(methods);
  return httpError(ErrorCode.UNKNOWN_METHOD, `Use ${headers.Allow} here`, { status: 405, headers });
}
