/** Serves routes on a real server, because Bun itself matches the routes. */

import { Refusals } from "../../../src/gateway/http/refusals.ts";
import {
  createRoutes,
  type RouteGroup,
  type RouteHooks,
} from "../../../src/gateway/http/routes.ts";
import type { Session } from "../../../src/gateway/websocket/session.ts";

/** `charge`: how requests pay from the rate limits. */
export function serveRoutes(
  groups: readonly RouteGroup[],
  charge: RouteHooks["charge"] = () => undefined,
  refusals: RouteHooks["refusals"] = new Refusals(() => performance.now()),
) {
  /** Errors that no handler expected. */
  const bugs: unknown[] = [];
  /** The codes of the error answers. */
  const refused: number[] = [];
  const hooks = {
    onBug: (error: unknown) => void bugs.push(error),
    enter(_request: Request, _server: unknown, run: () => void) {
      run();
      return true;
    },
    onRefused: (code: number) => void refused.push(code),
    charge,
    refusals,
    isLast: () => false,
    headers: {},
  };
  const server = Bun.serve<Session>({
    hostname: "127.0.0.1",
    port: 0,
    ...createRoutes(groups, hooks),
    websocket: { message() {} },
  });
  return {
    bugs,
    refused,
    server,
    port: Number(server.port),
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
