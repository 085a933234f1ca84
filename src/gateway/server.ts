/** `Bun.serve`: the three WebSocket endpoints, and HTTP. */
import type { Server } from "bun";
import type { Endpoint } from "../protocol/schemas.ts";
import type { Counters } from "./counters.ts";
import { BODY_BYTES_MAX } from "./http/request-body.ts";
import { route } from "./http/route.ts";
import { createRoutes, type RouteGroup } from "./http/routes.ts";
import { listenFault } from "./listen-fault.ts";
import { SWEEP_INTERVAL_MS } from "./websocket/connection-sweep.ts";
import type { Connections } from "./websocket/connections.ts";
import type { Publisher } from "./websocket/publisher.ts";
import type { Session, Socket } from "./websocket/session.ts";

export interface ServerOptions {
  host: string;
  port: number;
  frameBytesMax: number;
  backpressureLimitBytes: number;
  /** Silence after which a client is pinged, and after twice of it given up. */
  heartbeatIntervalMs: number;
}

export interface ServerParts {
  options: ServerOptions;
  connections: Connections;
  publisher: Publisher;
  /** Everything that is not an endpoint. */
  http: readonly RouteGroup[];
  counters: Counters;
  /** Is told of what nobody foresaw. */
  onBug(error: unknown): void;
}

const ENDPOINTS: readonly Endpoint[] = ["orders", "market-data", "user-data"];

/**
 * The sweep closes slow readers with a reason when they did not read for a time, and the biggest debtors when all
 * together owe too much. Bun closes without a reason at this many times the limit, and at so many bytes at least:
 * more than is published between two sweeps, so that it is the last resort only.
 */
const HARD_LIMIT_FACTOR = 16;
const HARD_LIMIT_BYTES_MIN = 64 * 1024 * 1024;
const IDLE_TIMEOUT_MAX_S = 960;
/** Bun itself refuses larger bodies, with 413 and no words; nothing near it is read by anybody. */
const HTTP_BODY_BYTES_MAX = 4 * BODY_BYTES_MAX;

/** Listens; from now on what is published goes out. Gives the port; the publisher ends it. */
export function startServer(parts: ServerParts): number {
  const { options, connections, publisher, counters, onBug } = parts;
  const endpoints = ENDPOINTS.map((endpoint) =>
    route(`GET /${endpoint}`, {}, ({ request }) => connections.upgrade(request, server, endpoint)),
  );
  const { routes, fetch } = createRoutes([{ routes: endpoints }, ...parts.http], {
    onBug,
    onRefused: (code) => counters.onError(code),
  });
  const server: Server<Session> = listen(options, {
    hostname: options.host,
    port: options.port,
    maxRequestBodySize: HTTP_BODY_BYTES_MAX,
    // Nothing rejects there; if it did, Bun would show its page with our source otherwise.
    development: false,
    // Outside of development Bun would share a port that another process listens on.
    reusePort: false,
    routes,
    fetch,
    websocket: {
      maxPayloadLength: options.frameBytesMax,
      backpressureLimit: Math.max(
        HARD_LIMIT_BYTES_MIN,
        options.backpressureLimitBytes * HARD_LIMIT_FACTOR,
      ),
      closeOnBackpressureLimit: true,
      idleTimeout: Math.min(
        IDLE_TIMEOUT_MAX_S,
        Math.ceil((options.heartbeatIntervalMs * 2) / 1000),
      ),
      // The sweep pings, for it also looks whether there is an answer: Bun takes what is sent for a sign of life.
      sendPings: false,
      perMessageDeflate: false,
      open: (socket: Socket) => connections.onOpen(socket),
      message: (socket: Socket, frame: string | Buffer) => connections.onMessage(socket, frame),
      ping: (socket: Socket, payload: Buffer) => connections.onControl(socket, payload),
      pong: (socket: Socket, payload: Buffer) => connections.onControl(socket, payload),
      drain: (socket: Socket) => connections.onDrain(socket),
      close: (socket: Socket, code: number) => connections.onClose(socket, code),
    },
  });
  const sweeper = setInterval(() => connections.sweep(), SWEEP_INTERVAL_MS);
  publisher.open(server, async () => {
    clearInterval(sweeper);
    connections.close();
    await server.stop(true);
  });
  return server.port as number;
}

/** `Bun.serve`; throws what an operator understands. */
function listen({ host, port }: ServerOptions, how: Bun.Serve.Options<Session, string>) {
  try {
    return Bun.serve<Session>(how);
  } catch (error) {
    throw listenFault(host, port, error);
  }
}
