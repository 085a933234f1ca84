/** Routes on a real server, because it is Bun that matches them. */

import { Refusals } from "../../../src/gateway/http/refusals.ts";
import {
  createRoutes,
  type RouteGroup,
  type RouteHooks,
} from "../../../src/gateway/http/routes.ts";
import type { Session } from "../../../src/gateway/websocket/session.ts";

/** `charge`: what requests pay with. */
export function serveRoutes(
  groups: readonly RouteGroup[],
  charge: RouteHooks["charge"] = () => undefined,
  refusals: RouteHooks["refusals"] = new Refusals(() => performance.now()),
) {
  /** What nobody foresaw. */
  const bugs: unknown[] = [];
  /** Codes of the errors that were answered. */
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
