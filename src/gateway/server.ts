/** Starts the server: the three WebSocket endpoints, and HTTP. */
import type { Certificate } from "../config/certificates.ts";
import type { Endpoint } from "../protocol/schemas.ts";
import type { Counters } from "./counters.ts";
import type { Refusals } from "./http/refusals.ts";
import { HTTP_BODY_BYTES_MAX } from "./http/request-body.ts";
import type { RequestGate } from "./http/request-gate.ts";
import { route } from "./http/route.ts";
import { createRoutes, type RouteGroup } from "./http/routes.ts";
import { securityHeaders } from "./http/security-headers.ts";
import { Listeners, type Serving } from "./listeners.ts";
import { SWEEP_INTERVAL_MS } from "./websocket/connection-sweep.ts";
import type { Connections } from "./websocket/connections.ts";
import type { Publisher } from "./websocket/publisher.ts";
import type { Socket } from "./websocket/session.ts";

export interface ServerOptions {
  host: string;
  port: number;
  frameBytesMax: number;
  backpressureLimitBytes: number;
  /** A client that is silent for so many milliseconds is pinged, and after twice as long given up. */
  heartbeatIntervalMs: number;
  /** Whether messages for everybody are compressed for clients that ask for it. */
  compression: boolean;
  /** Without any there is no TLS. */
  certificates: readonly Certificate[];
}

export interface RunningServer {
  readonly port: number;
  /** Resolves when new connections get these certificates. Open connections stay. */
  handOver(certificates: readonly Certificate[]): Promise<void>;
}

export interface ServerParts {
  options: ServerOptions;
  connections: Connections;
  publisher: Publisher;
  /** All routes that are not WebSocket endpoints. */
  http: readonly RouteGroup[];
  gate: RequestGate;
  refusals: Refusals;
  counters: Counters;
  /** Called with an unexpected error. */
  onBug(error: unknown): void;
}

const ENDPOINTS: readonly Endpoint[] = ["orders", "market-data", "user-data"];

/**
 * The sweep closes connections with a reason: those that have not read for a time, and those with the most unread bytes
 * when all together have too many. Bun itself closes without a reason, so its limit is only the last resort: this many
 * times the sweep's limit, and at least so many bytes, more than is published between two sweeps.
 */
const HARD_LIMIT_FACTOR = 16;
const HARD_LIMIT_BYTES_MIN = 64 * 1024 * 1024;
const IDLE_TIMEOUT_MAX_S = 960;
/**
 * Bun looks for idle connections every four seconds, so it may end one that much too early. The sweep's pings take time, too.
 */
const IDLE_TIMEOUT_SPARE_S = 8;
/**
 * For how many seconds at least an idle HTTP connection stays open: Bun ends it after ten, and looks every four. A client
 * that does not know this may send an order on a connection that is just being ended.
 */
const KEPT_OPEN_S = 8;

/**
 * A compressed frame of a kilobyte may unpack to a megabyte, and Bun unpacks it before the exchange sees it. So with
 * compression a frame may be only as long as the longest request needs.
 */
const COMPRESSED_FRAME_BYTES_MAX = 128 * 1024;

/** Starts to listen, and opens the publisher, which stops the server when it is disposed of. */
export function startServer(parts: ServerParts): RunningServer {
  const { options, connections, publisher } = parts;
  const websocket = webSocketHandler(options, connections);
  const listeners = new Listeners({
    ...options,
    serving: (isLast) => ({ ...httpHandlers(parts, isLast), websocket }),
  });
  connections.listensOn(listeners.port);
  const sweeper = setInterval(() => connections.sweep(), SWEEP_INTERVAL_MS);
  publisher.open(listeners, async () => {
    clearInterval(sweeper);
    connections.close();
    await listeners.stop();
  });
  return listeners;
}

function httpHandlers(parts: ServerParts, isLast: boolean): Serving {
  const { options, connections, gate, refusals, counters, onBug } = parts;
  const endpoints = ENDPOINTS.map((endpoint) =>
    route(`GET /${endpoint}`, {}, ({ request, server }) =>
      connections.upgrade(request, server, endpoint),
    ),
  );
  const { routes, fetch } = createRoutes([{ routes: endpoints, weight: 0 }, ...parts.http], {
    onBug,
    enter: (request, server, run) => gate.enter(request, server, run),
    charge: (request, server, weight) => gate.charge(request, server, weight),
    refusals,
    isLast: (request, server) => connections.takeLastAnswer(request, server),
    onRefused: (code) => counters.onError(code),
    headers: {
      ...securityHeaders(options.certificates.length > 0),
      ...(isLast ? { Connection: "close" } : { "Keep-Alive": `timeout=${KEPT_OPEN_S}` }),
    },
  });
  return { routes, fetch, maxRequestBodySize: HTTP_BODY_BYTES_MAX };
}

/**
 * Seconds after which Bun ends a connection on which nothing is sent: later than the sweep would, as the last resort.
 */
export function idleTimeoutS(heartbeatIntervalMs: number): number {
  const sweepS = Math.ceil((heartbeatIntervalMs * 2) / 1000);
  return Math.min(IDLE_TIMEOUT_MAX_S, sweepS + IDLE_TIMEOUT_SPARE_S);
}

function webSocketHandler(options: ServerOptions, connections: Connections) {
  return {
    maxPayloadLength: options.compression
      ? Math.min(options.frameBytesMax, COMPRESSED_FRAME_BYTES_MAX)
      : options.frameBytesMax,
    backpressureLimit: Math.max(
      HARD_LIMIT_BYTES_MIN,
      options.backpressureLimitBytes * HARD_LIMIT_FACTOR,
    ),
    closeOnBackpressureLimit: true,
    idleTimeout: idleTimeoutS(options.heartbeatIntervalMs),
    // The sweep pings instead, because it also looks for the answer; Bun counts what we send as a sign of life.
    sendPings: false,
    perMessageDeflate: options.compression,
    open: (socket: Socket) => connections.onOpen(socket),
    message: (socket: Socket, frame: string | Buffer) => connections.onMessage(socket, frame),
    ping: (socket: Socket, payload: Buffer) => connections.onControl(socket, payload),
    pong: (socket: Socket, payload: Buffer) => connections.onControl(socket, payload),
    drain: (socket: Socket) => connections.onDrain(socket),
    close: (socket: Socket, code: number, reason: string) =>
      connections.onClose(socket, code, reason),
  };
}
