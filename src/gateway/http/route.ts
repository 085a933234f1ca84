/** A route: its method and path, what it takes, and its handler. */
import type { Static, TObject, TSchema } from "@sinclair/typebox";
import { compileCheck } from "../../protocol/check.ts";
import type { Session } from "../websocket/session.ts";
import { checked, readBody } from "./request-body.ts";
import { readQuery } from "./request-query.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** `"POST /users/:id/keys"`. */
export type RouteName = `${Method} /${string}`;

/**
 * What a route takes and answers. A query without a schema is not looked at. With a schema for the body, the body is read
 * before the handler runs; that is allowed only behind a group's guard. Elsewhere the handler reads the body itself, when it
 * knows who pays.
 */
export interface RouteSpec {
  readonly body?: TSchema;
  readonly query?: TObject;
  /** For the published documents. Answers are not checked. */
  readonly reply?: TSchema;
}

/** A request as it came. `params` are the decoded parameters of its path. */
export type HttpRequest = Bun.BunRequest<string>;

/** What handlers use of the server. */
export type HttpServer = Pick<Bun.Server<Session>, "requestIP" | "timeout" | "upgrade">;

/** A request, and the server that received it. */
export interface Incoming {
  request: HttpRequest;
  server: HttpServer;
}

/** A request whose query and body have passed their schemas. */
export interface Call<Name extends string, Spec extends RouteSpec> extends Incoming {
  params: Bun.Serve.ExtractRouteParams<Name>;
  query: Spec["query"] extends TSchema ? Static<Spec["query"]> : undefined;
  body: Spec["body"] extends TSchema ? Static<Spec["body"]> : undefined;
}

/** The `Allow` header of a path that has routes for `methods`. */
export function allowHeader(methods: Iterable<string>): { Allow: string } {
  const all = [...methods].flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  return { Allow: [...all, "OPTIONS"].join(", ") };
}

/**
 * The body of an answer with status 200 (a `JsonAnswer` when it has headers, too), a whole response, or nothing when the
 * connection became a WebSocket.
 */
export type Answer = object | Response | undefined;

export interface Route {
  readonly method: Method;
  readonly path: string;
  /** Whether a body is read before it is known who pays. */
  readonly readsBody?: boolean;
  /** Whether its parameters may be `.` and `..`, because clients choose them. */
  readonly takesDots?: boolean;
  /** Serves a request. What the client is to be told it throws as `HttpError`. */
  answer(request: HttpRequest, server: HttpServer): Answer | Promise<Answer>;
}

/** Makes a route. The schemas of `spec` are compiled by its first request. */
export function route<const Name extends RouteName, const Spec extends RouteSpec>(
  name: Name,
  spec: Spec,
  handle: (call: Call<Name, Spec>) => Answer | Promise<Answer>,
): Route {
  const [method, path] = name.split(" ", 2) as [Method, string];
  const takes: RouteSpec = spec;
  const query = takes.query && { schema: takes.query, check: compileCheck(takes.query) };
  const checkBody = takes.body && compileCheck(takes.body);
  return {
    method,
    path,
    readsBody: checkBody !== undefined,
    answer(request, server) {
      const asked = query && checked(query.check, readQuery(request, query.schema));
      const { params } = request;
      // The compiler cannot derive the types of a schema that it does not know yet, so the cast goes through unknown.
      const answer = (body: unknown) =>
        handle({ request, server, params, query: asked, body } as unknown as Call<Name, Spec>);
      if (checkBody === undefined) return answer(undefined);
      return readBody(request).then((body) => answer(checked(checkBody, body)));
    },
  };
}
