/** The open connections: how they begin, what happens to their frames, and why they end. */
import { CancelCause } from "../../core/command.ts";
import { peerKey } from "../../host/tcp-receipts.ts";
import type { ApiKey } from "../../identity/api-key.ts";
import type { TokenSession } from "../../identity/token-session.ts";
import type { User } from "../../identity/user.ts";
import type { Clocks } from "../../lib/clocks.ts";
import type { Lifecycle } from "../../lib/lifecycle.ts";
import { CloseCode } from "../../protocol/close-codes.ts";
import { ErrorCode, errorBody } from "../../protocol/errors.ts";
import type { Endpoint } from "../../protocol/schemas.ts";
import type { AutomaticCancels } from "../../trading/automatic-cancels.ts";
import type { Callers } from "../../trading/caller.ts";
import type { DeadMansSwitches } from "../../trading/dead-mans-switches.ts";
import type { Login } from "../../trading/login.ts";
import type { MaintenanceGate } from "../../trading/maintenance-gate.ts";
import type { AddressBuckets } from "../address-buckets.ts";
import type { Admission } from "../admission.ts";
import type { ClientAddresses } from "../client-addresses.ts";
import type { Counters } from "../counters.ts";
import { accountOfUpgrade, type HttpLogins } from "../http/http-logins.ts";
import type { Refusals } from "../http/refusals.ts";
import { lastAnswer } from "../http/request-gate.ts";
import { HttpError } from "../http/responses.ts";
import type { HttpServer } from "../http/route.ts";
import type { SocketLook } from "../socket-look.ts";
import { ConnectionSweep, type SweepLimits } from "./connection-sweep.ts";
import { DeflateOffers } from "./deflate-offers.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { type EndReason, foreignReason, isStillOpen } from "./end-reason.ts";
import type { FrameGate } from "./frame-gate.ts";
import type { HalfRead } from "./half-read.ts";
import type { IssuedLogins } from "./issued-logins.ts";
import type { MarketDataLoad } from "./market-data-load.ts";
import { noticeTopic } from "./publisher.ts";
import { type OrderReplies, Session, type Socket } from "./session.ts";
import type { Subscriptions } from "./subscriptions.ts";
import { type Negotiated, noUpgrade, readUpgrade } from "./upgrade.ts";
import type { UserData } from "./user-data.ts";

/**
 * What an address pays, in upgrades, when one of its connections is closed for going beyond a limit or for a message that is
 * too long.
 */
const FLOODER_ATTEMPTS = 20;

export interface ConnectionLimits extends SweepLimits {
  connectionsMax: number;
  /** 0: no limit. */
  connectionsPerAddressMax: number;
  /** Origins of pages, beside the exchange's own, that may connect. */
  allowedOrigins: readonly string[];
  /** Whether the exchange itself speaks TLS. */
  isTls: boolean;
  /** Whether clients may send compressed frames. */
  compression: boolean;
}

export interface ConnectionsParts extends Clocks {
  limits: ConnectionLimits;
  admission: Admission;
  /** Limits how many connections an address may ask for. */
  attempts: AddressBuckets;
  addresses: ClientAddresses;
  refusals: Refusals;
  callers: Callers;
  httpLogins: HttpLogins;
  gate: FrameGate;
  dispatcher: Dispatcher;
  replies: OrderReplies;
  subscriptions: Subscriptions;
  load: MarketDataLoad;
  halfRead: HalfRead;
  issued: IssuedLogins;
  look: SocketLook;
  userData: UserData;
  cancels: AutomaticCancels;
  switches: Pick<DeadMansSwitches, "leave">;
  lifecycle: Lifecycle;
  maintenance: MaintenanceGate;
  counters: Counters;
}

export class Connections {
  readonly #sessions = new Set<Session>();
  readonly #parts: ConnectionsParts;
  readonly #sweep: ConnectionSweep;
  readonly #offers: DeflateOffers;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
    this.#sweep = new ConnectionSweep(parts);
    this.#offers = new DeflateOffers(parts.limits.compression, parts);
  }

  /** How many connections are open, by endpoint. */
  counts(): Record<Endpoint, number> {
    const counts = { orders: 0, "market-data": 0, "user-data": 0 };
    for (const { endpoint } of this.#sessions) counts[endpoint]++;
    return counts;
  }

  /** Why nobody can connect; null while there is room. */
  reason(): string | null {
    return this.#parts.admission.reason();
  }

  /**
   * Upgrades a request to a connection, which is logged in when the request shows a login. Throws or rejects with `HttpError`
   * when it is refused.
   */
  upgrade(
    request: Request,
    server: HttpServer,
    endpoint: Endpoint,
  ): undefined | Promise<undefined> {
    const address = this.#parts.addresses.of(request, server);
    const wait = this.#parts.attempts.take(address);
    if (wait > 0) throw this.#tooMany(address, wait);
    const negotiated = readUpgrade(request, this.#parts.limits);
    if (!this.#parts.lifecycle.isOpen) throw new HttpError(errorBody(ErrorCode.SHUTTING_DOWN));
    const closed = endpoint === "orders" ? this.#parts.maintenance.refusal() : null;
    if (closed !== null) throw new HttpError(closed);
    const login = this.#parts.httpLogins.loginOfUpgrade(request, address);
    const accept = (found: Login | null): undefined =>
      this.#accept(request, server, endpoint, negotiated, address, found);
    return login instanceof Promise ? login.then(accept) : accept(login);
  }

  #tooMany(address: string, retry_after_ms: number): HttpError {
    const refusal = new HttpError(errorBody(ErrorCode.TOO_MANY_CONNECTIONS, { retry_after_ms }));
    return lastAnswer(refusal, this.#parts.refusals.delayOfAddress(address));
  }

  #accept(
    request: Request,
    server: HttpServer,
    endpoint: Endpoint,
    { encoding, subprotocol }: Negotiated,
    address: string,
    login: Login | null,
  ): undefined {
    const { admission, callers, replies, monotonic } = this.#parts;
    if (!admission.enter(address)) throw new HttpError(errorBody(ErrorCode.TOO_MANY_CONNECTIONS));
    const caller = login?.caller ?? callers.anonymous(address);
    const data = new Session(endpoint, encoding, address, monotonic(), caller, replies);
    data.login = login;
    data.account = accountOfUpgrade(request);
    data.isCompressed = this.#offers.take(request, address);
    const peer = server.requestIP(request);
    if (peer !== null) data.peer = peerKey(peer.address, peer.port);
    const headers: Record<string, string> =
      subprotocol === null ? {} : { "Sec-WebSocket-Protocol": subprotocol };
    if (server.upgrade(request, { data, headers })) return;
    admission.leave(address);
    if (data.isCompressed) this.#offers.leave(address);
    throw noUpgrade("not a valid WebSocket upgrade");
  }

  onOpen(socket: Socket): void {
    const session = socket.data;
    session.socket = socket;
    this.#sessions.add(session);
    this.#parts.halfRead.join(session);
    this.#parts.subscriptions.open(session);
    socket.subscribe(noticeTopic(session.encoding));
    if (session.login === null) return;
    if (!this.#parts.httpLogins.stands(session.login)) {
      return session.close(CloseCode.KEY_REVOKED, "session ended");
    }
    if (session.endpoint === "user-data") this.#parts.userData.join(session);
  }

  onMessage({ data }: Socket, frame: string | Buffer): void {
    const { gate, dispatcher } = this.#parts;
    if (!gate.admits(data, frame, true)) return;
    if (typeof frame === "string") dispatcher.onText(data, frame);
    else dispatcher.onBinary(data, frame);
  }

  /** Called for a ping, which Bun has answered, or a pong. */
  onControl({ data }: Socket, payload: Buffer): void {
    this.#parts.gate.admits(data, payload, false);
  }

  /** Called when everything that waited for the client has been sent. */
  onDrain({ data }: Socket): void {
    data.unreadSweeps = 0;
    this.#parts.userData.onDrain(data);
  }

  /** `code` and `reason` are Bun's, and may have come from the client. */
  onClose({ data: session }: Socket, code: number, reason: string): void {
    const { admission, attempts, subscriptions, userData, switches } = this.#parts;
    const { counters, look, monotonic } = this.#parts;
    const why = session.ended ?? foreignReason(code, reason);
    counters.ends[why]++;
    // A client that was closed for what it sent shall not come back at once, again and again.
    if (why === "beyond_limit" || why === "too_long") {
      attempts.take(session.address, FLOODER_ATTEMPTS);
    }
    if (session.isCompressed) this.#leaveCompressed(session, why);
    if (isStillOpen(why)) look.onClosed(session.peer, session.descriptor);
    subscriptions.close(session);
    userData.leave(session);
    session.socket = null;
    this.#sessions.delete(session);
    this.#parts.halfRead.leave(session);
    admission.leave(session.address);
    switches.leave(session, monotonic());
    this.#cancelOrders(session);
  }

  #leaveCompressed({ address }: Session, why: EndReason): void {
    this.#offers.leave(address);
    if (why === "beyond_limit" || why === "half_read") this.#offers.refuse(address);
  }

  #cancelOrders(session: Session): void {
    for (const [account, user] of session.cancelsOnDisconnect ?? []) {
      void this.#parts.cancels.carryOut(CancelCause.DISCONNECT, account, user);
    }
    session.cancelsOnDisconnect = null;
  }

  /** Ends connections that may not stay. Call it every SWEEP_INTERVAL_MS. */
  sweep(): void {
    this.#parts.look.look(this.#sessions.size);
    this.#sweep.sweep(this.#sessions);
    this.#parts.issued.sweep(this.#sessions);
    this.#parts.load.look(this.#sessions);
  }

  /** Whether the answer to a request is to be the last on its HTTP connection, because its peer has too many connections. */
  takeLastAnswer(request: Request, server: HttpServer): boolean {
    return this.#parts.look.takeLastAnswer(() => server.requestIP(request)?.address);
  }

  /** From now on, connections to this port are those of clients. */
  listensOn(port: number): void {
    this.#parts.look.listensOn(port);
  }

  /** Bytes that clients have not read yet, as of the last sweep. */
  get unreadBytes(): number {
    return this.#sweep.unreadBytes;
  }

  /** Bytes of messages that have come in part, as of the last sweep. */
  get halfReadBytes(): number {
    return this.#sweep.halfReadBytes;
  }

  /** Called when a key was revoked or its end has changed. The connections that logged in with it end with it. */
  onKeyChanged(key: ApiKey): void {
    for (const session of this.#sessions) {
      const { login } = session;
      if (login?.key?.apiKey !== key.apiKey) continue;
      if (key.revokedAt !== null) session.close(CloseCode.KEY_REVOKED, "API key revoked");
      else session.login = { ...login, key };
    }
  }

  /** Called when a session was ended. The connections that logged in with its token end with it. */
  onSessionEnded({ id }: TokenSession): void {
    for (const session of this.#sessions) {
      if (session.login?.session?.id !== id) continue;
      session.close(CloseCode.KEY_REVOKED, "session ended");
    }
  }

  /** Called when a user has changed. Connections of a disabled user are closed. */
  onUserChanged({ number, disabledAt }: User): void {
    if (disabledAt === null) return;
    for (const session of this.#sessions) {
      if (session.login?.caller.user.number !== number) continue;
      session.close(CloseCode.KEY_REVOKED, "user disabled");
    }
  }

  /** Called at shutdown. Cancels the orders of connections with `cancel_on_disconnect`. */
  cancelOrders(): void {
    for (const session of this.#sessions) this.#cancelOrders(session);
  }

  /** Closes all connections, because the exchange is down. */
  close(): void {
    for (const session of this.#sessions) session.close(CloseCode.RESTART, "shutting down");
  }
}
