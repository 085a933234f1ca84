/** `Bun.serve`: the three WebSocket endpoints and HTTP. */
import type { Server } from "bun";
import { ENCODINGS, type Encoding, SUBPROTOCOLS } from "../protocol/encoding.ts";
import { ErrorCode, errorBody, httpStatus } from "../protocol/errors.ts";
import type { Endpoint } from "../protocol/schemas.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { type Gateway, RETRY_AFTER_MS } from "./gateway.ts";
import { leaveAll } from "./methods/market-data.ts";
import { CloseCode, type ReplyWriter, Session, type Socket } from "./session.ts";
import { createLimits } from "./user-limits.ts";

/** Every connection is subscribed to these, by encoding: notices that concern all. */
export const noticeTopic = (encoding: Encoding): string => `notice/${encoding}`;

export interface ServerOptions {
  host: string;
  port: number;
  frameBytesMax: number;
  backpressureLimitBytes: number;
  /** Silence after which a client is pinged, and given up when it does not answer. */
  heartbeatIntervalMs: number;
  loginTimeoutMs: number;
  gateway: Gateway;
  dispatcher: Dispatcher;
  replies: ReplyWriter;
  /** Sessions now open. */
  sessions: Set<Session>;
  /** Everything that is not an endpoint. */
  http(request: Request, path: string): Response | Promise<Response>;
}

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  "/orders": "orders",
  "/market-data": "market-data",
  "/user-data": "user-data",
};

/** How often connections are looked over for missing logins and slow readers. */
const SWEEP_INTERVAL_MS = 100;
/**
 * The sweep closes slow readers with a reason at the limit. Bun closes without one at this many times the
 * limit: more than can be published between two sweeps, so that it is the last resort only.
 */
const HARD_LIMIT_FACTOR = 16;
const IDLE_TIMEOUT_MAX_S = 960;
/** How long a plain HTTP request may be in the making. */
const HTTP_TIMEOUT_S = 120;

export interface RunningServer {
  readonly port: number;
  publish(topic: string, frame: string | Uint8Array): void;
  stop(): Promise<void>;
}

export function startServer(options: ServerOptions): RunningServer {
  const { gateway, dispatcher, sessions } = options;
  const server = Bun.serve<Session>({
    hostname: options.host,
    port: options.port,
    fetch(request, server) {
      const path = new URL(request.url).pathname;
      const endpoint = ENDPOINTS[path];
      if (endpoint === undefined) {
        // A snapshot, or a page of the audit, may be longer in the making than Bun waits by itself.
        server.timeout(request, HTTP_TIMEOUT_S);
        return options.http(request, path);
      }
      return upgrade(options, server, request, endpoint);
    },
    error(error) {
      gateway.onBug(error);
      return errorResponse(ErrorCode.INTERNAL);
    },
    websocket: {
      maxPayloadLength: options.frameBytesMax,
      backpressureLimit: options.backpressureLimitBytes * HARD_LIMIT_FACTOR,
      closeOnBackpressureLimit: true,
      idleTimeout: Math.min(
        IDLE_TIMEOUT_MAX_S,
        Math.ceil((options.heartbeatIntervalMs * 2) / 1000),
      ),
      sendPings: true,
      perMessageDeflate: false,
      open(socket: Socket) {
        const session = socket.data;
        session.socket = socket;
        sessions.add(session);
        socket.subscribe(noticeTopic(session.encoding));
      },
      message(socket: Socket, frame: string | Buffer) {
        if (typeof frame === "string") dispatcher.text(socket.data, frame);
        else dispatcher.binary(socket.data, frame);
      },
      close(socket: Socket, code: number) {
        const session = socket.data;
        if (code === CloseCode.SLOW_CONSUMER) gateway.counters.slowConsumers++;
        leaveAll(gateway, session);
        gateway.userStream.leave(session);
        session.socket = null;
        sessions.delete(session);
        gateway.admission.leave(session.address);
        const login = session.login;
        // On the way down it has been done already.
        if (login?.cancelOnDisconnect && !gateway.closing) {
          gateway.cancelOrders(login.account, login.user.number);
        }
      },
    },
  });
  const sweeper = setInterval(() => sweep(options), SWEEP_INTERVAL_MS);

  return {
    port: server.port as number,
    publish(topic, frame) {
      gateway.counters.pushes++;
      // 0 means that nobody was there or that a full socket dropped it; full sockets are closed.
      server.publish(topic, frame);
    },
    async stop() {
      clearInterval(sweeper);
      await server.stop(true);
    },
  };
}

/** Takes a connection in, or says in HTTP why not. */
function upgrade(
  options: ServerOptions,
  server: Server<Session>,
  request: Request,
  endpoint: Endpoint,
): Response | undefined {
  const { gateway } = options;
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return errorResponse(ErrorCode.MALFORMED_MESSAGE, "a WebSocket upgrade was expected here", 426);
  }
  if (gateway.closing) return errorResponse(ErrorCode.SHUTTING_DOWN);
  const negotiated = negotiate(request);
  if (negotiated === null) {
    const expected = `expected a subprotocol of ${Object.values(SUBPROTOCOLS).join(", ")}`;
    return errorResponse(ErrorCode.MALFORMED_MESSAGE, expected);
  }
  const address = server.requestIP(request)?.address ?? "unknown";
  if (!gateway.admission.enter(address)) return errorResponse(ErrorCode.TOO_MANY_CONNECTIONS);

  const now = gateway.now();
  const limits = createLimits(gateway.limits.defaults, now);
  const { encoding, subprotocol } = negotiated;
  const session = new Session(endpoint, encoding, address, now, limits, options.replies);
  const headers: Record<string, string> =
    subprotocol === null ? {} : { "Sec-WebSocket-Protocol": subprotocol };
  if (server.upgrade(request, { data: session, headers })) return undefined;
  gateway.admission.leave(address);
  return errorResponse(ErrorCode.MALFORMED_MESSAGE, "not a valid WebSocket upgrade");
}

/** Encoding and the subprotocol to echo: the first of the client's that we know; null = none of them. */
function negotiate(request: Request): { encoding: Encoding; subprotocol: string | null } | null {
  const header = request.headers.get("sec-websocket-protocol");
  if (header !== null) {
    for (const offered of header.split(",").map((name) => name.trim())) {
      const encoding = ENCODINGS.find((name) => SUBPROTOCOLS[name] === offered);
      if (encoding !== undefined) return { encoding, subprotocol: offered };
    }
    return null;
  }
  const asked = new URL(request.url).searchParams.get("encoding");
  if (asked === null) return { encoding: "json", subprotocol: null };
  const encoding = ENCODINGS.find((name) => name === asked);
  return encoding === undefined ? null : { encoding, subprotocol: null };
}

/** The wire's error body with its HTTP status. */
export function errorResponse(code: number, message?: string, status?: number): Response {
  const http = status ?? httpStatus(code);
  const retry = http === 429 || http === 503;
  const details = retry ? { retry_after_ms: RETRY_AFTER_MS } : undefined;
  return Response.json(errorBody(code, details, message), {
    status: http,
    headers: retry ? { "Retry-After": String(Math.ceil(RETRY_AFTER_MS / 1000)) } : {},
  });
}

/** Closes who did not log in in time, who does not read, and whose key has expired. */
function sweep({ gateway, sessions, loginTimeoutMs, backpressureLimitBytes }: ServerOptions): void {
  const now = gateway.now();
  for (const session of sessions) {
    if (session.buffered() > backpressureLimitBytes) {
      session.close(CloseCode.SLOW_CONSUMER, "slow consumer");
      continue;
    }
    const expiresAt = session.login?.key.expiresAt ?? null;
    if (expiresAt !== null && now >= expiresAt) {
      session.close(CloseCode.KEY_REVOKED, "API key expired");
      continue;
    }
    const mayStay = session.login !== null || isAnonymous(gateway, session);
    if (!mayStay && now - session.openedAt > loginTimeoutMs) {
      session.close(CloseCode.NO_LOGIN, "no login in time");
    }
  }
}

function isAnonymous(gateway: Gateway, session: Session): boolean {
  return session.endpoint === "market-data" && gateway.anonymousMarketData;
}
